/** Which attested identity the phone in hand has shown to be its own. */
import { attestedOf, isBound, normalSerialNumber } from '../attestation/attested.ts';
import { attestedImeis } from '../attestation/identity.ts';
import type { CheckContext } from '../define.ts';

/** URIs (`provenance/custody/identity.ts`) of the IDs that a proven answer of this phone attests, under our nonce and bound to what was seen outside Android. */
export function boundIds(context: CheckContext): ReadonlySet<string> {
  const own = attestedOf(context).filter((answer) => answer.proven && isBound(context, answer));
  return new Set(
    own.flatMap((answer) => {
      const serial = answer.statement.hardwareEnforced.attestationIdSerial;
      return [
        ...(serial === undefined || serial === ''
          ? []
          : [`urn:x-assay:attested:serial:${encodeURIComponent(normalSerialNumber(serial)).toLowerCase()}`]),
        ...attestedImeis(answer).map((imei) => `urn:x-assay:attested:imei:${imei.replaceAll(/\D/g, '').slice(0, 14)}`),
      ];
    }),
  );
}

/** The identities of a phone's history are no bytes of the phone: their place is the store's. */
export const IN_STORE = { artefact: 'custody events of the store', at: 0, length: 0 } as const;
