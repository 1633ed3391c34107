import { describe, expect, it } from 'vitest';
import { makeSigningKey, nodeHash, nodeSigner, nodeVerify } from '../platform/node/index.ts';
import { checkSeal, sealCapture } from './capture-seal.ts';
import { preAuthEncoding, type TrustedSigner } from './statement/index.ts';

const ports = { hash: nodeHash, verify: nodeVerify };
const utf8 = new TextEncoder();
const hashes = utf8.encode('{"format":"assay.hashes/1","sha256":{}}\n');
const signer = nodeSigner(makeSigningKey('ed25519'));
const stranger = nodeSigner(makeSigningKey('ecdsa-p256'));
const known: TrustedSigner = { name: 'lab', scheme: signer.scheme, spki: signer.spki };

interface Envelope {
  payloadType: string;
  payload: string;
  signatures: { keyid: string; sig: string }[];
}
const changed = async (change: (envelope: Envelope) => void): Promise<Uint8Array> => {
  const envelope = JSON.parse(new TextDecoder().decode(await sealCapture(nodeHash, hashes, signer))) as Envelope; // our own bytes
  change(envelope);
  return utf8.encode(JSON.stringify(envelope));
};

describe('an operator’s seal', () => {
  it('is good over the very bytes, by a known operator', async () => {
    const envelope = await sealCapture(nodeHash, hashes, signer);
    expect(await checkSeal({ envelope, hashes }, [known], ports)).toEqual({ signedBy: 'lab' });
  });
  it('is refused over other bytes, and where it was moved to another capture', async () => {
    const envelope = await sealCapture(nodeHash, hashes, signer);
    for (const other of [utf8.encode('{}'), Uint8Array.from([...hashes, 10]), hashes.slice(0, -1)])
      expect(await checkSeal({ envelope, hashes: other }, [known], ports)).toEqual({
        refused: 'it signs another hashes.json than this one',
      });
  });
  it('is refused under a key that nobody knows, and under a known name with another key', async () => {
    const envelope = await sealCapture(nodeHash, hashes, stranger);
    expect(await checkSeal({ envelope, hashes }, [known], ports)).toEqual({ refused: 'no known operator signed it' });
    const keyid = (JSON.parse(new TextDecoder().decode(await sealCapture(nodeHash, hashes, signer))) as Envelope).signatures[0]?.keyid;
    const posing = JSON.parse(new TextDecoder().decode(envelope)) as Envelope; // our own bytes
    for (const one of posing.signatures) one.keyid = keyid ?? '';
    expect(await checkSeal({ envelope: utf8.encode(JSON.stringify(posing)), hashes }, [known], ports)).toEqual({
      refused: 'the signature under a known operator’s key is not good',
    });
  });
  it('is refused where it is about something else', async () => {
    // A true signature over the same bytes as another kind of thing.
    const sig = await signer.sign(preAuthEncoding('text/plain', hashes));
    const envelope = await changed((one) => {
      one.payloadType = 'text/plain';
      for (const line of one.signatures) line.sig = Buffer.from(sig).toString('base64');
    });
    expect(await checkSeal({ envelope, hashes }, [known], ports)).toEqual({ refused: 'it signs something else than a capture' });
  });
  it('refuses malformed envelopes by name', async () => {
    const none = await changed((one) => {
      one.signatures = [];
    });
    expect(await checkSeal({ envelope: none, hashes }, [known], ports)).toEqual({ refused: 'no known operator signed it' });
    for (const text of ['', 'null', '[]', '{', '{"payload":1}', `{"payloadType":"a","payload":"%","signatures":[]}`, '\u0000'])
      expect(await checkSeal({ envelope: utf8.encode(text), hashes }, [known], ports)).toHaveProperty('refused');
    expect(await checkSeal({ envelope: Uint8Array.of(0xff, 0xfe), hashes }, [known], ports)).toHaveProperty('refused');
  });
});
