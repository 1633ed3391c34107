/** Writes signers of APK Signature Schemes v2 and v3: what `signer.ts` reads. The signature is made outside, over `signedData`. */
import { concatBytes } from '../../bytes/index.ts';
import { u32Bytes, writeIdPairs, writePrefixed } from './prefixed.ts';

/** The signed part of a signer. */
export interface SignedDataOfSigner {
  readonly digests: readonly { readonly id: number; readonly value: Uint8Array }[];
  readonly certificates: readonly Uint8Array[];
  readonly attributes: readonly { readonly id: number; readonly value: Uint8Array }[];
  /** v3 only. */
  readonly sdk?: { readonly minSdk: number; readonly maxSdk: number };
}

const sdkBytes = (sdk: SignedDataOfSigner['sdk']) =>
  sdk === undefined ? new Uint8Array(0) : concatBytes([u32Bytes(sdk.minSdk), u32Bytes(sdk.maxSdk)]);

/** Writes signed data: what the signatures are over. */
export function writeSignerData({ digests, certificates, attributes, sdk }: SignedDataOfSigner): Uint8Array {
  return concatBytes([
    writePrefixed(writeIdPairs(digests)),
    writePrefixed(...certificates.map((certificate) => writePrefixed(certificate))),
    sdkBytes(sdk),
    writePrefixed(...attributes.map(({ id, value }) => writePrefixed(u32Bytes(id), value))),
    // v2 signed data ends in an empty field that apksigner has always written.
    ...(sdk === undefined ? [writePrefixed()] : []),
  ]);
}

/** A signer with its signatures. */
export interface SignerParts {
  readonly signedData: Uint8Array;
  readonly sdk?: { readonly minSdk: number; readonly maxSdk: number };
  readonly signatures: readonly { readonly id: number; readonly value: Uint8Array }[];
  readonly spki: Uint8Array;
}

/** Writes a scheme's block of signers. */
export function writeSigners(signers: readonly SignerParts[]): Uint8Array {
  return writePrefixed(
    ...signers.map(({ signedData, sdk, signatures, spki }) =>
      writePrefixed(writePrefixed(signedData), sdkBytes(sdk), writePrefixed(writeIdPairs(signatures)), writePrefixed(spki)),
    ),
  );
}
