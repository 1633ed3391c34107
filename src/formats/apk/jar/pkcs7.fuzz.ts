import { FormatError } from '../../../bytes/index.ts';
import {
  writeDerContext,
  writeDerInteger,
  writeDerNull,
  writeDerOctets,
  writeDerOid,
  writeDerSequence,
  writeDerSet,
  writeName,
} from '../../x509/index.ts';
import { findCertificate, readSignedData } from './pkcs7.ts';

export const name = 'pkcs7';

const algorithm = writeDerSequence([writeDerOid('2.16.840.1.101.3.4.2.1'), writeDerNull()]);
const issuer = writeName([{ oid: '2.5.4.3', value: 'x' }]);
const attribute = writeDerSequence([writeDerOid('1.2.840.113549.1.9.4'), writeDerSet([writeDerOctets(new Uint8Array(4))])]);
const info = (more: readonly Uint8Array[]) =>
  writeDerSequence([
    writeDerInteger(1),
    writeDerSequence([issuer, writeDerInteger(5)]),
    algorithm,
    ...more,
    algorithm,
    writeDerOctets(new Uint8Array(8)),
  ]);
const block = (signer: Uint8Array) =>
  writeDerSequence([
    writeDerOid('1.2.840.113549.1.7.2'),
    writeDerContext(0, [
      writeDerSequence([
        writeDerInteger(1),
        writeDerSet([algorithm]),
        writeDerSequence([writeDerOid('1.2.840.113549.1.7.1')]),
        writeDerContext(0, []),
        writeDerSet([signer]),
      ]),
    ]),
  ]);

export const seeds: readonly Uint8Array[] = [block(info([])), block(info([writeDerContext(0, [attribute])]))];

/** Reads hostile bytes: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  try {
    const { value } = readSignedData(bytes);
    for (const signer of value.signers) findCertificate(value.certificates, signer.sid);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
