import { said } from '../boot/index.ts';
import { type Definition, defineClause } from './cdd.ts';

/**
 * `VERSION.RELEASE`, which 3.2.2 leaves to a page of its own: source.android.com/docs/compatibility/VERSION/versions, as read of these. Those of 6.0 and 8.0 leave out what
 * Google's own builds state (6.0.1, 8.0.0), and those of 7.0, 7.1, 8.1, 13 and 16 were not read: they judge nobody.
 */
const PERMITTED: Readonly<Partial<Record<Definition, readonly string[]>>> = {
  '4.4': ['4.4', '4.4.1', '4.4.2', '4.4.3', '4.4.4'],
  '5.0': ['5.0', '5.0.1', '5.0.2'],
  '5.1': ['5.1', '5.1.1'],
  '9': ['9'],
  '10': ['10'],
  '11': ['11'],
  '12': ['12'],
  '14': ['14'],
  '15': ['15'],
};

export const versionString = defineClause({
  id: 'cdd-version-string',
  section: '3.2.2',
  clause: { '9': 'C-0-1', '10': 'C-0-1', '11': 'C-0-1', '12': 'C-0-1', '14': 'VERSION.RELEASE', '15': 'VERSION.RELEASE' },
  unnumbered: { '4.4': {}, '5.0': {}, '5.1': {} },
  demands: 'the version is one of the permitted strings',
  why: 'Apps and web pages take the version for one that Android has. One that it never had was written by hand.',
  benign: ['Editions for watches and televisions have added to the version.'],
  settledBy: 'getprop with ro.build.version.release',
  decide(context, release) {
    const version = said(context, 'ro.build.version.release');
    if (version === undefined) return { open: 'the version was not read' };
    return PERMITTED[release]?.includes(version.value) === true
      ? { holds: true, standing: 'told' }
      : {
          broken: `ro.build.version.release is ${JSON.stringify(version.value.slice(0, 40))}`,
          standing: 'told',
          evidence: [version.place],
        };
  },
});
