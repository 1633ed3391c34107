/** Families of clones that were seen: what they claim and what they are. For the words of a report; no check rests on them. */
export interface CloneFamily {
  readonly claims: string;
  readonly is: string;
  readonly seen: string;
  readonly sources: readonly string[];
}

export const cloneFamilies: readonly CloneFamily[] = [
  {
    claims: 'Xiaomi Mi 4 (Snapdragon 801)',
    is: 'a counterfeit with the maker labels copied inside, no official MIUI, doctored checker apps; its chip was not published',
    seen: '2015, China',
    sources: ["Bluebox Labs and Xiaomi's statements of 5 to 9 March 2015"],
  },
  {
    claims: 'Samsung Galaxy S5',
    is: 'a MediaTek phone: its USB descriptor said mtk65xx',
    seen: '2014',
    sources: ['diarionet.info'],
  },
  {
    claims: 'P48pro, radmi note 8, Note30u, Mate40: Android 10',
    is: 'Android 4.4.2 with a backdoor in libcutils.so and libmtd.so',
    seen: '2022',
    sources: ['Doctor Web, August 2022'],
  },
  {
    claims: 'S23 Ultra, Note 13 Pro, P70 Ultra (SHOWJI): Android 14',
    is: 'cheap phones whose Settings, AIDA64 and CPU-Z show false specifications',
    seen: '2024 to 2025',
    sources: ['Doctor Web, April 2025 (Shibai)'],
  },
  {
    claims: 'flagships, mostly of Samsung (36 %)',
    is: 'cheap quad-core chips (60 %), often with 720p screens',
    seen: '2017, 2.64 % of the phones that AnTuTu met',
    sources: ['AnTuTu, 2017'],
  },
];
