/** Who signed a package: the whole OTA zip, and the metadata of the payload in it. */
import type { HashPort, Source, VerifyPort, VerifyStreamPort } from '../../bytes/index.ts';
import { isPayload, type OtaSignature, readPayload, verifyMetadataSignature, verifyOtaSignature } from '../../formats/android/index.ts';
import { entrySource, isZip, readZip } from '../../formats/archive/index.ts';
import type { Manifest } from '../manifest.ts';
import type { Provenance } from '../provenance.ts';

export interface SignaturePorts {
  readonly hash: HashPort;
  readonly verify: VerifyPort;
  readonly verifyStream: VerifyStreamPort;
}

/** Signatures of a package that is a zip: reads all of it once. Empty for anything else. */
export async function packageSignatures(source: Source, ports: SignaturePorts): Promise<Provenance['signatures']> {
  if (!isZip(await source.read(0, Math.min(4, source.size)))) return [];
  const whole = await verifyOtaSignature(source, ports);
  const { value } = await readZip(source, { locals: false });
  const entry = value.entries.find(({ name, method }) => name === 'payload.bin' && method === 0);
  const row = { over: 'ota zip' as const, outcome: whole.outcome, signer: whole.certificateSha256, because: whole.because };
  return entry === undefined ? [row] : [row, await metadataSignature(await entrySource(source, entry), whole, ports)];
}

/** The payload's own signature is by the same key: its certificate is the one that the archive was signed with. */
async function metadataSignature(
  source: Source,
  { spki, certificateSha256 }: OtaSignature,
  ports: SignaturePorts,
): Promise<Provenance['signatures'][number]> {
  const over = 'payload metadata' as const;
  if (!isPayload(await source.read(0, Math.min(4, source.size))))
    return { over, outcome: 'invalid', signer: null, because: 'payload.bin is no payload' };
  const { value: payload } = await readPayload(source);
  if (payload.metadataSignature.length === 0)
    return { over, outcome: 'unsigned', signer: null, because: 'the payload has no signature of its metadata' };
  if (spki === undefined) return { over, outcome: 'not-checked', signer: null, because: 'no certificate is known to verify it with' };
  const tried = await Promise.all(
    (['rsa-pkcs1', 'ecdsa'] as const).map((kind) => verifyMetadataSignature(payload, [{ spki, kind }], ports.verify)),
  );
  const valid = tried.some(({ outcome }) => outcome === 'valid');
  return valid
    ? { over, outcome: 'valid', signer: certificateSha256, because: 'by the key that signed the archive' }
    : { over, outcome: 'invalid', signer: null, because: 'not by the key that signed the archive' };
}

/** A build that was not made for sale says so itself; one that says nothing is taken for what it was published as. */
export function labelOf({ identity }: Manifest): Provenance['label'] {
  const said = (name: string) => identity[name] ?? identity[`system.${name}`];
  return (said('build.type') ?? 'user') === 'user' && (said('build.tags') ?? 'release-keys') === 'release-keys' ? 'release' : 'engineering';
}
