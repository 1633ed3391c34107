import type { SocVendor } from '../../knowledge/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { HARD_GROUPS, placesOfSurfaces, SILICON_GROUPS, sayings, speaking, standingOf, vendorName } from './argue.ts';
import { inferSoc } from './infer.ts';
import type { SurfaceGroup } from './surface.ts';

/** Groups whose word is one kernel's or one driver's own; names of drivers may be a bought radio's. */
const HARD = HARD_GROUPS;

export const surfacesAgree = defineCheck({
  id: 'silicon.surfaces',
  axis: 'software',
  title: 'Surfaces of the chip against each other',
  what: '/proc/cpuinfo, /sys (MIDR, topology, clocks), the chip’s own nodes, the kernel log, the GLES line and driver names, by groups that one edit reaches.',
  why: 'A redirected file tells one story and the rest of the kernel another. Nobody who fakes a chip keeps all surfaces in step.',
  benign: [
    'Radios, codecs and power chips are bought from other makers: names of their drivers alone say nothing, and are not counted alone.',
  ],
  confirm: 'Look for bind mounts over the file that differs, read stat of it, and run the timed challenges.',
  strength: 'conclusive',
  impossible:
    'One running kernel on one chip prints all of these. Two groups that each can only come from another maker’s chip cannot both be true of it.',
  standing: 'told',
  needs: [],
  settledBy: '/proc/cpuinfo, /sys/devices/system/cpu, driver names and the GLES line of one phone',
  group: 'silicon-surfaces',
  causes: ['root', 'property-edit'],
  catches: 'framework',
  spec: [],
  run({ facts, knowledge }) {
    const inference = inferSoc(facts, knowledge, SILICON_GROUPS);
    if (inference === undefined || inference.votes.size < 2)
      return notChecked(
        'fewer than two groups of surfaces tell the chip’s maker',
        '/proc/cpuinfo, /sys/devices/system/cpu, driver names and the GLES line',
      );
    const sides = [...Map.groupBy(inference.votes, ([, vendor]) => vendor)].map(
      ([vendor, votes]): readonly [SocVendor, readonly SurfaceGroup[]] => [vendor, votes.map(([group]) => group)],
    );
    const [main, ...others] = sides.toSorted((a, b) => b[1].length - a[1].length);
    if (main === undefined || others.length === 0) return failOrPass([], 'shown');
    const kept = speaking(inference, main[1], main[0]);
    return failOrPass(
      others.flatMap(([vendor, groups]): Draft[] => {
        const differing = speaking(inference, groups, vendor);
        const [first, ...rest] = differing;
        if (first === undefined) return [];
        const certain = groups.some((group) => HARD.includes(group)) && main[1].some((group) => HARD.includes(group) || main[1].length > 1);
        return [
          {
            claimed: `${vendorName(vendor)}: ${sayings(differing)}`,
            observed: `${vendorName(main[0])}: ${sayings(kept)}`,
            because: `These surfaces are of one kernel on one chip, and name chips of ${vendorName(vendor)} and of ${vendorName(main[0])}.`,
            standing: standingOf([...differing, ...kept]),
            evidence: placesOfSurfaces(first, [...rest, ...kept]),
            nature: 'modified',
            names: `a chip of ${vendorName(main[0])}`,
            ...(certain ? {} : { strength: 'weak' as const }),
          },
        ];
      }),
      'shown',
    );
  },
});
