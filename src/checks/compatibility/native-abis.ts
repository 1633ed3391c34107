import { said } from '../boot/index.ts';
import type { CheckContext } from '../define.ts';
import { ALL_UNNUMBERED, type Decided, defineClause } from './cdd.ts';

const KNOWN = new Set(['armeabi', 'armeabi-v7a', 'arm64-v8a', 'x86', 'x86_64']);
/** What the first of the two ABIs is before there is a list: 3.3.1 of Android 4.4. */
const FIRST_4_4 = new Set(['armeabi-v7a', 'x86', 'mips']);

const isKnown = (abi: string) => KNOWN.has(abi) || abi.startsWith('mips');

export const nativeAbis = defineClause({
  id: 'cdd-native-abis',
  section: '3.3.1',
  clause: 'C-0-6',
  unnumbered: ALL_UNNUMBERED,
  demands: 'only the ABIs of the list are reported',
  why: 'An ABI that nobody defined is one for which no app was built.',
  benign: ['Phones of before Android 10 with MIPS, which the list of that time had.'],
  settledBy: 'getprop with ro.product.cpu.abilist, or ro.product.cpu.abi of Android 4.4',
  decide(context, release) {
    if (release === '4.4') return decideTwo(context);
    const list = said(context, 'ro.product.cpu.abilist');
    if (list === undefined) return { open: 'the list of ABIs was not read' };
    const other = list.value
      .split(',')
      .map((abi) => abi.trim())
      .filter((abi) => abi !== '' && !isKnown(abi));
    return other.length === 0
      ? { holds: true, standing: 'told' }
      : { broken: `ro.product.cpu.abilist has ${other.join(', ').slice(0, 100)}`, standing: 'told', evidence: [list.place] };
  },
});

/** Android 4.4 has no list, but a first and a second ABI. */
function decideTwo(context: CheckContext): Decided {
  const first = said(context, 'ro.product.cpu.abi');
  const second = said(context, 'ro.product.cpu.abi2');
  if (first === undefined) return { open: 'the ABIs were not read' };
  const wrong = [
    ...(FIRST_4_4.has(first.value) ? [] : [first]),
    ...(second === undefined || second.value === '' || isKnown(second.value) ? [] : [second]),
  ];
  const [one, ...rest] = wrong;
  if (one === undefined) return { holds: true, standing: 'told' };
  return {
    broken: `the phone reports ${wrong.map(({ value }) => value.slice(0, 40)).join(' and ')}`,
    standing: 'told',
    evidence: [one.place, ...rest.map(({ place }) => place)],
  };
}
