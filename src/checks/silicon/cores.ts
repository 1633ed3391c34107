import { factsOf } from '../../evidence/index.ts';
import { namedSoc } from '../../knowledge/index.ts';
import { said } from '../boot/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { canHaveParts, coresInList, partsOf } from './cpu-surfaces.ts';

export const coreCount = defineCheck({
  id: 'silicon.cores',
  axis: 'software',
  title: 'Number and types of cores against the named chip',
  what: 'Cores that are possible, and their types, against every chip that the platform properties may mean.',
  why: 'A name of eight fast cores over four slow ones is the commonest lie about a chip.',
  benign: [
    'Chips with cores switched off are sold under the same platform name.',
    'Our table may lack a variant; genuine LC1860 phones count five cores.',
  ],
  confirm: 'Measure the scaling over pinned workers.',
  strength: 'weak',
  standing: 'told',
  needs: ['properties'],
  settledBy: 'getprop, /sys/devices/system/cpu and /proc/cpuinfo',
  group: 'silicon-properties',
  causes: ['property-edit', 'sku'],
  catches: 'framework',
  spec: ['Linux Documentation/admin-guide/cputopology.rst'],
  run(context) {
    const { facts, knowledge } = context;
    const platforms = ['ro.soc.model', 'ro.chipname', 'ro.hardware.chipname', 'ro.board.platform', 'ro.hardware']
      .map((key) => said(context, key))
      .filter((found) => found !== undefined);
    const meant = platforms.flatMap(({ value }) => namedSoc(value, knowledge.socs)?.socs ?? []);
    const [platform] = platforms;
    if (platform === undefined || meant.length === 0 || meant.some(({ cores }) => cores.length === 0))
      return notChecked('the properties name no chip whose cores we know', 'getprop of a phone with a chip of the table');
    const findings: Draft[] = [];
    let compared = false;
    const counts = [...new Set(meant.map(({ cores }) => cores.reduce((sum, { count }) => sum + count, 0)))];
    for (const fact of factsOf(facts, 'cpu-topology')) {
      const count = coresInList(fact.value.possible);
      if (count === undefined) continue;
      compared = true;
      if (counts.includes(count)) continue;
      findings.push({
        claimed: `${platform.value}: ${counts.join(' or ')} cores`,
        observed: `${count} cores`,
        because: 'No chip that these properties name has this number of cores.',
        standing: fact.standing,
        evidence: [platform.place, fact.place],
        nature: 'modified',
      });
    }
    for (const fact of factsOf(facts, 'cpuinfo')) {
      const parts = partsOf(fact);
      if (parts.length === 0) continue;
      compared = true;
      if (meant.some((soc) => canHaveParts(parts, soc) !== false)) continue;
      findings.push({
        claimed: `${platform.value}: ${[...new Set(meant.flatMap(({ cores }) => cores.map(({ name }) => name)))].join(', ')}`,
        observed: `cores ${parts.map(([i, p]) => `0x${i.toString(16)}/0x${p.toString(16)}`).join(', ')}`,
        because: 'No chip that these properties name has cores of this type.',
        standing: fact.standing,
        evidence: [platform.place, fact.place],
        nature: 'modified',
      });
    }
    return compared
      ? failOrPass(findings, 'shown')
      : notChecked('neither the number nor the types of the cores were read', '/proc/cpuinfo and /sys/devices/system/cpu');
  },
});
