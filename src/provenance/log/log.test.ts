import { ed25519 } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hash, verify } from '../../../test/support/ports.ts';
import { FormatError, parseHex, toHex } from '../../bytes/index.ts';
import {
  type Checkpoint,
  cosignedMessage,
  ed25519NoteKey,
  emptyRoot,
  formatCheckpoint,
  formatLogProof,
  formatNote,
  formatVerifierKey,
  leafHash,
  type NoteKey,
  nodeHash,
  parseCheckpoint,
  parseLogPolicy,
  parseLogProof,
  parseNote,
  parseVerifierKey,
  proveConsistency,
  proveInclusion,
  readEntries,
  rootOf,
  satisfies,
  sumdbTilePath,
  TILE_WIDTH,
  tileIndexPath,
  tilePath,
  tileRangeRoot,
  verifyConsistency,
  verifyInclusion,
  verifyNoteSignatures,
  writeEntries,
} from './index.ts';

const utf8 = new TextEncoder();
const leaves = (count: number) => Array.from({ length: count }, (_, i) => leafHash(hash, utf8.encode(`entry ${i}`)));
const size = fc.integer({ min: 1, max: 700 });

describe('the Merkle tree', () => {
  test('RFC 6962: the root of nothing, and of one entry', () => {
    expect(toHex(emptyRoot(hash))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(toHex(rootOf(hash, [leafHash(hash, new Uint8Array(0))]))).toBe(
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    );
  });

  test('every leaf is proven, and nothing else is', async () => {
    await fc.assert(
      fc.asyncProperty(size, fc.nat(), fc.nat(), async (count, a, b) => {
        const all = leaves(count);
        const root = rootOf(hash, all);
        const index = a % count;
        const proof = await proveInclusion((start, end) => rootOf(hash, all.slice(start, end)), index, count);
        const leaf = all[index] ?? root;
        expect(verifyInclusion(hash, { index, size: count, leaf, root }, proof)).toBe(true);
        const other = b % (count + 3);
        if (other !== index) expect(verifyInclusion(hash, { index: other, size: count, leaf, root }, proof)).toBe(false);
        expect(verifyInclusion(hash, { index, size: count, leaf, root }, [...proof, root])).toBe(false);
        expect(verifyInclusion(hash, { index, size: count, leaf: root, root }, proof)).toBe(count === 1);
      }),
      { numRuns: 40 },
    );
  });

  test('a log that grew is consistent, one that was rewritten is not', async () => {
    await fc.assert(
      fc.asyncProperty(size, fc.nat(), fc.nat(), async (count, a, b) => {
        const all = leaves(count);
        const oldSize = 1 + (a % count);
        const range = (from: readonly Uint8Array[]) => (start: number, end: number) => rootOf(hash, from.slice(start, end));
        const proof = await proveConsistency(range(all), oldSize, count);
        const claim = { oldSize, newSize: count, oldRoot: rootOf(hash, all.slice(0, oldSize)), newRoot: rootOf(hash, all) };
        expect(verifyConsistency(hash, claim, proof)).toBe(true);
        const rewritten = all.with(b % oldSize, leafHash(hash, utf8.encode('rewritten')));
        const forged = { ...claim, newRoot: rootOf(hash, rewritten) };
        expect(verifyConsistency(hash, forged, await proveConsistency(range(rewritten), oldSize, count))).toBe(false);
      }),
      { numRuns: 40 },
    );
  });
});

describe('tiles', () => {
  test('paths are those of the specification', () => {
    expect(tileIndexPath(1_234_067)).toBe('x001/x234/067');
    expect(tilePath(0, 0, 3)).toBe('tile/0/000.p/3');
    expect(tilePath(2, 70_123)).toBe('tile/2/x070/123');
    expect(sumdbTilePath(8, 1, { index: 3, width: 256 })).toBe('tile/8/1/003');
  });

  test('proofs from tiles are those from leaves', async () => {
    for (const count of [1, 2, 255, 256, 257, 700, 66_000]) {
      const all = leaves(count);
      const root = rootOf(hash, all);
      const fetch = async (path: string) => {
        const [, level = '0', rest = ''] = /^tile\/(\d+)\/(.*)$/.exec(path) ?? [];
        const [groups = '', width = String(TILE_WIDTH)] = rest.split('.p/');
        const index = Number(groups.replaceAll(/[x/]/g, ''));
        const span = TILE_WIDTH ** Number(level);
        const parts = Array.from({ length: Number(width) }, (_, i) =>
          rootOf(hash, all.slice((index * TILE_WIDTH + i) * span, (index * TILE_WIDTH + i + 1) * span)),
        );
        return Uint8Array.from(parts.flatMap((part) => [...part]));
      };
      for (const index of [0, Math.floor(count / 2), count - 1]) {
        const proof = await proveInclusion(tileRangeRoot(hash, fetch, { size: count }), index, count);
        expect(verifyInclusion(hash, { index, size: count, leaf: all[index] ?? root, root }, proof)).toBe(true);
      }
    }
  });

  test('garbage in a tile is a wrong proof, a short tile a named error', async () => {
    const all = leaves(300);
    const root = rootOf(hash, all);
    const garbage = tileRangeRoot(
      hash,
      async (path) => new Uint8Array(path.includes('.p/') ? 32 * Number(path.split('.p/')[1]) : 8192).fill(7),
      { size: 300 },
    );
    expect(verifyInclusion(hash, { index: 3, size: 300, leaf: all[3] ?? root, root }, await proveInclusion(garbage, 3, 300))).toBe(false);
    const short = tileRangeRoot(hash, async () => new Uint8Array(31), { size: 300 });
    await expect(proveInclusion(short, 3, 300)).rejects.toThrow('31 bytes, where 44 hashes take 1408');
  });

  test('entry bundles read back, and hold exactly what they say', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (entries) => {
        const bundle = writeEntries(entries);
        expect(readEntries(bundle, entries.length).map((entry) => [...entry])).toEqual(entries.map((entry) => [...entry]));
        expect(() => readEntries(bundle, entries.length + 1)).toThrow(FormatError);
        if (entries.length > 0) expect(() => readEntries(bundle, entries.length - 1)).toThrow('left over');
      }),
    );
    expect(() => writeEntries([new Uint8Array(65_536)])).toThrow(RangeError);
  });
});

const secret = (seed: number) => new Uint8Array(32).fill(seed);
const keyOf = (name: string, seed: number, type: 'ed25519' | 'cosignature-ed25519' = 'ed25519') =>
  ed25519NoteKey(hash, { name, publicKey: ed25519.getPublicKey(secret(seed)), type });
const signText = (text: string, key: NoteKey, seed: number) => ({
  name: key.name,
  id: key.id,
  signature: ed25519.sign(utf8.encode(text), secret(seed)),
});

function cosign(text: string, key: NoteKey, seed: number, time = 1_700_000_000) {
  const stamp = new Uint8Array(8);
  new DataView(stamp.buffer).setBigUint64(0, BigInt(time));
  return { name: key.name, id: key.id, signature: Uint8Array.from([...stamp, ...ed25519.sign(cosignedMessage(text, time), secret(seed))]) };
}

const checkpoint: Checkpoint = { origin: 'example.org/log', size: 7, root: new Uint8Array(32).fill(9), extensions: [] };
const text = formatCheckpoint(checkpoint);
const log = keyOf('example.org/log', 1);

describe('signed notes', () => {
  test("the specification's own example verifies", async () => {
    // c2sp.org/signed-note, "Format".
    const key = parseVerifierKey(hash, 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW');
    const note = parseNote(
      utf8.encode(
        'If you think cryptography is the answer to your problem,\nthen you don\u2019t know what your problem is.\n\n\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n'.replace(
          '\u2019',
          "'",
        ),
      ),
    );
    expect((await verifyNoteSignatures(note, [key], verify)).map((signature) => signature.key.name)).toEqual(['PeterNeumann']);
  });

  test('a known key with a bad signature refuses the whole note, an unknown key is ignored', async () => {
    const stranger = keyOf('stranger.example', 5);
    const good = parseNote(utf8.encode(formatNote(text, [signText(text, stranger, 5), signText(text, log, 1)])));
    expect((await verifyNoteSignatures(good, [log], verify)).map((signature) => signature.key.name)).toEqual(['example.org/log']);
    const forged = parseNote(
      utf8.encode(formatNote(text, [signText(text, log, 1), { ...signText(text, stranger, 5), signature: new Uint8Array(64) }])),
    );
    await expect(verifyNoteSignatures(forged, [log, stranger], verify)).rejects.toThrow('the signature of stranger.example is not valid');
    // A good one before it does not cover for a bad one.
    const twice = parseNote(
      utf8.encode(formatNote(text, [signText(text, log, 1), { ...signText(text, log, 1), signature: new Uint8Array(64) }])),
    );
    await expect(verifyNoteSignatures(twice, [log], verify)).rejects.toThrow('the signature of example.org/log is not valid');
  });

  test('a signature over another text is not valid', async () => {
    const note = parseNote(utf8.encode(formatNote(text, [signText(`${text}x`, log, 1)])));
    await expect(verifyNoteSignatures(note, [log], verify)).rejects.toThrow(FormatError);
  });

  test('keys write and read back; a key whose id does not fit is refused', () => {
    const vkey = formatVerifierKey(log);
    expect(parseVerifierKey(hash, vkey)).toEqual(log);
    expect(() => parseVerifierKey(hash, vkey.replace(/\+[0-9a-f]{8}\+/, '+00000000+'))).toThrow('00000000, where name and key make');
    for (const wrong of ['', 'a', 'a+00000000+AA==', 'a b+00000000+AA==', '+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'])
      expect(() => parseVerifierKey(hash, wrong)).toThrow(FormatError);
  });

  test.each([
    ['no signatures', 'text\n'],
    ['no newline at the end', 'text\n\n\u2014 a AAAAAAAA'],
    ['a control character', 'te\u0007xt\n\n\u2014 a AAAAAAAA\n'],
    ['a line that is no signature', 'text\n\nsigned by me\n'],
    ['a signature without bytes', 'text\n\n\u2014 a AAAA\n'],
    ['10,000 signatures', `text\n\n${'\u2014 a AAAAAAAA\n'.repeat(10_000)}`],
  ])('malformed: %s', (_name, note) => {
    expect(() => parseNote(utf8.encode(note))).toThrow(FormatError);
  });
});

describe('checkpoints and proofs', () => {
  test('read back', () => {
    expect(parseCheckpoint(text)).toEqual(checkpoint);
    const proof = {
      index: 6,
      hashes: [new Uint8Array(32), new Uint8Array(32).fill(1)],
      extra: parseHex('0102'),
      checkpoint: formatNote(text, [signText(text, log, 1)]),
    };
    expect(parseLogProof(formatLogProof(proof))).toEqual(proof);
  });

  test.each([
    ['no origin', '\n7\nCQkJ\n'],
    ['a size with a leading zero', text.replace('\n7\n', '\n07\n')],
    ['a negative size', text.replace('\n7\n', '\n-7\n')],
    ['a size above 2^53', text.replace('\n7\n', '\n9007199254740992\n')],
    ['a short root', 'o\n7\nCQkJ\n'],
    ['no newline at the end', text.slice(0, -1)],
  ])('malformed checkpoint: %s', (_name, wrong) => {
    expect(() => parseCheckpoint(wrong)).toThrow(FormatError);
  });

  test.each([
    '',
    'c2sp.org/tlog-proof@v2\nindex 0\n\nx',
    'c2sp.org/tlog-proof@v1\n\nx',
    'c2sp.org/tlog-proof@v1\nindex 01\n\nx',
    'c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\nx',
  ])('malformed proof %#', (wrong) => {
    expect(() => parseLogProof(wrong)).toThrow(FormatError);
  });
});

describe('policies', () => {
  const w1 = keyOf('w1.example', 11, 'cosignature-ed25519');
  const w2 = keyOf('w2.example', 12, 'cosignature-ed25519');
  const w3 = keyOf('w3.example', 13, 'cosignature-ed25519');
  const policyText = `log ${formatVerifierKey(log)} https://log.example\nwitness w1 ${formatVerifierKey(w1)}\nwitness w2 ${formatVerifierKey(w2)}\nwitness w3 ${formatVerifierKey(w3)}\ngroup two 2 w1 w2 w3\nquorum two\n`;
  const policy = parseLogPolicy(hash, policyText);
  const keys = [policy.logs[0]?.key ?? log, ...[...policy.witnesses.values()].map(({ key }) => key)];
  const judge = async (signatures: Parameters<typeof formatNote>[1]) =>
    satisfies(policy, await verifyNoteSignatures(parseNote(utf8.encode(formatNote(text, signatures))), keys, verify));

  test('two of three witnesses and the log are enough; one is not; witnesses without the log are not', async () => {
    expect(await judge([signText(text, log, 1), cosign(text, w1, 11), cosign(text, w3, 13)])).toBe(true);
    expect(await judge([signText(text, log, 1), cosign(text, w1, 11)])).toBe(false);
    expect(await judge([cosign(text, w1, 11), cosign(text, w2, 12), cosign(text, w3, 13)])).toBe(false);
  });

  test('one witness that signs twice is one witness', async () => {
    expect(await judge([signText(text, log, 1), cosign(text, w1, 11, 1), cosign(text, w1, 11, 2)])).toBe(false);
  });

  test.each([
    ['no quorum said', policyText.replace('quorum two\n', '')],
    ['no log', policyText.replace(/^log .*\n/, '')],
    ['a group of strangers', policyText.replace('w1 w2 w3', 'w1 w9')],
    ['a threshold of none', policyText.replace('group two 2', 'group two 0')],
    ['a threshold above the members', policyText.replace('group two 2', 'group two 4')],
    ['a group that names itself', policyText.replace('two 2 w1', 'two 2 two')],
    ['a member twice', policyText.replace('w1 w2 w3', 'w1 w1 w3')],
    ['a log key as witness', policyText.replace(formatVerifierKey(w1), formatVerifierKey(log))],
    ['a word that is none', `${policyText}trust me\n`],
  ])('refused: %s', (_name, wrong) => {
    expect(() => parseLogPolicy(hash, wrong)).toThrow(FormatError);
  });

  test('quorum none is said, never assumed', async () => {
    const open = parseLogPolicy(hash, policyText.replace('quorum two', 'quorum none'));
    expect(satisfies(open, [{ key: open.logs[0]?.key ?? log, timestamp: undefined }])).toBe(true);
    expect(satisfies(open, [])).toBe(false);
  });
});

test('nodeHash is RFC 6962s', () => {
  expect(toHex(nodeHash(hash, new Uint8Array(0), new Uint8Array(0)))).toBe(toHex(hashed([1])));
});

function hashed(bytes: readonly number[]): Uint8Array {
  const hasher = hash('sha256');
  hasher.update(Uint8Array.from(bytes));
  return hasher.digest();
}
