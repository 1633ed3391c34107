import { readStorageProof, type StorageProof } from '../../challenges/index.ts';
import { type Draft, defineCheck, notChecked, type Outcome } from '../define.ts';
import { conversationsOf } from './executed-argue.ts';

const SETTLED = 'a live inspection with `--challenge --challenge-storage`';
/** Nanoseconds below which a page of 4 KiB was not read from flash: the fastest that phones have takes some 50 µs for one page at a time. */
const FROM_MEMORY_NS = 15_000;

const gib = (bytes: number) => (bytes / 2 ** 30).toFixed(2);

export const storageProof = defineCheck({
  id: 'silicon.storage-proof',
  axis: 'hardware',
  title: 'Storage that keeps what is written',
  what: 'Space reserved up to what the phone says is free, less a margin, and pages written to files without names, read back in an order that the host chooses page by page and recomputes without a table.',
  why: 'A framework can print any size, and a store can take any address. What it does not have it cannot reserve, or cannot give back.',
  benign: [
    'Another program filled the storage in the meantime.',
    'A quota, or a file system that reserves less than it has free.',
    'Worn flash that is about to fail: then its data are lost all the same.',
  ],
  confirm: 'Run it again with more to write. Open the phone and read the storage chip.',
  // No phone was ever judged by it; and a store that wraps takes what is reserved beyond its room: reading back is one nature of evidence, and one alone convicts nobody.
  strength: 'weak',
  standing: 'told',
  needs: ['challenges'],
  settledBy: SETTLED,
  group: 'storage-proof',
  causes: ['other-silicon', 'sku', 'repair'],
  catches: undefined,
  spec: ['Linux Documentation/filesystems/ext4, f2fs; man 2 fallocate, posix_fadvise'],
  run(context): Outcome {
    const conversations = conversationsOf(context);
    const proof = conversations?.readings.map(readStorageProof).find((one) => one !== undefined);
    const [place, ...rest] = conversations?.places ?? [];
    if (conversations === undefined || proof === undefined || place === undefined)
      return notChecked('nothing was written to storage: it was not asked for, or the phone did not say what is free', SETTLED);
    const [first, ...others] = against(proof).map(
      (draft): Draft => ({ ...draft, standing: conversations.standing, evidence: [place, ...rest] }),
    );
    if (first !== undefined) return { outcome: 'fail', findings: [first, ...others] };
    return notChecked(restOf(proof), 'nothing: what lies beyond was not tried, and could not be without filling the phone');
  },
});

/** What contradicts itself: each of another nature, by file system and by medium. */
function against(proof: StorageProof): readonly Pick<Draft, 'claimed' | 'observed' | 'because'>[] {
  const { left, fullAt, isBroken, rounds, wrong, wraps, isControlled, filledBytes } = proof;
  return [
    ...(fullAt === undefined
      ? []
      : [
          {
            claimed: `${gib(left.available)} GiB are free, as the phone says`,
            observed: `after ${gib(fullAt)} GiB there was no space left`,
            because: 'A file system that has the space it says it has can reserve it.',
          },
        ]),
    ...(isBroken
      ? [
          {
            claimed: `${gib(left.available)} GiB are free, as the phone says`,
            observed: `the medium answered with an error after ${gib(filledBytes)} GiB`,
            because:
              'Storage that is there takes and gives back; this failed at it, as one does that is worn out or that only claims its size.',
          },
        ]
      : []),
    ...(wrong === 0
      ? []
      : [
          {
            claimed: `${gib(filledBytes)} GiB were written, and were said to be on the medium`,
            observed: `${wrong} of ${rounds} rounds of pages came back as something else${wraps === undefined ? '' : `, ${wraps.rounds} of them exactly as what was written ${gib(wraps.bytes)} GiB and more further on`}`,
            because:
              wraps === undefined
                ? 'Storage gives back what was written. What only claims its size loses it, or puts it over what was there.'
                : `No worn cell makes up the numbers of another page: two addresses lead to one place, as in a store that only claims its size.${isControlled === true ? ' The first of them came back right before more was written: the program keeps its files apart.' : ''}`,
          },
        ]),
  ];
}

function restOf({ reservedBytes, filledBytes, rounds, unread, pageNs, left }: StorageProof): string {
  const reserved = `${gib(reservedBytes)} of ${gib(left.available)} GiB free could be reserved`;
  if (filledBytes === 0) return `${reserved}; nothing was filled: too little is free, or it took nothing`;
  if (rounds === 0 || pageNs === undefined || unread > 0)
    return `${reserved}; ${gib(filledBytes)} GiB were filled, and ${rounds === 0 ? 'none were' : 'not all were'} read back`;
  if (pageNs < FROM_MEMORY_NS)
    return `${reserved}; ${gib(filledBytes)} GiB came back in ${(pageNs / 1000).toFixed(1)} µs a page: that is memory’s answer, and shows nothing of storage`;
  return `${reserved}; ${gib(filledBytes)} GiB were written and came back, at ${(pageNs / 1000).toFixed(0)} µs a page; more is not proved`;
}
