/** Cosignatures by ML-DSA-44 with keys and signatures of Node's OpenSSL. In a browser they cannot be checked, and count for nothing. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { FormatError } from '../../bytes/index.ts';
import { makeSigningKey, nodeHash, nodeSigner, nodeVerify } from '../../platform/node/index.ts';
import { webVerify } from '../../platform/web/index.ts';
import {
  cosignedSubtree,
  ed25519NoteKey,
  formatCheckpoint,
  formatNote,
  formatVerifierKey,
  mlDsaNoteKey,
  parseLogPolicy,
  parseNote,
  parseVerifierKey,
  satisfies,
  verifyNoteSignatures,
} from './index.ts';

const utf8 = new TextEncoder();
const { privateKey, publicKey } = generateKeyPairSync('ml-dsa-44');
const key = mlDsaNoteKey(nodeHash, 'w.example/pq', new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })));
const log = nodeSigner(makeSigningKey('ed25519'));
const logKey = ed25519NoteKey(nodeHash, { name: 'log.example', publicKey: log.spki.subarray(-32), type: 'ed25519' });
const policy = parseLogPolicy(nodeHash, `log ${formatVerifierKey(logKey)}\nwitness w ${formatVerifierKey(key)}\nquorum w\n`);
const text = formatCheckpoint({ origin: 'log.example', size: 7, root: new Uint8Array(32).fill(3), extensions: [] });

/** The message by hand, as the specification lays it out. */
const TIME = Buffer.from('000000006b49d200', 'hex');
const message = Buffer.concat([
  Buffer.from('subtree/v1\n\0'),
  Buffer.from([12]),
  Buffer.from('w.example/pq'),
  TIME,
  Buffer.from([11]),
  Buffer.from('log.example'),
  Buffer.alloc(8),
  Buffer.from('0000000000000007', 'hex'),
  Buffer.alloc(32, 3),
]);
async function noteOf(signature: Uint8Array, body = text) {
  const lines = [
    { name: logKey.name, id: logKey.id, signature: await log.sign(utf8.encode(body)) },
    { name: key.name, id: key.id, signature },
  ];
  return parseNote(utf8.encode(formatNote(body, lines)));
}
const cosign = (of: Uint8Array = message) => new Uint8Array(Buffer.concat([TIME, sign(null, of, privateKey)]));
const keys = [logKey, key];

describe('a cosignature by ML-DSA-44', () => {
  test('is over the structure of the specification, and its key has a text form', () => {
    expect(Buffer.from(cosignedSubtree(key.name, text, 1_800_000_000))).toEqual(message);
    expect(parseVerifierKey(nodeHash, formatVerifierKey(key))).toEqual(key);
    expect(() => parseVerifierKey(nodeHash, 'w+00000000+BgAA')).toThrow('where ML-DSA-44 has 1312');
    expect(() => mlDsaNoteKey(nodeHash, 'w', log.spki)).toThrow(RangeError);
  });

  test('is verified, and meets a quorum', async () => {
    const signatures = await verifyNoteSignatures(await noteOf(cosign()), keys, nodeVerify);
    expect(signatures).toMatchObject([{ key: { name: 'log.example' } }, { key: { name: 'w.example/pq' }, timestamp: 1_800_000_000 }]);
    expect(satisfies({ ...policy, logs: [{ key: logKey, url: undefined }] }, signatures)).toBe(false);
    const own = [...policy.logs, ...policy.witnesses.values()].map((one) => one.key);
    expect(satisfies(policy, await verifyNoteSignatures(await noteOf(cosign()), own, nodeVerify))).toBe(true);
  });

  test('over another tree, under another name, or cut short refuses the note', async () => {
    const other = formatCheckpoint({ origin: 'log.example', size: 8, root: new Uint8Array(32).fill(3), extensions: [] });
    for (const note of [
      await noteOf(cosign(), other),
      await noteOf(cosign(message.subarray(0, -1))),
      await noteOf(cosign().subarray(0, -1)),
    ])
      await expect(verifyNoteSignatures(note, keys, nodeVerify)).rejects.toThrow('the signature of w.example/pq is not valid');
    await expect(verifyNoteSignatures(await noteOf(cosign(), 'no checkpoint\n'), keys, nodeVerify)).rejects.toThrow(FormatError);
  });

  test('counts for nothing where the platform cannot check it', async () => {
    const signatures = await verifyNoteSignatures(await noteOf(cosign()), keys, webVerify);
    expect(signatures.map((found) => found.key.name)).toEqual(['log.example']);
  });
});
