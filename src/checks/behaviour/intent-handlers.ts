import { factsOf } from '../../evidence/index.ts';
import { type Draft, defineCheck, failOrPass } from '../define.ts';
import { packagesOnce } from '../packages/index.ts';

/** Events that carry messages and calls. */
const PRIVATE =
  /^(android\.provider\.Telephony\.(SMS_RECEIVED|SMS_DELIVER|WAP_PUSH_RECEIVED|WAP_PUSH_DELIVER)|android\.intent\.action\.(NEW_OUTGOING_CALL|PHONE_STATE|DATA_SMS_RECEIVED)|android\.intent\.action\.NEW_OUTGOING_SMS)$/;

export const intentHandlers = defineCheck({
  id: 'behaviour.intent-handlers',
  axis: 'posture',
  title: 'Who listens to messages and calls',
  what: 'Receivers and activities of added packages that take incoming messages, outgoing calls and the state of the phone.',
  why: 'Spyware registers for exactly these events.',
  benign: ['Messaging and dialler apps, caller identification, one-time-password readers.'],
  confirm: 'dumpsys package; ask the owner about each app.',
  strength: 'weak',
  standing: 'told',
  needs: ['intent-handlers'],
  settledBy: 'the resolver tables of dumpsys package',
  group: 'intent-handlers',
  causes: ['owner-settings', 'retailer-apps'],
  catches: undefined,
  spec: ['AOSP android.content.Intent', 'mvt-project/mvt: dumpsys receivers and activities modules'],
  run(context) {
    const system = new Set(packagesOnce(context).flatMap(({ name, inSystem }) => (inSystem ? [name] : [])));
    const known = packagesOnce(context).length > 0;
    const findings = factsOf(context.facts, 'intent-handlers').flatMap((fact) =>
      fact.value.flatMap((item): Draft[] => {
        if (!PRIVATE.test(item.intent)) return [];
        const owned = system.has(item.package);
        return [
          {
            claimed: 'messages and calls go to their apps',
            observed: `${item.component} takes ${item.intent}${owned ? '; it belongs to the system' : ''}`,
            because: 'It learns of every such event.',
            standing: fact.standing,
            evidence: [item.place],
            // A system app may still be harmful: it is listed, and its package is judged elsewhere.
            ...(known && !owned ? {} : { strength: 'note' as const }),
          },
        ];
      }),
    );
    return failOrPass(findings.slice(0, 100), 'told');
  },
});
