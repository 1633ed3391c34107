/** Attestations for one inspection: asked of the phone with the operator's yes, or saved by another tool. */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseHex } from '../bytes/index.ts';
import type { Artefact } from '../evidence/index.ts';
import type { AttestCarrier } from '../platform/node/adb/index.ts';
import { because } from './because.ts';
import { askForYes } from './consent.ts';
import { UsageError } from './exit.ts';
import { callerPath } from './paths.ts';

/** What each carrier does on the phone, for the question to the operator. */
const WORDS: Readonly<Record<AttestCarrier, string>> = {
  adb: 'This runs a small program of ours on the phone that asks its keystore to attest serial number, IMEI and boot state under a fresh nonce, deletes the key and is removed.',
  browser:
    'This opens a page in the phone’s browser, through the cable, that asks for a key of its secure hardware; somebody has to unlock the phone, and the key stays in Play services, unused. It binds nothing to this phone.',
  'trade-in':
    'This asks the phone’s trade-in command for its status under a fresh nonce. It changes nothing; the answer is kept and not examined.',
};
const FILE_MAX = 1 << 20;

/** Asks for the operator's yes. @throws UsageError where there is none */
export async function agreeToAttest(carrier: AttestCarrier, isGiven: boolean): Promise<AttestCarrier> {
  await askForYes(WORDS[carrier], isGiven);
  return carrier;
}

/** Files of other tools as artefacts; `challenge` is the nonce, in hex, that the tool was given. @throws UsageError */
export async function importAttestations(files: readonly string[], challenge: string | undefined): Promise<readonly Artefact[]> {
  if (files.length === 0) {
    if (challenge !== undefined) throw new UsageError('--attestation-challenge belongs to --attestation FILE');
    return [];
  }
  const nonce = challenge === undefined ? undefined : parseHex(challenge);
  if (challenge !== undefined && nonce === undefined) throw new UsageError(`--attestation-challenge wants hex; this is "${challenge}"`);
  const { importedAttestation } = await import('../acquire/index.ts');
  return Promise.all(
    files.map(async (file, index) => {
      try {
        const path = callerPath(file);
        if ((await stat(path)).size > FILE_MAX) throw new Error(`it is longer than ${FILE_MAX} bytes`);
        return importedAttestation({ bytes: await readFile(path), label: basename(path), nonce }, index);
      } catch (error) {
        throw new UsageError(`--attestation ${file}: ${because(error)}`);
      }
    }),
  );
}
