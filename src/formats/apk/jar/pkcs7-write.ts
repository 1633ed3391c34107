/** Writes PKCS#7 SignedData of one signer without signed attributes, as apksigner and jarsigner do for APKs. What `pkcs7.ts` reads. */

import { parseHex } from '../../../bytes/index.ts';
import {
  type Certificate,
  writeDerContext,
  writeDerInteger,
  writeDerNull,
  writeDerOctets,
  writeDerOid,
  writeDerSequence,
  writeDerSet,
  writeDerUnsigned,
} from '../../x509/index.ts';

const DATA = '1.2.840.113549.1.7.1';
const SIGNED_DATA = '1.2.840.113549.1.7.2';

/** What a block holds. */
export interface SignedDataParts {
  /** The signer's first; more may follow, true chain or not. */
  readonly certificates: readonly Uint8Array[];
  readonly signer: Pick<Certificate, 'issuer' | 'serial'>;
  readonly digestOid: string;
  readonly signatureOid: string;
  readonly signature: Uint8Array;
}

/** Writes a block. */
export function writeSignedData({ certificates, signer, digestOid, signatureOid, signature }: SignedDataParts): Uint8Array {
  const algorithm = (oid: string) => writeDerSequence([writeDerOid(oid), writeDerNull()]);
  const serial = parseHex(signer.serial.length % 2 === 0 ? signer.serial : `0${signer.serial}`) ?? new Uint8Array(1);
  const info = writeDerSequence([
    writeDerInteger(1),
    writeDerSequence([signer.issuer.bytes, writeDerUnsigned(serial)]),
    algorithm(digestOid),
    algorithm(signatureOid),
    writeDerOctets(signature),
  ]);
  const data = writeDerSequence([
    writeDerInteger(1),
    writeDerSet([algorithm(digestOid)]),
    writeDerSequence([writeDerOid(DATA)]),
    writeDerContext(0, certificates),
    writeDerSet([info]),
  ]);
  return writeDerSequence([writeDerOid(SIGNED_DATA), writeDerContext(0, [data])]);
}
