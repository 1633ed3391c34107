import { type Facts, factsOf, property } from '../../evidence/index.ts';
import { GUARDED_SETTINGS } from '../../knowledge/packages/index.ts';
import { type Draft, defineCheck, failOrPass } from '../define.ts';

/** Two ways to write the same: `1` and `true`, an empty proxy and `:0`. */
const same = (value: string, safe: string): boolean =>
  value === safe ||
  value === 'null' ||
  (safe === '1' && value === 'true') ||
  (safe === '0' && (value === 'false' || value === '')) ||
  (safe === ':0' && value === '');

export const settings = defineCheck({
  id: 'behaviour.settings',
  axis: 'posture',
  title: 'Settings that lower the guard',
  what: 'Settings of scanning, installation, reporting and access against their safe values.',
  why: 'Turning off the scan of apps is the first step of many who install what should not be seen.',
  benign: [
    'Developers and owners change them; China’s phones have no Google scanner.',
    'Screen readers and password managers switch accessibility on.',
  ],
  confirm: 'Look in Settings, or run `settings get NAMESPACE KEY`.',
  strength: 'weak',
  standing: 'told',
  needs: ['settings'],
  settledBy: 'settings list system, secure and global',
  group: 'settings',
  causes: ['owner-settings', 'management', 'tool'],
  catches: undefined,
  spec: ['mvt-project/mvt: artifacts/settings.py, names', 'AOSP android.provider.Settings'],
  run({ facts }) {
    const sdk = sdkOf(facts);
    const findings = factsOf(facts, 'settings').flatMap((fact) =>
      fact.value.entries.flatMap(({ key, value, place }): Draft[] => {
        const row = GUARDED_SETTINGS.find((candidate) => candidate.key === key);
        if (row === undefined || same(value.trim(), row.safe) || (row.untilSdk !== undefined && (sdk === undefined || sdk > row.untilSdk)))
          return [];
        return [
          {
            claimed: `${key}=${row.safe}`,
            observed: `${fact.value.namespace} setting ${key}=${value.slice(0, 100)}`,
            because: `With this value ${row.says}.`,
            standing: fact.standing,
            evidence: [place],
          },
        ];
      }),
    );
    return failOrPass(findings, 'told');
  },
});

function sdkOf(facts: Facts): number | undefined {
  for (const { value } of factsOf(facts, 'properties')) {
    const sdk = Number(property(value, 'ro.build.version.sdk')?.value);
    if (Number.isInteger(sdk) && sdk > 0) return sdk;
  }
  return undefined;
}
