import { resolveModel } from '../../../knowledge/index.ts';
import { said as property } from '../../boot/index.ts';
import { type CheckContext, type Draft, defineCheck, failOrPass, notChecked } from '../../define.ts';
import { answeredIn, SETTLED, whose } from './shared.ts';

export const browserIdentity = defineCheck({
  id: 'silicon.browser-identity',
  axis: 'software',
  title: 'Model and Android version that the browser names',
  what: 'The browser’s hints (model and version of the platform), against the properties.',
  why: 'Chrome asks Android’s framework by other ways than getprop: where properties are changed for some readers only, the two differ.',
  benign: [
    'Makers’ browsers may name the phone as it is sold.',
    'A browser that asks for the desktop’s pages, or hides its phone: where it names none, nothing is compared.',
    'The page was opened on another phone than the one at the cable.',
  ],
  confirm: 'Open the page in Chrome; read /system/build.prop and /vendor/build.prop.',
  strength: 'weak',
  standing: 'told',
  needs: ['browser-run'],
  settledBy: SETTLED,
  group: 'browser',
  causes: ['property-edit', 'root', 'tool'],
  catches: undefined,
  spec: ['WICG User-Agent Client Hints, getHighEntropyValues'],
  run(context) {
    const answered = answeredIn(context.facts);
    if (typeof answered === 'string') return notChecked(answered, SETTLED);
    const hints = answered.said.browser?.hints;
    if (hints === undefined || hints === null) return notChecked('the browser gives no hints of its phone', 'the same page in Chrome');
    if (hints.platform !== 'Android')
      return notChecked(
        `the browser says that it runs on ${hints.platform ?? 'nothing'}: a desktop’s pages are asked for, or it is no phone`,
        'the same page without the desktop’s view',
      );
    const model = property(context, 'ro.product.model')?.value;
    const release = property(context, 'ro.build.version.release')?.value;
    const pairs = [
      ...(isSaid(hints.model) && model !== undefined
        ? [{ what: 'the model', claimed: model, observed: hints.model, agrees: isSameModel(context, model, hints.model) }]
        : []),
      ...(isSaid(hints.platformVersion) && release !== undefined
        ? [
            {
              what: 'the Android version',
              claimed: release,
              observed: hints.platformVersion,
              agrees: majorOf(release) === majorOf(hints.platformVersion),
            },
          ]
        : []),
    ];
    if (pairs.length === 0)
      return notChecked(
        `the browser names ${isSaid(hints.model) ? hints.model : 'no model'}, and no property is there to compare`,
        'getprop over ADB',
      );
    return failOrPass(
      pairs.flatMap(({ what, claimed, observed, agrees }): Draft[] =>
        agrees
          ? []
          : [
              {
                claimed: `properties: ${claimed}`,
                observed: `the browser: ${observed} (${whose(answered)})`,
                because: `Both name ${what} of one running system.`,
                standing: 'told',
                evidence: [answered.place],
                nature: 'modified',
              },
            ],
      ),
      'told',
    );
  },
});

const isSaid = (text: string | null): text is string => text !== null && text !== '';
const majorOf = (version: string): string => /^\d+/.exec(version)?.[0] ?? version;

/** The same name, or two names of one model. */
function isSameModel({ knowledge }: CheckContext, one: string, other: string): boolean {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[\s_-]/g, '');
  if (plain(one) === plain(other)) return true;
  const [a, b] = [resolveModel(one, knowledge), resolveModel(other, knowledge)];
  return a !== undefined && b !== undefined && a.models.some((model) => b.models.includes(model));
}
