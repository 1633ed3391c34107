import { said } from '../boot/index.ts';
import { defineClause } from './cdd.ts';

const KNOWN = new Set(['armeabi', 'armeabi-v7a', 'arm64-v8a', 'x86', 'x86_64']);

export const nativeAbis = defineClause({
  id: 'cdd-native-abis',
  section: '3.3.1',
  clause: 'C-0-6',
  unnumberedToo: true,
  demands: 'only the ABIs of the list are reported',
  why: 'An ABI that nobody defined is one for which no app was built.',
  benign: ['Phones of before Android 10 with MIPS, which the list of that time had.'],
  settledBy: 'getprop with ro.product.cpu.abilist',
  decide(context) {
    const list = said(context, 'ro.product.cpu.abilist');
    if (list === undefined) return { open: 'the list of ABIs was not read' };
    const other = list.value
      .split(',')
      .map((abi) => abi.trim())
      .filter((abi) => abi !== '' && !KNOWN.has(abi) && !abi.startsWith('mips'));
    return other.length === 0
      ? { holds: true, standing: 'told' }
      : { broken: `ro.product.cpu.abilist has ${other.join(', ').slice(0, 100)}`, standing: 'told', evidence: [list.place] };
  },
});
