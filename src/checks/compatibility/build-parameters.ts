import { said } from '../boot/index.ts';
import type { CheckContext } from '../define.ts';
import { ALL_UNNUMBERED, type Decided, type Definition, defineClause } from './cdd.ts';

/** Parameter, property, and the form that 3.2.2 gives it. */
const FORMS: readonly (readonly [parameter: string, property: string, form: RegExp])[] = [
  ['VERSION.INCREMENTAL', 'ro.build.version.incremental', /^[^ :/~]+$/],
  ['BOARD', 'ro.product.board', /^[a-zA-Z0-9_-]+$/],
  ['BRAND', 'ro.product.brand', /^[a-zA-Z0-9_-]+$/],
  ['DEVICE', 'ro.product.device', /^[a-zA-Z0-9_-]+$/],
  ['ID', 'ro.build.id', /^[a-zA-Z0-9._-]+$/],
  ['PRODUCT', 'ro.product.name', /^[a-zA-Z0-9_-]+$/],
  ['TAGS', 'ro.build.tags', /^[a-zA-Z0-9._,-]+$/],
  ['TYPE', 'ro.build.type', /^[a-zA-Z0-9._-]+$/],
  ['FINGERPRINT', 'ro.build.fingerprint', /^[!-~]+$/],
  ['SECURITY_PATCH', 'ro.build.version.security_patch', /^\d{4}-\d\d-\d\d$/],
];

/** The oldest definition has commas and dots in all of them, and no patch level. Source: 3.2.2 of each. */
const FORM_4_4 = /^[a-zA-Z0-9.,_-]+$/;
/** From 5.0 to 7.1 these take one of a few values; the tags are a list. */
const TAGS_BEFORE_8 = /^(?:[!-~]*,)?(?:release|dev|test)-keys(?:,[!-~]*)?$/;
const TYPE_BEFORE_8 = /^(?:user|userdebug|eng)$/;

/** `VERSION.SDK_INT`, which 3.2.2 gives for each version. Android 12 has a 12L under the same release. */
const SDK: Readonly<Partial<Record<Definition, RegExp>>> = {
  '4.4': /^19$/,
  '5.0': /^21$/,
  '5.1': /^22$/,
  '6.0': /^23$/,
  '7.0': /^24$/,
  '7.1': /^25$/,
  '8.0': /^26$/,
  '8.1': /^27$/,
  '9': /^28$/,
  '10': /^29$/,
  '11': /^30$/,
  '12': /^3[12]$/,
  '13': /^33$/,
};

const BEFORE_8: ReadonlySet<Definition> = new Set(['5.0', '5.1', '6.0', '7.0', '7.1']);
const BEFORE_PATCH_LEVELS: ReadonlySet<Definition> = new Set(['4.4', '5.0', '5.1']);

/** The form that a definition gives a parameter; undefined where it gives none. */
function formIn(parameter: string, form: RegExp, release: Definition): RegExp | undefined {
  if (parameter === 'SECURITY_PATCH') return BEFORE_PATCH_LEVELS.has(release) ? undefined : form;
  // Every definition has it: not empty. The later ones name characters too.
  if (parameter === 'VERSION.INCREMENTAL') return release === '4.4' || BEFORE_8.has(release) ? undefined : form;
  if (release === '4.4') return parameter === 'FINGERPRINT' ? form : FORM_4_4;
  if (!BEFORE_8.has(release)) return form;
  return parameter === 'TAGS' ? TAGS_BEFORE_8 : parameter === 'TYPE' ? TYPE_BEFORE_8 : form;
}

export const buildParameters = defineClause({
  id: 'cdd-build-parameters',
  section: '3.2.2',
  clause: 'C-0-1',
  unnumbered: ALL_UNNUMBERED,
  speaksForAll: true,
  demands: 'the build parameters have the forms of the table',
  why: 'Apps and services take these values for what the table says that they are. A value in another form was written by somebody who did not build with Android’s own tools.',
  benign: ['Makers have shipped brands and boards with a space or a dot.'],
  settledBy: 'getprop',
  decide: (context, release) => decide(context, release),
});

function decide(context: CheckContext, release: Definition): Decided {
  const forms = [...FORMS, ['VERSION.SDK', 'ro.build.version.sdk', SDK[release]] as const];
  const read = forms.flatMap(([parameter, property, known]) => {
    const form = parameter === 'VERSION.SDK' || known === undefined ? known : formIn(parameter, known, release);
    const found = form === undefined ? undefined : said(context, property);
    return form === undefined || found === undefined ? [] : [{ parameter, form, ...found }];
  });
  if (read.length === 0) return { open: 'none of the build parameters was read' };
  const wrong = read.filter(({ form, value }) => !form.test(value));
  const [first, ...rest] = wrong;
  if (first === undefined) return { holds: true, standing: 'told' };
  return {
    broken: wrong.map(({ parameter, value }) => `${parameter} is ${JSON.stringify(value.slice(0, 60))}`).join('; '),
    standing: 'told',
    evidence: [first.place, ...rest.map(({ place }) => place)],
  };
}
