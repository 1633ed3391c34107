import { FormatError, toHex } from '../../../bytes/index.ts';
import { ApkRefusal } from '../issue.ts';
import { digestsAt, digestsToVerify, type ExpectedDigest, expectedDigests, putDigests, usualDigest } from './digests.ts';
import { type JarSection, jarSectionName, readJarSections, writeJarSection } from './manifest.ts';

export const name = 'jar-manifest';

export const seeds: readonly Uint8Array[] = [
  writeJarSection([['Manifest-Version', '1.0']]),
  writeJarSection([
    ['Name', 'x'.repeat(80)],
    ['Digest-Algorithms', 'SHA1 MD5'],
    ['SHA1-Digest', 'AQ=='],
  ]),
  writeJarSection([
    ['Name', 'x'],
    ['SHA-256-Digest', `${'A'.repeat(43)}=`],
  ]),
];

const said = (digests: () => readonly ExpectedDigest[]): string => {
  try {
    return digests()
      .map(({ algorithm, digest }) => `${algorithm} ${toHex(digest)}`)
      .join(', ');
  } catch (error) {
    if (error instanceof ApkRefusal) return 'refused';
    throw error;
  }
};

/** The short way to a member's digests says what the long way does. */
function compareWays(section: JarSection): void {
  if (jarSectionName(section) === undefined) return;
  const algorithm = usualDigest(section.file.bytes);
  for (const range of [
    { minSdk: 10, maxSdk: 30 },
    { minSdk: 18, maxSdk: 30 },
    { minSdk: 9, maxSdk: 17 },
  ]) {
    const into = expectedDigests(algorithm, 1);
    const short = said(() => (putDigests(into, 0, section, range) ? digestsAt(into, 0) : []));
    const long = said(() => digestsToVerify(section, '-Digest', range));
    if (short !== long) throw new Error(`${short}, where ${long} is said`);
  }
}

/** Reads hostile bytes: anything but a FormatError or an ApkRefusal, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  try {
    for (const section of readJarSections(bytes)) compareWays(section);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
