/** The statement inside a certificate, in whichever of its two forms. */
import { FormatError, type Reading } from '../../bytes/index.ts';
import {
  type Certificate,
  derTrail,
  EAT_OID,
  extensionOf,
  KEY_DESCRIPTION_OID,
  type KeyDescription,
  readDer,
  readDerOctets,
  readEatDescription,
  readKeyDescription,
} from '../../formats/x509/index.ts';

/** The statement of a certificate; undefined where it carries none, the error where it does not parse. */
export function statementOf(certificate: Certificate): Reading<KeyDescription> | FormatError | undefined {
  try {
    const der = extensionOf(certificate, KEY_DESCRIPTION_OID);
    if (der !== undefined) return readKeyDescription(der.value, der.at);
    const eat = extensionOf(certificate, EAT_OID);
    if (eat === undefined) return undefined;
    const octets = readDer(eat.value, derTrail('android eat attestation', eat.at));
    return readEatDescription(readDerOctets(octets, 'EAT'), eat.at + octets.bodyStart);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return error;
  }
}
