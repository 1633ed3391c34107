import { defineCheck, failOrPass, notChecked } from '../define.ts';
import { chipName, placesOfSurfaces, SILICON_GROUPS, sayings, speaking, standingOf, vendorName, votesAgainst } from './argue.ts';
import { inferSoc } from './infer.ts';

export const siliconProperties = defineCheck({
  id: 'silicon.own-properties',
  axis: 'software',
  title: 'The chip against the platform that the properties name',
  what: 'ro.board.platform, ro.hardware, ro.soc.* and their like, against the chip that cpuinfo, MIDR, drivers, GPU, the kernel log and the platform’s own property keys show.',
  why: 'A spoofed identity edits the values that people look at. The rest of the system goes on naming the chip that it runs on.',
  benign: ['A maker left another platform’s name in one property of a build: then one surface differs, not two groups.'],
  confirm:
    'Read /proc/cpuinfo, /proc/interrupts and the GLES line again, and compare them with the properties; then run the timed challenges.',
  strength: 'conclusive',
  impossible:
    'The kernel, its drivers and the GPU driver are compiled for one maker’s chips and bind on no other’s, and the system loads its graphics and other HALs by the very name that ro.board.platform and ro.hardware give (libhardware, hw_get_module): with another maker’s name there a genuine system would not have come up.',
  standing: 'told',
  needs: ['properties'],
  settledBy: 'getprop together with /proc/cpuinfo, /sys/devices/system/cpu and driver names',
  group: 'silicon-properties',
  causes: ['property-edit', 'rom-flash'],
  catches: 'framework',
  spec: ['AOSP hardware/libhardware/hardware.c'],
  run({ facts, knowledge }) {
    const inference = inferSoc(facts, knowledge);
    const claimed = inference?.votes.get('properties');
    if (inference === undefined || claimed === undefined) return notChecked('the properties do not name a chip maker', 'getprop');
    const among = [...SILICON_GROUPS, 'property-keys'] as const;
    if (!among.some((group) => inference.votes.has(group)))
      return notChecked('no other surface tells the chip’s maker', '/proc/cpuinfo, driver names, the GLES line');
    const votes = votesAgainst(inference, new Set([claimed]), among);
    if (votes === undefined) return failOrPass([], 'told');
    const silicon = inferSoc(facts, knowledge, among) ?? inference;
    const surfaces = speaking(inference, votes.groups, votes.vendor);
    const stated = speaking(inference, ['properties'], claimed);
    const [first, ...rest] = surfaces;
    if (first === undefined) return failOrPass([], 'told');
    return failOrPass(
      [
        {
          claimed: `${vendorName(claimed)}: ${sayings(stated)}`,
          observed: `${chipName(silicon)}: ${sayings(surfaces)}`,
          because: `The properties name a chip of ${vendorName(claimed)}; ${votes.groups.length} other groups of surfaces show one of ${vendorName(votes.vendor)}.`,
          standing: standingOf(surfaces),
          evidence: placesOfSurfaces(first, [...rest, ...stated]),
          nature: 'modified',
          names: chipName(silicon),
          ...(votes.groups.length > 1 && votes.others.length === 0 ? {} : { strength: 'weak' as const }),
        },
      ],
      'told',
    );
  },
});
