/**
 * Which chip each recorded phone has. The truth is what the recording's own maker-written strings say (ro.board.platform, ro.hardware, ro.chipname, Hardware of /proc/cpuinfo);
 * inferred once from everything, and once without the properties, as on a phone whose properties are not believed.
 */

import { inferSoc } from '../../src/checks/silicon/infer.ts';
import { factsOf, property } from '../../src/evidence/index.ts';
import { builtinKnowledge, familyOf, type NamedSoc, namedSoc } from '../../src/knowledge/index.ts';
import { type GenuineDevice, genuineDevices } from '../genuine-devices.ts';

export const collection = 'silicon';

const KEYS = [
  'ro.chipname',
  'ro.hardware.chipname',
  'ro.soc.model',
  'ro.mediatek.platform',
  'ro.hardware',
  'ro.board.platform',
  'ro.product.board',
];
/** Names that stand for many chips: they tell a vendor. */
const GENERIC = /^(?:exynos\d?|qcom|mrvl|common|sc8830|msm8960|msm8916|msm8952|msm7627a)$/i;

/** What the recording's strings call the chip: the finest name first. */
export function truthOf({ facts }: GenuineDevice): NamedSoc | undefined {
  const texts: string[] = [];
  for (const fact of factsOf(facts, 'cpuinfo')) if (fact.value.hardware !== undefined) texts.push(fact.value.hardware.value);
  for (const key of KEYS)
    for (const fact of factsOf(facts, 'properties')) {
      const value = property(fact.value, key)?.value;
      if (value !== undefined) texts.push(value);
    }
  const named = texts
    .map((text) => ({ text, named: namedSoc(text, builtinKnowledge.socs) }))
    .filter(({ named: found }) => found !== undefined);
  const fine = named.find(({ text, named: found }) => found?.name !== undefined && !GENERIC.test(text));
  return (fine ?? named.find(({ named: found }) => found?.name !== undefined) ?? named[0])?.named;
}

export async function run(dataDir: string): Promise<{ agree: number; differ: string[] } | undefined> {
  const devices = await genuineDevices(dataDir);
  if (devices.length === 0) return undefined;
  let agree = 0;
  const differ: string[] = [];
  const count = { vendor: [0, 0], family: [0, 0], blind: [0, 0] };
  const curve = new Map<string, boolean[]>();
  const confusion: string[] = [];
  const tally = (kind: keyof typeof count, right: boolean, message: string) => {
    count[kind][1] = (count[kind][1] ?? 0) + 1;
    if (right) {
      count[kind][0] = (count[kind][0] ?? 0) + 1;
      agree++;
    } else differ.push(message);
  };
  for (const device of devices) {
    const truth = truthOf(device);
    if (truth === undefined) continue;
    const all = inferSoc(device.facts, builtinKnowledge);
    tally('vendor', all?.vendor === truth.vendor, `${device.name}: vendor ${all?.vendor ?? 'not inferred'}, is ${truth.vendor}`);
    const families = truth.socs.map(familyOf);
    if (truth.name !== undefined && !GENERIC.test(truth.name) && all !== undefined) {
      const right = families.includes(all.family) || all.family === truth.name;
      tally(
        'family',
        right,
        `${device.name}: family ${all.family} (${all.familyProbability.toFixed(2)}), is ${families.join(' or ') || truth.name}`,
      );
    }
    const blind = inferSoc(device.facts, builtinKnowledge, [
      'cpuinfo',
      'cpu-sysfs',
      'soc-sysfs',
      'boot-log',
      'kernel-text',
      'gpu',
      'kernel-names',
      'partition-names',
      'driver-names',
    ]);
    if (blind !== undefined) {
      const bin =
        blind.vendorProbability >= 0.99
          ? '0.99-1'
          : blind.vendorProbability >= 0.9
            ? '0.9-0.99'
            : blind.vendorProbability >= 0.5
              ? '0.5-0.9'
              : '0-0.5';
      curve.set(bin, [...(curve.get(bin) ?? []), blind.vendor === truth.vendor]);
      if (blind.vendor !== truth.vendor) confusion.push(`${truth.vendor} taken for ${blind.vendor}`);
    }
    // Without its properties a phone may tell nothing: that is no error.
    if (blind !== undefined && blind.vendorProbability >= 0.9)
      tally(
        'blind',
        blind.vendor === truth.vendor,
        `${device.name}: without properties vendor ${blind.vendor} (${blind.vendorProbability.toFixed(2)}), is ${truth.vendor}`,
      );
  }
  for (const [kind, [right, of]] of Object.entries(count)) console.log(`  silicon ${kind}: ${right} of ${of}`);
  for (const [bin, right] of [...curve].toSorted(([a], [b]) => a.localeCompare(b)))
    console.log(`  silicon without properties, vendor probability ${bin}: right ${right.filter(Boolean).length} of ${right.length}`);
  if (confusion.length > 0) console.log(`  silicon confusion without properties: ${confusion.join(', ')}`);
  return { agree, differ };
}
