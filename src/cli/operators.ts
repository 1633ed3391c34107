/** Operators' keys: whoever reads phones signs captures with the private one, and whoever judges them names the public ones that are known. */
import { createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Capture } from '../evidence/index.ts';
import type { CaptureSealer } from '../platform/node/adb/index.ts';
import { nodeHash, nodeVerify, openSigner } from '../platform/node/index.ts';
import { checkSeal, type SignPort, sealCapture, type TrustedSigner } from '../provenance/index.ts';
import { because } from './because.ts';
import { UsageError } from './exit.ts';
import { callerPath } from './paths.ts';

const ports = { hash: nodeHash, verify: nodeVerify };

/** A sealer with the operator's private key. */
export async function openSealer(path: string): Promise<CaptureSealer> {
  let signer: SignPort;
  try {
    signer = await openSigner(callerPath(path));
  } catch (error) {
    throw new UsageError(`${path}: ${because(error)}`);
  }
  const own: TrustedSigner = { name: 'this operator', scheme: signer.scheme, spki: signer.spki };
  return {
    seal: (hashes) => sealCapture(nodeHash, hashes, signer),
    isOurs: async (seal) => 'signedBy' in (await checkSeal(seal, [own], ports)),
  };
}

/** A public key in PEM, Ed25519 or ECDSA P-256, named by its file. */
export async function trustedSigner(path: string): Promise<TrustedSigner> {
  const key = createPublicKey(await readFile(callerPath(path), 'utf8'));
  const spki = new Uint8Array(key.export({ format: 'der', type: 'spki' }));
  if (key.asymmetricKeyType === 'ed25519') return { name: path, scheme: { kind: 'ed25519' }, spki };
  if (key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1')
    return { name: path, scheme: { kind: 'ecdsa', hash: 'sha256' }, spki };
  throw new UsageError(`${path}: keys of the kind ${key.asymmetricKeyType ?? 'unknown'} verify nothing here; Ed25519 and ECDSA P-256 do`);
}

/** The capture with the trust that its signature deserves. One that no known operator signed stays its bearer's word, and the report says why. */
export async function withOperator(capture: Capture, operators: readonly TrustedSigner[]): Promise<Capture> {
  const { seal } = capture;
  if (seal === undefined) return capture;
  const [first, ...others] = operators;
  const refused = (because: string): Capture => ({ ...capture, unused: [...capture.unused, { name: 'operator.json', because }] });
  if (first === undefined) return refused('an operator signed this capture; no key of a known operator was given (--operator-key)');
  const answer = await checkSeal(seal, [first, ...others], ports);
  return 'signedBy' in answer ? { ...capture, trust: 'operator' } : refused(answer.refused);
}
