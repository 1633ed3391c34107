/**
 * node examples/case-zero.ts [FOLDER]: the argument of March 2015 about one phone, written as a case. What took four days of posts that were rewritten in place is
 * here a chain of entries, each with its source. The keys are made from public words and prove nothing but the form.
 */
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Instant } from '../src/bytes/index.ts';
import { nodeClock, nodeHash, nodeVerify } from '../src/platform/node/index.ts';
import { type NewEntry, parseCase, signEntry, verifyCase } from '../src/provenance/cases/index.ts';
import type { SignPort, TrustedSigner } from '../src/provenance/index.ts';
import { renderCaseHtml } from '../src/report/case/index.ts';

const LAB = { name: 'the security lab', role: 'lab' } as const;
const MAKER = { name: 'the maker', role: 'maker' } as const;
const US = { name: 'assay, from public sources', role: 'observer' } as const;

const source = (title: string, where: string) => ({ title, where });
const LAB_POST = source('the lab’s post, as of 5 March 2015', 'bluebox.com/technical/popular-xiaomi-phone-could-put-data-at-risk');
const REVIEWS = source('reports of what the lab did', 'xda-developers.com, softpedia.com, androidpolice.com, March 2015');
const LAST_WORD = source('the maker’s final statement, as printed', 'medianama.com; SC Magazine by techpartner.news, 9 March 2015');

type Fact = NewEntry extends infer Each ? (Each extends NewEntry ? Omit<Each, 'at' | 'withheld'> : never) : never;

/** Facts in their order. `happened` is the day that the sources give. */
const FACTS: readonly Fact[] = [
  {
    kind: 'opening',
    title: 'Case zero: is the phone that the lab bought the maker’s, and who put the software on it?',
    happened: '2015-03-05',
    by: US,
    text: 'A security lab bought a flagship phone, a Mi 4 LTE, over a counter in China and wrote about what it found on it. This case is its argument with the maker, put into the form that it lacked.',
    sources: [LAB_POST],
  },
  {
    kind: 'claim',
    happened: '2015-03-05',
    by: LAB,
    text: 'The phone is genuine: the maker’s own identification app says so, and so does a look inside.',
    sources: [LAB_POST, REVIEWS],
  },
  {
    kind: 'claim',
    happened: '2015-03-05',
    by: LAB,
    text: 'The maker’s phones come with malicious applications and an insecure system.',
    sources: [LAB_POST],
  },
  {
    kind: 'evidence',
    about: 2,
    speaks: 'for',
    happened: '2015-03-05',
    by: LAB,
    text: 'Six of the applications on it are suspicious. It is rooted, debugging is on, and it connects without asking. Its properties contradict each other.',
    sources: [LAB_POST, REVIEWS],
  },
  {
    kind: 'evidence',
    about: 2,
    speaks: 'against',
    happened: '2015-03-05',
    by: LAB,
    text: 'Several applications are not signed with the key that the maker signs with. The lab saw this, and read it as the work of a third party.',
    sources: [source('report on the lab’s findings', 'allsingaporestuff.com, March 2015')],
  },
  {
    kind: 'rebuttal',
    about: 2,
    happened: '2015-03-06',
    by: MAKER,
    text: 'It is not a standard build. Factory and update builds are never rooted, and the applications named are not ones that we install. We do not sell through such shops in China.',
    sources: [source('the maker’s mail, as printed', 'bluebox.com; vrzone.com, 6 March 2015')],
  },
  {
    kind: 'correction',
    about: 2,
    happened: '2015-03-06',
    by: LAB,
    text: 'The phone appears to have been tampered with on its way to the shop, by somebody who is not known. (In 2015 this was written over the post’s head; here the claim stays.)',
    sources: [source('the lab’s post, as of 6 March 2015', 'bluebox.com')],
  },
  {
    kind: 'rebuttal',
    about: 1,
    happened: '2015-03-08',
    by: MAKER,
    text: 'After testing, the phone is a counterfeit, and a very good one: at first it even defeated our own app.',
    sources: [source('the lab’s post, as of 8 March 2015', 'bluebox.com')],
  },
  {
    kind: 'evidence',
    about: 1,
    speaks: 'against',
    happened: '2015-03-09',
    by: LAB,
    text: 'A hidden folder held doctored copies of checking apps. Whoever installed the real one got the copy instead, and the copy said genuine. With the folder gone, the real app says counterfeit.',
    sources: [source('reports on the substituted app', 'droidmydrug.com; tweakers.net, 9 March 2015')],
  },
  {
    kind: 'promise',
    about: 1,
    due: '2015-03-10T03:00:00Z',
    happened: '2015-03-09T03:00:00Z',
    by: MAKER,
    text: 'A final answer within 24 hours. Shops also put changed copies of CPU-Z and AnTuTu on phones.',
    sources: [source('the maker to VR World, Monday 11:00 in China', 'vrworld.com, 9 March 2015')],
  },
  {
    kind: 'answer',
    about: 9,
    happened: '2015-03-09',
    by: MAKER,
    text: 'It is a counterfeit beyond doubt: hardware, IMEI and software show it.',
    sources: [LAST_WORD],
  },
  {
    kind: 'evidence',
    about: 1,
    speaks: 'against',
    happened: '2015-03-09',
    by: MAKER,
    text: 'Photos of the inside differ markedly from our board. (Who has no genuine board beside it cannot check this: the lab had judged the inside right.)',
    sources: [LAST_WORD],
  },
  {
    kind: 'evidence',
    about: 1,
    speaks: 'against',
    happened: '2015-03-09',
    by: MAKER,
    text: 'Its IMEI was seen in after-sales before, on other counterfeits. (Only the maker, an operator or a shared registry can check this.)',
    sources: [LAST_WORD],
  },
  {
    kind: 'evidence',
    about: 2,
    speaks: 'against',
    happened: '2015-03-09',
    by: MAKER,
    text: 'The software is no official build. (Anybody could check this against the official one; nobody had it. It does not tell a counterfeit from a genuine phone that was written over: phones of this model left the maker with the bootloader unlocked.)',
    sources: [LAST_WORD, source('on unlocked bootloaders', 'dotmobility, March 2015')],
  },
  {
    kind: 'resolution',
    about: 1,
    outcome: 'refuted',
    agreed: [LAB.name, MAKER.name],
    happened: '2015-03-09',
    by: US,
    text: 'Both agree that the phone is a counterfeit.',
    sources: [source('reports of the outcome', 'generation-nt.com; droidmydrug.com; androidpolice.com, March 2015')],
  },
  {
    kind: 'resolution',
    about: 2,
    outcome: 'refuted',
    agreed: [LAB.name, MAKER.name],
    happened: '2015-03-09',
    by: US,
    text: 'Both agree that the software is nobody’s official build. Who in the chain put it there was never found. The lab kept its point that finding out took more than a buyer can do.',
    sources: [source('reports of the outcome', 'generation-nt.com; droidmydrug.com, March 2015')],
  },
];

const KEY_WORDS = 'assay example: case zero. Trust nothing that this key signs.';

/** When the entries were written: once, long after. */
const entered = (index: number): Instant => `2026-01-15T12:${String(index).padStart(2, '0')}:00Z`;

/** An Ed25519 key whose seed is the SHA-256 of public words: the same every time, and worth nothing. */
function exampleKey(words: string): { readonly signer: SignPort; readonly publicPem: string; readonly trusted: TrustedSigner } {
  const seed = createHash('sha256').update(words).digest();
  const key = createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]),
    format: 'der',
    type: 'pkcs8',
  });
  const publicKey = createPublicKey(key);
  const spki = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }));
  const scheme = { kind: 'ed25519' } as const;
  return {
    signer: { scheme, spki, sign: async (data) => new Uint8Array(sign(null, data, key)) },
    publicPem: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    trusted: { name: 'example key', scheme, spki },
  };
}

/** The files of the example: the case, and the key that it is signed with. */
export async function caseZero(): Promise<{ readonly 'case-zero.case': string; readonly 'example-key.pem': string }> {
  const { signer, publicPem } = exampleKey(KEY_WORDS);
  let text = '';
  for (const [index, fact] of FACTS.entries()) {
    // Every fact has the fields of its kind; the schema in `signEntry` is what judges that.
    const entry = { ...fact, at: entered(index), withheld: [] } as NewEntry;
    text += await signEntry(nodeHash, parseCase(nodeHash, text), entry, [signer]);
  }
  return { 'case-zero.case': text, 'example-key.pem': publicPem };
}

/** Its public page. */
export async function caseZeroPage(): Promise<string> {
  const file = parseCase(nodeHash, (await caseZero())['case-zero.case']);
  const { trusted } = exampleKey(KEY_WORDS);
  const trust = await verifyCase(
    file,
    { signers: [trusted], checkpoint: undefined, at: nodeClock.now() },
    { hash: nodeHash, verify: nodeVerify },
  );
  return renderCaseHtml(file, { asOf: '2026-01-15T13:00:00Z', trust, disclosed: [] });
}

if (import.meta.main) {
  const folder = process.argv[2] ?? join(import.meta.dirname, 'case-zero');
  await mkdir(folder, { recursive: true });
  // The page follows from the case, so it is made and not kept.
  for (const [name, text] of [...Object.entries(await caseZero()), ['case-zero.html', await caseZeroPage()] as const])
    await writeFile(join(folder, name), text);
}
