import { FormatError } from '../../../bytes/index.ts';
import { ApkRefusal } from '../issue.ts';
import { digestsToVerify } from './digests.ts';
import { readJarSections, writeJarSection } from './manifest.ts';

export const name = 'jar-manifest';

export const seeds: readonly Uint8Array[] = [
  writeJarSection([['Manifest-Version', '1.0']]),
  writeJarSection([
    ['Name', 'x'.repeat(80)],
    ['Digest-Algorithms', 'SHA1 MD5'],
    ['SHA1-Digest', 'AQ=='],
  ]),
];

/** Reads hostile bytes: anything but a FormatError or an ApkRefusal, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  try {
    for (const section of readJarSections(bytes)) digestsToVerify(section, '-Digest', { minSdk: 10, maxSdk: 30 });
  } catch (error) {
    if (!(error instanceof FormatError) && !(error instanceof ApkRefusal)) throw error;
  }
}
