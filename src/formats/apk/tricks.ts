/**
 * Known ways to deceive Android, or those who take apps apart, by the names they have in the field. An oddity says what a file does;
 * a trick says what that is good for, and whom it deceives. Whether it matters on a given phone is a check's business.
 */
import type { Oddity, Source } from '../../bytes/index.ts';
import { type Certificate, signatureSchemeOf } from '../x509/index.ts';
import type { ApkPorts } from './issue.ts';
import type { JarResult } from './jar/verify.ts';
import { type SchemeResult, schemeErrors } from './schemes.ts';

export type TrickName =
  | 'master-key-8219321'
  | 'master-key-9695860'
  | 'master-key-9950697'
  | 'fake-id'
  | 'janus'
  | 'stripped-signature'
  | 'encrypted-flag'
  | 'odd-method'
  | 'forged-sizes'
  | 'overlapping-entries'
  | 'hidden-names'
  | 'path-traversal'
  | 'directory-forged'
  | 'axml-tampered';

/** A trick that a file shows. */
export interface Trick {
  readonly name: TrickName;
  /** What was seen, and whom it deceives. */
  readonly because: string;
}

/** What naming tricks takes. */
export interface TrickEvidence {
  readonly source: Source;
  /** Where the first entry lies. */
  readonly firstAt: number;
  readonly oddities: readonly Oddity[];
  readonly jar: JarResult | undefined;
  readonly schemes: readonly SchemeResult[];
  readonly ports: ApkPorts;
}

/** Oddities that are a trick by themselves. */
const BY_ODDITY: Readonly<Record<string, readonly [TrickName, string]>> = {
  'duplicate-name': [
    'master-key-8219321',
    'two entries of one name: before Android 4.3 one was verified and the other loaded (CVE-2013-4787)',
  ],
  'extra-length-signed': [
    'master-key-9695860',
    'an extra field of 32 KiB or more: before Android 4.3.1 the verifier read its length as negative',
  ],
  'local-name-length': [
    'master-key-9950697',
    'name lengths that differ: before Android 4.4 the verifier and the loader found the data in different places',
  ],
  'encrypted-flag': ['encrypted-flag', 'marked encrypted, and read as it lies: Android ignores the flag, analysis tools stop at it'],
  method: ['odd-method', 'a compression method that does not exist: Android inflates it all the same, analysis tools refuse it'],
  'local-method': ['odd-method', 'headers that name different compression methods: Android goes by the directory'],
  'stored-under-method': ['odd-method', 'a compression method over data that is not compressed'],
  'local-size': ['forged-sizes', 'headers that state different sizes: Android goes by the directory'],
  'local-compressed-size': ['forged-sizes', 'headers that state different compressed sizes: Android goes by the directory'],
  'entry-outside': ['forged-sizes', 'an entry that claims bytes beyond the directory'],
  overlap: ['overlapping-entries', 'entries that share bytes: how archives of a few kilobytes unpack to petabytes'],
  'name-nul': ['hidden-names', 'a NUL in a name: tools in C see another name than those in Java'],
  'name-control': ['hidden-names', 'control characters in a name'],
  'name-long': ['hidden-names', 'a name longer than file systems hold: analysis tools that unpack to disk stop at it'],
  'name-empty': ['hidden-names', 'an entry without a name'],
  'name-file-and-folder': ['hidden-names', 'a file that is a folder too: analysis tools that unpack to disk stop at it'],
  'name-traversal': ['path-traversal', 'a name with "..": written outside the folder by tools that trust it'],
  'name-absolute': ['path-traversal', 'an absolute name: written outside the folder by tools that trust it'],
  'arsc-key-traversal': ['path-traversal', 'a resource name with "..": written outside the folder by tools that decode resources'],
  'entry-count': ['directory-forged', 'the end record counts other entries than the directory holds'],
  'central-size': ['directory-forged', 'the end record states another size than the directory has'],
  'central-truncated': ['directory-forged', 'the directory ends inside an entry'],
  'end-in-comment': ['directory-forged', 'a second end record in the comment: which directory counts depends on the reader'],
};

/** Deviations of compiled XML that installers accept and that no build tool writes. */
const AXML = /^(?:axml-(?!comment|no-resource-map)|pool-(?!styles$))/;

const STRIPPED_ISSUES: ReadonlySet<string> = new Set([
  'JAR_SIG_MISSING_APK_SIG_REFERENCED',
  'V2_SIG_MISSING_APK_SIG_REFERENCED',
  'V31_BLOCK_MISSING',
]);

/** Names the tricks that an APK shows, each once. */
export async function tricksOf({ source, firstAt, oddities, jar, schemes, ports }: TrickEvidence): Promise<readonly Trick[]> {
  const found = new Map<TrickName, string>();
  const add = (name: TrickName, because: string) => {
    if (!found.has(name)) found.set(name, because);
  };
  for (const { code, detail } of oddities) {
    const known = BY_ODDITY[code];
    if (known !== undefined) add(known[0], `${known[1]}: ${detail}`);
    else if (AXML.test(code)) add('axml-tampered', `${code}: ${detail}; Android accepts what its analysts' tools refuse`);
    else if (code === 'block-magic' || code === 'block-size-mismatch') add('stripped-signature', `remains of a signing block: ${detail}`);
  }
  await nameJanus(source, firstAt, add);
  const issues = [...schemes.flatMap(schemeErrors), ...(jar?.signers.flatMap((signer) => signer.log.errors) ?? [])];
  const stripped = issues.find(({ name }) => STRIPPED_ISSUES.has(name));
  if (stripped !== undefined) add('stripped-signature', `a newer signature is announced and missing: ${stripped.name}, ${stripped.detail}`);
  for (const { chain } of jar?.signers ?? []) await nameFakeId(chain, ports, add);
  return [...found].map(([name, because]) => ({ name, because }));
}

type Add = (name: TrickName, because: string) => void;

async function nameJanus(source: Source, firstAt: number, add: Add): Promise<void> {
  if (source.size < 8 || firstAt < 8) return;
  const [d, e, x, lf] = await source.read(0, 4);
  if (d === 0x64 && e === 0x65 && x === 0x78 && lf === 0x0a) {
    add(
      'janus',
      'the file begins as DEX and ends as ZIP: before the patch level of 2017-12 the runtime ran code that a v1 signature never covered (CVE-2017-13156)',
    );
  }
}

/** FakeID: platforms before 4.4.3 believed an issuer's name; here the issuer's key must have signed. */
async function nameFakeId(chain: readonly Certificate[], ports: ApkPorts, add: Add): Promise<void> {
  for (const [index, certificate] of chain.entries()) {
    const issuer = chain[index + 1];
    if (issuer === undefined) return;
    const scheme = signatureSchemeOf(certificate.signatureAlgorithm);
    if (scheme === undefined) return;
    const question = { scheme, spki: issuer.spki.bytes, data: certificate.tbs, signature: certificate.signature };
    if ((await ports.verify(question)) === 'invalid') {
      add('fake-id', 'a certificate names an issuer who never signed it: before Android 4.4.4 the name alone was believed (bug 13678484)');
      return;
    }
  }
}
