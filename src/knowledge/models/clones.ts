/** Families of clones that were seen: what they claim and what they are. For the words of a report; no check rests on them. Packs add their own. */
import type { CloneFamily, Knowledge } from '../types.ts';
import { normalName, resolveModel } from './resolve.ts';

export const cloneFamilies: readonly CloneFamily[] = [
  {
    claims: 'Xiaomi Mi 4 (Snapdragon 801)',
    models: ['MI 4', 'MI 4LTE', 'MI 4W'],
    is: 'a counterfeit with the maker labels copied inside, no official MIUI, doctored checker apps; its chip was not published',
    seen: '2015, China',
    sources: ["Bluebox Labs and Xiaomi's statements of 5 to 9 March 2015"],
  },
  {
    claims: 'Samsung Galaxy S5',
    models: ['Galaxy S5', 'SM-G900F'],
    is: 'a MediaTek phone: its USB descriptor said mtk65xx',
    seen: '2014',
    sources: ['diarionet.info'],
  },
  {
    claims: 'P48pro, radmi note 8, Note30u, Mate40: Android 10',
    models: ['P48pro', 'radmi note 8', 'Note30u', 'Mate40'],
    is: 'Android 4.4.2 with a backdoor in libcutils.so and libmtd.so',
    seen: '2022',
    sources: ['Doctor Web, August 2022'],
  },
  {
    claims: 'S23 Ultra, Note 13 Pro, P70 Ultra (SHOWJI): Android 14',
    models: ['S23 Ultra', 'Galaxy S23 Ultra', 'Note 13 Pro', 'P70 Ultra'],
    is: 'cheap phones whose Settings, AIDA64 and CPU-Z show false specifications',
    seen: '2024 to 2025',
    sources: ['Doctor Web, April 2025 (Shibai)'],
  },
  {
    claims: 'flagships, mostly of Samsung (36 %)',
    models: [],
    is: 'cheap quad-core chips (60 %), often with 720p screens',
    seen: '2017, 2.64 % of the phones that AnTuTu met',
    sources: ['AnTuTu, 2017'],
  },
];

/** Families that were seen to claim this model, by any of its names. */
export function clonesClaiming(name: string, knowledge: Pick<Knowledge, 'clones' | 'models'>): readonly CloneFamily[] {
  const model = resolveModel(name, knowledge);
  const names = new Set(
    [name, ...(model?.skus ?? []).flatMap(({ models }) => models), ...(model?.models ?? []).flatMap((one) => one.names)].map(normalName),
  );
  return (knowledge.clones ?? []).filter(({ models }) => models.some((one) => names.has(normalName(one))));
}
