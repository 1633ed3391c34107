import type { Check } from '../define.ts';
import { appOperations } from './app-operations.ts';
import { indicatorProperties } from './indicator-properties.ts';
import { intentHandlers } from './intent-handlers.ts';
import { packageHistory } from './package-history.ts';
import { packageTraces } from './package-traces.ts';
import { patchAge } from './patch-age.ts';
import { patterns } from './patterns.ts';
import { processes } from './processes.ts';
import { settings } from './settings.ts';
import { temporaryFiles } from './temporary-files.ts';
import { tombstones } from './tombstones.ts';

/** What happens and happened on the phone: mostly posture. Together with the packages and boot families it covers what MVT's Android modules detect. */
export const behaviourChecks: readonly Check[] = [
  settings,
  patchAge,
  appOperations,
  processes,
  packageHistory,
  packageTraces,
  tombstones,
  temporaryFiles,
  intentHandlers,
  indicatorProperties,
  patterns,
];
