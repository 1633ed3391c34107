import { type Fact, factsOf } from '../../evidence/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked, placesOf } from '../define.ts';

export const midrAgainstCpuinfo = defineCheck({
  id: 'silicon.midr',
  axis: 'software',
  title: 'MIDR registers against /proc/cpuinfo',
  what: 'regs/identification/midr_el1 of each core against implementer, variant, part and revision of the same processor in /proc/cpuinfo.',
  why: 'Who redirects /proc/cpuinfo to a file forgets that the same register can be read elsewhere. A camouflaged emulator was found so.',
  benign: ['Kernels before 4.7 have no such register files.'],
  confirm: 'Read both again; stat /proc/cpuinfo and look for a mount over it.',
  strength: 'conclusive',
  impossible:
    'An arm64 kernel prints both from one field, cpuinfo_arm64.reg_midr, read once per core at its start (arch/arm64/kernel/cpuinfo.c). They cannot differ unless one of them is not the kernel’s own.',
  standing: 'told',
  needs: ['cpuinfo', 'cpu-topology'],
  settledBy: '/proc/cpuinfo and /sys/devices/system/cpu/cpu*/regs of one phone',
  group: 'proc-files',
  causes: ['root'],
  catches: 'framework',
  spec: ['Linux arch/arm64/kernel/cpuinfo.c'],
  run({ facts }) {
    const findings: Draft[] = [];
    let compared = 0;
    for (const cpuinfo of factsOf(facts, 'cpuinfo')) {
      for (const topology of factsOf(facts, 'cpu-topology')) {
        const { same, differing } = compare(cpuinfo, topology);
        compared += same + differing.length;
        const [first] = differing;
        if (first === undefined) continue;
        findings.push({
          claimed: `/proc/cpuinfo: ${differing.map(({ index, stated }) => `core ${index} ${stated}`).join(', ')}`,
          observed: `midr_el1: ${differing.map(({ index, register }) => `core ${index} ${register}`).join(', ')}`,
          because: 'The kernel prints both from one register.',
          standing: 'shown',
          evidence: placesOf(cpuinfo, topology),
          nature: 'modified',
        });
      }
    }
    return compared === 0
      ? notChecked('no core states both', '/sys/devices/system/cpu/cpu0/regs (kernels from 4.7 on)')
      : failOrPass(findings, 'shown');
  },
});

interface Difference {
  readonly index: number;
  readonly stated: string;
  readonly register: string;
}

const hex = (value: number) => `0x${value.toString(16)}`;

function compare(
  cpuinfo: Fact<'cpuinfo'>,
  topology: Fact<'cpu-topology'>,
): { readonly same: number; readonly differing: readonly Difference[] } {
  let same = 0;
  const differing: Difference[] = [];
  for (const { index, midr } of topology.value.cores) {
    const core = cpuinfo.value.processors.find((processor) => processor.index === index);
    if (midr === undefined || core?.implementer === undefined || core.part === undefined) continue;
    const register = {
      implementer: Number((midr >> 24n) & 0xffn),
      variant: Number((midr >> 20n) & 0xfn),
      part: Number((midr >> 4n) & 0xfffn),
      revision: Number(midr & 0xfn),
    };
    const agrees =
      register.implementer === core.implementer &&
      register.part === core.part &&
      (core.variant === undefined || register.variant === core.variant) &&
      (core.revision === undefined || register.revision === core.revision);
    if (agrees) same++;
    else
      differing.push({
        index,
        stated: `${hex(core.implementer)}/${hex(core.part)}`,
        register: `${hex(register.implementer)}/${hex(register.part)}`,
      });
  }
  return { same, differing };
}
