import { factsOf } from '../../evidence/index.ts';
import { gpuFamilyOf, isSoftwareRenderer } from '../../knowledge/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked, placesOf } from '../define.ts';
import { chipName, vendorName } from './argue.ts';
import { inferSoc } from './infer.ts';
import type { SurfaceGroup } from './surface.ts';

/** Groups whose word is not the GPU driver's. */
export const BESIDES_GPU: readonly SurfaceGroup[] = [
  'properties',
  'property-keys',
  'cpuinfo',
  'cpu-sysfs',
  'soc-sysfs',
  'boot-log',
  'kernel-text',
  'kernel-names',
  'partition-names',
  'driver-names',
];

export const gpuAgainstChip = defineCheck({
  id: 'silicon.gpu',
  axis: 'software',
  title: 'The GPU against the chip',
  what: 'The family in the GLES line of SurfaceFlinger, against the maker of the chip that all other surfaces show.',
  why: 'The GPU is part of the chip: Adreno stands in Qualcomm’s chips only, and no chip of Qualcomm’s has another. A forged GLES string is how fakes pass graphics tests.',
  benign: ['Software rendering (SwiftShader, ANGLE, llvmpipe) names no GPU, and is not counted.'],
  confirm: 'Look for the driver’s nodes (/dev/kgsl-3d0, /dev/mali0) and at `cmd gpu vkjson`.',
  strength: 'conclusive',
  impossible:
    'The GLES string is printed by the driver of the GPU in the chip. Of 24,668 certified devices in the Google Play catalogue none has an Adreno beside another maker’s chip, or a chip of Qualcomm’s with another GPU.',
  standing: 'told',
  needs: ['gpu'],
  settledBy: 'dumpsys SurfaceFlinger (GLES line), getprop and /proc/cpuinfo',
  group: 'gpu',
  causes: ['root', 'property-edit'],
  catches: 'framework',
  spec: ['Google Play device catalogue, 2025-12-14'],
  run({ facts, knowledge }) {
    const inference = inferSoc(facts, knowledge, BESIDES_GPU);
    if (inference === undefined || inference.votes.size === 0)
      return notChecked('no other surface tells the chip’s maker', 'getprop and /proc/cpuinfo');
    const findings: Draft[] = [];
    let compared = false;
    for (const fact of factsOf(facts, 'gpu')) {
      const text = [fact.value.vendor, fact.value.renderer].filter((part) => part !== undefined).join(', ');
      const family = gpuFamilyOf(text);
      if (family === undefined || isSoftwareRenderer(text)) continue;
      compared = true;
      const tellers = [...inference.votes].filter(([, vendor]) => vendor === inference.vendor);
      if (family.vendors.includes(inference.vendor)) continue;
      // Two groups name the chip, and no group names one that could hold this GPU.
      const certain = tellers.length > 1 && ![...inference.votes.values()].some((vendor) => family.vendors.includes(vendor));
      findings.push({
        claimed: text,
        observed: chipName(inference),
        because: `${family.name} is not built into chips of ${vendorName(inference.vendor)}.`,
        standing: fact.standing,
        evidence: placesOf(fact, ...inference.surfaces.filter(({ vendor }) => vendor === inference.vendor).slice(0, 5)),
        nature: 'modified',
        names: chipName(inference),
        ...(certain ? {} : { strength: 'weak' as const }),
      });
    }
    if (!compared) return notChecked('the GLES line names no GPU that we know', 'dumpsys SurfaceFlinger while the screen is on');
    return failOrPass(findings, 'shown');
  },
});
