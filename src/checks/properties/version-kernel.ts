import { type Fact, factsOf, property } from '../../evidence/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { claimedSdk, nonEmpty } from './images.ts';

type Kernel = readonly [major: number, minor: number];

/**
 * The least kernel of official builds. From API level 33 on the network stack's BPF loader refuses others (AOSP packages/modules/Connectivity, NetBpfLoad.cpp);
 * 30 and 28: the least in the framework compatibility matrices, and what non-Treble updates to Android 9 ran on.
 */
const LEAST: readonly (readonly [sdk: number, least: Kernel])[] = [
  [35, [4, 19]],
  [34, [4, 14]],
  [33, [4, 9]],
  [30, [3, 18]],
  [28, [3, 10]],
  [21, [3, 0]],
];

/** When long-term kernels were first released, as year and month. Source: kernel.org. */
const RELEASED: readonly (readonly [kernel: Kernel, year: number, month: number])[] = [
  [[3, 4], 2012, 5],
  [[3, 10], 2013, 6],
  [[3, 18], 2014, 12],
  [[4, 4], 2016, 1],
  [[4, 9], 2016, 12],
  [[4, 14], 2017, 11],
  [[4, 19], 2018, 10],
  [[5, 4], 2019, 11],
  [[5, 10], 2020, 12],
  [[5, 15], 2021, 10],
  [[6, 1], 2022, 12],
  [[6, 6], 2023, 10],
  [[6, 12], 2024, 11],
];

const isBefore = ([a, b]: Kernel, [c, d]: Kernel) => a < c || (a === c && b < d);

export const kernelAgainstVersion = defineCheck({
  id: 'properties.version-kernel',
  axis: 'software',
  title: 'Kernel against the claimed version and build date',
  what: 'The kernel’s version against the least one on which the claimed Android runs officially, and its first release against the build date.',
  why: 'A fake keeps the kernel of the system that it really runs; a script answers with a kernel that did not exist when the build was made.',
  benign: [
    'Owners’ ROMs bring patched systems to old kernels: they are another system than the maker’s, and mostly say so.',
    'A build machine with a wrong clock; dates before 2010 are not looked at.',
  ],
  confirm: 'cat /proc/version; try features of the claimed version.',
  strength: 'conclusive',
  impossible:
    'Android 13, 14 and 15 do not come up below 4.9, 4.14 and 4.19, since the BPF loader ends with an error; Android 11 and 9 have no compatibility matrix for kernels below 3.18 and no certified update below 3.10. And no build holds a kernel whose version was released years after it. A gap of less than a year after the build is weak.',
  standing: 'told',
  needs: ['properties', 'kernel'],
  settledBy: '/proc/version or uname',
  group: 'version-behaviour',
  causes: ['property-edit', 'rom-flash'],
  catches: 'framework',
  spec: ['AOSP packages/modules/Connectivity: NetBpfLoad.cpp', 'AOSP hardware/interfaces/compatibility_matrices', 'kernel.org'],
  run({ facts }) {
    const kernels = factsOf(facts, 'kernel').flatMap((fact) => {
      const [, major, minor] = /^(\d{1,2})\.(\d{1,3})/.exec(fact.value.version ?? fact.value.release ?? '') ?? [];
      return major === undefined || minor === undefined ? [] : [{ fact, kernel: [Number(major), Number(minor)] as const }];
    });
    if (kernels.length === 0) return notChecked('the kernel’s version was not read', '/proc/version');
    const claimed = claimedSdk(facts);
    if (claimed === undefined) return notChecked('the phone does not state its API level', 'getprop');
    const findings = kernels.flatMap(({ fact, kernel }) => [...tooOld(kernel, fact, claimed), ...tooNew(kernel, fact, claimed)]);
    return failOrPass(findings, 'shown');
  },
});

type Claimed = NonNullable<ReturnType<typeof claimedSdk>>;

function tooOld(kernel: Kernel, fact: Fact<'kernel'>, claimed: Claimed): readonly Draft[] {
  const least = LEAST.find(([sdk]) => sdk <= claimed.sdk);
  if (least === undefined || !isBefore(kernel, least[1])) return [];
  return [
    {
      claimed: `API level ${claimed.sdk}`,
      observed: `kernel ${kernel.join('.')}`,
      because: `No official build of API level ${least[0]} or later runs on a kernel before ${least[1].join('.')}.`,
      standing: fact.standing,
      evidence: [claimed.stated.place, fact.place],
      nature: 'mixed',
      ...(least[0] >= 28 ? {} : { strength: 'weak' as const }),
    },
  ];
}

function tooNew(kernel: Kernel, fact: Fact<'kernel'>, claimed: Claimed): readonly Draft[] {
  const date = nonEmpty(property(claimed.fact.value, 'ro.build.date.utc'));
  const seconds = /^\d{9,10}$/.test(date?.value ?? '') ? Number(date?.value) : 0;
  const released = RELEASED.findLast(([first]) => !isBefore(kernel, first));
  if (date === undefined || released === undefined || seconds < 1_262_304_000) return [];
  // Months of 30.4 days since 1970: nothing finer is needed.
  const years = (released[1] * 12 + released[2] - (1970 * 12 + 1 + seconds / 2_629_746)) / 12;
  if (years <= 0.25) return [];
  return [
    {
      claimed: `a build of ${date.key}=${date.value}`,
      observed: `kernel ${kernel.join('.')}`,
      because: `Linux ${released[0].join('.')} was first released ${years.toFixed(1)} years after the build.`,
      standing: fact.standing,
      evidence: [date.place, fact.place],
      nature: 'modified',
      ...(years > 1 ? {} : { strength: 'weak' as const }),
    },
  ];
}
