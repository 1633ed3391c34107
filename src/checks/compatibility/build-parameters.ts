import { said } from '../boot/index.ts';
import type { CheckContext } from '../define.ts';
import { type Decided, type Definition, defineClause } from './cdd.ts';

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
  ['SECURITY_PATCH', 'ro.build.version.security_patch', /^\d{4}-\d\d-\d\d$/],
];

/** Those to which the definition of Android 7.1 gives a form. */
const IN_7_1 = new Set(['BOARD', 'BRAND', 'DEVICE', 'ID', 'PRODUCT']);

export const buildParameters = defineClause({
  id: 'cdd-build-parameters',
  section: '3.2.2',
  clause: 'C-0-1',
  unnumberedToo: true,
  speaksForAll: true,
  demands: 'the build parameters have the forms of the table',
  why: 'Apps and services take these values for what the table says that they are. A value in another form was written by somebody who did not build with Android’s own tools.',
  benign: ['Makers have shipped brands and boards with a space or a dot.'],
  settledBy: 'getprop',
  decide: (context, release) => decide(context, release),
});

function decide(context: CheckContext, release: Definition): Decided {
  const read = FORMS.flatMap(([parameter, property, form]) => {
    if (release === '7.1' && !IN_7_1.has(parameter)) return [];
    const found = said(context, property);
    return found === undefined ? [] : [{ parameter, form, ...found }];
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
