/** A firmware image, judged without a phone: the same checks on the same kinds of facts, of which nothing is hidden. The subject is this image. */
import type { Instant } from '../bytes/index.ts';
import { accountOf, allChecks, type CheckContext, type CheckResults, packageView, patchQueries, runChecks } from '../checks/index.ts';
import { type Artefact, type Capture, type Claims, type Facts, withApkFacts, withMarkerFacts, withScanFacts } from '../evidence/index.ts';
import { knowledgeAt } from '../knowledge/index.ts';
import { askShelf, textsOf } from '../references/compare/index.ts';
import type { ReadFilesPort } from '../references/index.ts';
import { decide } from '../verdict/index.ts';
import { buildReport } from './build.ts';
import type { Bench } from './judge.ts';
import type { Report } from './schema.ts';

/** What is judged. */
export interface JudgedImage {
  readonly facts: Facts;
  /** Its apps and libraries: looked into as those are that were pulled from a phone. */
  readonly artefacts: readonly Artefact[];
  /** The files that were given, each with its SHA-256; undefined: read by ranges and never whole. */
  readonly files: readonly { readonly artefact: Artefact; readonly sha256: string | undefined }[];
  readonly claims: Claims;
  readonly source: string;
  readonly asOf: Instant;
  /** Reads files of the image: texts that differ are shown where the build's can be read, too. */
  readonly readFiles?: ReadFilesPort;
}

/** Families of checks that ask for a running phone, its hardware or its history, whatever facts they need. */
const OF_PHONES =
  /^(?:silicon|identity|behaviour\.(?!indicator-properties|patch-age)|boot\.lock-state|boot\.custom-key|boot\.root-digest|reference\.vbmeta-digest|properties\.file-against-runtime)/;

/** What stands where a capture does: for the list of evidence, and for readers of single files. What is judged is said by `isImage`. */
const NO_CAPTURE: Omit<Capture, 'claims' | 'artefacts'> = {
  trust: 'operator',
  origin: 'firmware',
  takenAt: undefined,
  items: [],
  changes: [],
  unused: [],
};

/** Judges an image. */
export async function judgeImage(
  { facts: read, artefacts, files, claims, source, asOf, readFiles }: JudgedImage,
  bench: Omit<Bench, 'asOf'>,
): Promise<Report> {
  const { history } = bench;
  const knowledge = knowledgeAt(bench.knowledge, asOf);
  const { hash, verify, codec, openScanner } = bench;
  const opened = { ...NO_CAPTURE, claims, artefacts };
  const marked = await withMarkerFacts(await withApkFacts(read, opened, { hash, verify, codec }), opened, patchQueries, codec);
  const facts = openScanner === undefined ? marked : await withScanFacts(marked, opened, openScanner, codec);
  const { references, elsewhere, listed } = await askShelf(facts, claims, bench.references, bench.shelf);
  const context: CheckContext = {
    facts,
    claims,
    trust: 'image',
    knowledge,
    references,
    history,
    asOf,
    ...(elsewhere === undefined ? {} : { elsewhere }),
    ...(listed === undefined ? {} : { listed }),
  };
  const kinds = new Set(facts.list.map(({ kind }) => kind));
  const fitting = (bench.checks ?? allChecks).filter(({ id, needs }) => !OF_PHONES.test(id) && needs.every((kind) => kinds.has(kind)));
  const results = withPhonesLeftOut(runChecks(fitting, context), (bench.checks ?? allChecks).length - fitting.length);
  const verdict = decide(results, bench.policy, { trust: 'image', asOf, attests: undefined, isAsked: false, claimedModel: claims.model });
  const capture: Capture = { ...NO_CAPTURE, claims, artefacts: files.map(({ artefact }) => artefact) };
  const { yardsticks } = accountOf(context);
  // The first is the one that the report shows; the others are a line each.
  const [first] = yardsticks;
  const texts = first === undefined ? [] : await textsOf(first.comparison.differences, first.reference.readFiles, readFiles);
  return buildReport({
    source,
    capture,
    facts,
    results,
    verdict,
    asOf,
    digests: new Map(files.flatMap(({ artefact, sha256 }) => (sha256 === undefined ? [] : [[artefact.name, sha256] as const]))),
    versions: { assay: bench.version, knowledge: knowledge.version, references: references.map(({ digest }) => digest) },
    yardsticks,
    texts,
    elsewhere,
    packages: packageView(context),
    isImage: true,
  });
}

/** Checks of phones are one line: an image is not asked what it runs. */
function withPhonesLeftOut(results: CheckResults, left: number): CheckResults {
  const line = {
    what: `${left} checks of running phones`,
    because: 'an image does not run',
    settledBy: 'inspecting the phone that it is installed on',
  };
  return { ...results, notExamined: [...results.notExamined, line] };
}
