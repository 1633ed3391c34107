import { FormatError } from '../../bytes/index.ts';
import { keyKindOf, signatureSchemeOf } from './algorithms.ts';
import { basicConstraintsOf, mayCertSign, readCertificate } from './certificate.ts';
import { readChainFile } from './chain-file.ts';
import { plainJson, readKeyDescription, writeKeyDescription } from './key-description.ts';
import { readKnoxIntegrity, writeKnoxIntegrity } from './knox.ts';
import { COMPLETE_DESCRIPTION, SAMPLE_CERTIFICATE } from './samples.ts';

export const name = 'key-description';

export const seeds: readonly Uint8Array[] = [
  writeKeyDescription(COMPLETE_DESCRIPTION),
  SAMPLE_CERTIFICATE,
  writeKnoxIntegrity({ warranty: 'abnormal' }),
];

/** Reads hostile bytes as a statement, a certificate and a chain file: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  quietly(() => {
    const { value } = readKeyDescription(bytes);
    JSON.stringify(plainJson(value));
    writeKeyDescription(value);
  });
  quietly(() => {
    const { value } = readCertificate(bytes);
    signatureSchemeOf(value.signatureAlgorithm);
    for (const look of [() => basicConstraintsOf(value), () => mayCertSign(value), () => keyKindOf(value.spki)]) quietly(look);
  });
  quietly(() => readKnoxIntegrity(bytes));
  quietly(() => readChainFile(bytes));
}

function quietly(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
