/** Holds two verifiers' answers together, and knows where the reference library is known to differ from Android, or from us for a reason. */

/** An answer: texts, so that equal is equal. */
export interface Saying {
  /** `true`, `false`, or the exception. */
  readonly verdict: string;
  readonly signers: string;
  readonly schemes: string;
  readonly errors: string;
  readonly warnings: string;
  readonly stamp: string;
  readonly why: string;
}

/** A line of ApkVerdicts.java. */
export function sayingOf(line: string): readonly [key: string, saying: Saying] {
  const [name = '', range = '', verdict = '', signers = '', schemes = '', errors = '', warnings = '', stamp = '', why = ''] =
    line.split('\t');
  return [`${name} ${range}`, { verdict, signers, schemes, errors, warnings, stamp, why: why.slice(0, 400) }];
}

/** Two answers that are not the same. */
export interface Difference {
  readonly name: string;
  readonly range: string;
  /** What of it differs, and how: what many have in common. */
  readonly kind: string;
  readonly ours: string;
  readonly theirs: string;
}

interface Known {
  readonly because: string;
  readonly is: (ours: Saying, theirs: Saying) => boolean;
}

const UNCHECKED =
  /^(?:RuntimeException|Illegal\w+Exception|NullPointerException|IndexOutOfBoundsException|BufferUnderflowException|NegativeArraySizeException|ClassCastException)$/;

const CONTENTS = 'V3_SIG_APK_DIGEST_DID_NOT_VERIFY';

const KNOWN: readonly Known[] = [
  {
    because: 'the library does not compare the contents’ digests that v3.1 states; platforms do',
    is: (ours) => ours.verdict === 'false' && ours.errors.includes(CONTENTS) && ours.why.startsWith('of v3.1'),
  },
  {
    because:
      'a certificate with a changed byte is one to one of us and not to the other, as Java, BoringSSL and we each read what nobody writes',
    is: (ours, theirs) => ours.errors.includes('_MALFORMED_CERTIFICATE') !== theirs.errors.includes('_MALFORMED_CERTIFICATE'),
  },
  {
    because: 'a broken .idsig file ends the library in an exception, or passes; we name it, and to us the APK is then one without v4',
    is: (ours, theirs) => ours.why.includes('V4_SIG_') && /^(?:IO|NullPointer)Exception$/.test(theirs.verdict),
  },
  {
    because: 'the library falls over with an exception of Java’s, and we name what is wrong',
    is: (ours, theirs) => ours.verdict !== 'true' && UNCHECKED.test(theirs.verdict),
  },
];

/** What is said of a bad .idsig file is compared by the verdict alone: the library lets it go where we refuse it, because whoever gives it to us asks about it. */
const withoutV4 = (saying: Saying): Saying => {
  const plain = (names: string) =>
    names
      .split(' ')
      .filter((name) => !/^V41?_/.test(name))
      .join(' ');
  const schemes = saying.verdict === 'true' ? saying.schemes : saying.schemes.replace(/ ?v4$/, '');
  return { ...saying, errors: plain(saying.errors), warnings: plain(saying.warnings), schemes };
};

/** Compares our answers with theirs. */
export function compareAnswers(
  ours: ReadonlyMap<string, Saying>,
  theirs: readonly (readonly [string, Saying])[],
): {
  readonly agreed: number;
  readonly verified: number;
  readonly known: ReadonlyMap<string, number>;
  readonly differences: readonly Difference[];
} {
  const known = new Map<string, number>();
  const differences: Difference[] = [];
  const verified = new Set<string>();
  let agreed = 0;
  for (const [key, said] of theirs) {
    const their = withoutV4(said);
    const asked = ours.get(key);
    if (asked === undefined) throw new Error(`${key} was not asked`);
    const own = withoutV4(asked);
    const [name = '', range = ''] = key.split(' ');
    if (own.verdict === 'true') verified.add(name);
    const kind = kindOf(own, their);
    const reason = kind === undefined ? undefined : KNOWN.find(({ is }) => is(own, their))?.because;
    if (kind === undefined) agreed++;
    else if (reason === undefined) differences.push({ name, range, kind, ours: own.why, theirs: their.why });
    else known.set(reason, (known.get(reason) ?? 0) + 1);
  }
  if (theirs.length !== ours.size) throw new Error(`${ours.size} were asked and ${theirs.length} answered`);
  return { agreed, verified: verified.size, known, differences };
}

/** An exception loses what was found before it, and its class is Java's business. */
const isException = ({ verdict }: Saying) => /(?:Sdk|Format)\w*Exception|^IOException/.test(verdict);

/** How two answers differ, or undefined. */
function kindOf(ours: Saying, theirs: Saying): string | undefined {
  const isTrue = (saying: Saying) => saying.verdict === 'true';
  if (isTrue(ours) !== isTrue(theirs)) return `VERDICT ${ours.verdict} ${ours.errors} and ${theirs.verdict} ${theirs.errors}`;
  if (isException(ours) && isException(theirs)) return undefined;
  const fields = isTrue(ours) ? (['signers', 'schemes', 'stamp', 'warnings'] as const) : (['verdict', 'errors', 'schemes'] as const);
  for (const field of fields) {
    if (ours[field] !== theirs[field]) return `${field}: ${brief(field, ours)} and ${brief(field, theirs)}`;
  }
  return undefined;
}

/** Signers and stamps hold digests, which no two APKs have in common. */
const brief = (field: keyof Saying, saying: Saying) =>
  field === 'signers' ? `${saying.signers.length} characters` : saying[field].replace(/\b[0-9a-f]{8}\b/g, '#') || 'nothing';
