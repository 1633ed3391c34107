import { factsOf } from '../../../evidence/index.ts';
import { GIB } from '../../../knowledge/index.ts';
import { type CheckContext, type Draft, defineCheck, failOrPass, notChecked } from '../../define.ts';
import { coresInList } from '../cpu-surfaces.ts';
import { answeredIn, SETTLED, whose } from './shared.ts';

/** GiB that browsers round up to and stop at, whatever there is: it is enough to choose a page by (W3C Device Memory, 3; Chrome's bounds have moved). */
const [LEAST_GIB, MOST_GIB] = [2, 8];
/** The kernel has no less than this part of what was sold (see silicon.memory). */
const KEPT = 0.55;

export const browserMemory = defineCheck({
  id: 'silicon.browser-memory',
  axis: 'hardware',
  title: 'Memory and cores that the browser counts',
  what: 'The browser’s memory, which is the phone’s to the next power of two, against MemTotal and the memory that is claimed; its number of cores against those that the kernel calls possible.',
  why: 'A browser asks the kernel by itself. A framework that prints more memory than there is does not reach it.',
  benign: [
    'Browsers that protect their users from being recognised say less memory and fewer cores, or none.',
    'Cores that are switched off are not counted by every browser.',
    'The page was opened on another phone than the one at the cable, or on the one that was read before an exchange of its board.',
  ],
  confirm: 'Open the page in Chrome; fill memory by challenge (`--challenge --challenge-memory`).',
  strength: 'weak',
  standing: 'told',
  needs: ['browser-run'],
  settledBy: SETTLED,
  group: 'browser',
  causes: ['other-silicon', 'root', 'tool', 'repair'],
  catches: undefined,
  spec: ['W3C Device Memory, 3', 'WHATWG HTML, navigator.hardwareConcurrency'],
  run(context) {
    const answered = answeredIn(context.facts);
    if (typeof answered === 'string') return notChecked(answered, SETTLED);
    const { memoryGib, cores } = answered.said.browser ?? {};
    const compared = [
      ...(isPositive(memoryGib) ? memoryOf(context, memoryGib) : []),
      ...(isPositive(cores) ? coresOf(context, cores) : []),
    ];
    if (compared.length === 0)
      return notChecked(
        isPositive(memoryGib) || isPositive(cores)
          ? 'nothing else tells memory or cores'
          : 'the browser counts neither memory nor cores for this page',
        '/proc/meminfo and /sys/devices/system/cpu over ADB, and the page as a secure one in Chrome',
      );
    return failOrPass(
      compared.flatMap(({ agrees, claimed, observed, because }): Draft[] =>
        agrees ? [] : [{ claimed, observed: `${observed} (${whose(answered)})`, because, standing: 'told', evidence: [answered.place] }],
      ),
      'told',
    );
  },
});

const isPositive = (value: number | null | undefined): value is number => typeof value === 'number' && value > 0;

interface Compared {
  readonly agrees: boolean;
  readonly claimed: string;
  readonly observed: string;
  readonly because: string;
}

/** Whether a browser may say this of memory between two sizes: it rounds to a power of two, and stops at some size. */
const mayStandFor = (said: number, least: number, most: number): boolean =>
  said <= Math.max(LEAST_GIB, 2 ** Math.ceil(Math.log2(most / GIB))) && said >= Math.min(MOST_GIB, 2 ** Math.floor(Math.log2(least / GIB)));

function memoryOf({ facts, claims }: CheckContext, said: number): readonly Compared[] {
  const sizes = [
    ...factsOf(facts, 'memory').flatMap(({ value: { totalBytes } }) =>
      totalBytes === undefined
        ? []
        : [{ least: totalBytes, most: totalBytes, who: `the kernel: ${(totalBytes / GIB).toFixed(1)} GiB (MemTotal)` }],
    ),
    ...(claims.memoryBytes === undefined
      ? []
      : [{ least: claims.memoryBytes * KEPT, most: claims.memoryBytes, who: `the claim: ${(claims.memoryBytes / GIB).toFixed(1)} GiB` }]),
  ];
  return sizes.map(({ least, most, who }) => ({
    agrees: mayStandFor(said, least, most),
    claimed: who,
    observed: `the browser: ${said} GiB`,
    because: 'A browser rounds the memory that the kernel gives it to a power of two; this is none beside it.',
  }));
}

const coresOf = ({ facts }: CheckContext, said: number): readonly Compared[] =>
  factsOf(facts, 'cpu-topology').flatMap(({ value: { possible } }) => {
    const count = coresInList(possible);
    if (count === undefined) return [];
    return [
      {
        // Fewer are said for privacy's sake, or where some are switched off.
        agrees: said <= count,
        claimed: `the kernel: ${count} possible cores`,
        observed: `the browser: ${said} cores`,
        because: 'No program is given more cores than the kernel has.',
      },
    ];
  });
