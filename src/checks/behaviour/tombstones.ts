import { factsOf } from '../../evidence/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';

/** AIDs of AOSP: root, system, shell. */
const PRIVILEGED: ReadonlyMap<number, string> = new Map([
  [0, 'root'],
  [1000, 'system'],
  [2000, 'shell'],
]);

export const tombstones = defineCheck({
  id: 'behaviour.tombstones',
  axis: 'posture',
  title: 'Crashes of privileged programs',
  what: 'Tombstones of programs that ran as root, system or shell.',
  why: 'An exploit that fails crashes what it attacked; so do patched system programs.',
  benign: ['System programs of genuine phones crash too, on some models daily.'],
  confirm: 'Read the tombstone: which program, which library, whether it repeats.',
  strength: 'weak',
  standing: 'told',
  needs: ['package-traces'],
  settledBy: 'the tombstones of a bugreport',
  group: 'tombstones',
  causes: ['tool', 'ota', 'repair'],
  catches: undefined,
  spec: ['AOSP system/core/debuggerd', 'mvt-project/mvt: tombstone crashes module'],
  run({ facts }) {
    let seen = false;
    const findings = factsOf(facts, 'package-traces').flatMap((fact) =>
      fact.value.flatMap((item): Draft[] => {
        if (item.source !== 'tombstone') return [];
        seen = true;
        const user = item.uid === undefined ? undefined : PRIVILEGED.get(item.uid % 100_000);
        if (user === undefined) return [];
        return [
          {
            claimed: 'privileged programs run undisturbed',
            observed: `${item.package} crashed as ${user}${item.when === undefined ? '' : ` (${item.when})`}${item.detail === undefined ? '' : `: ${item.detail.slice(0, 200)}`}`,
            because: 'A program with rights over the system stopped on an error; attacks on it look like this, and so do faults.',
            standing: fact.standing,
            evidence: [item.place],
            strength: item.uid === 1000 ? 'note' : 'weak',
          },
        ];
      }),
    );
    return seen ? failOrPass(findings.slice(0, 100), 'told') : notChecked('no tombstone was read', 'the tombstones of a bugreport');
  },
});
