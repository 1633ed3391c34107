/** Pulled files against YARA rules: every member of an APK decompressed, because what is deflated shows no string. Which rules, and by which engine, come as an argument. */
import { bytesSource, type CodecPort, FormatError, type RuleScanner, readAll, type Source } from '../bytes/index.ts';
import type { Artefact, Capture } from './capture.ts';
import { type Facts, weaker } from './fact.ts';
import { makeFact } from './reader.ts';
import type { ScannedFile } from './values/index.ts';

/** Code and data of one member; what is larger is named and left. */
const MEMBER_MAX = 128 << 20;
/** All members of one archive, and of those within it. */
const ARCHIVE_MAX = 768 << 20;
const MEMBERS_MAX = 20_000;
/** What may be unpacked in vain: entries of a small bomb, over one another, would each be unpacked to the ceiling, for hours. */
const WASTED_MAX = 1 << 30;
/** Archives within the archive: droppers carry an app in an app; one that holds itself would have no end. */
const NESTED_MAX = 3;
const MATCHES_MAX = 100;
const LEFT_MAX = 50;

/** Libraries and apps of the framework: malware there is in every app, so they are scanned first, whatever time there is. */
const FIRST =
  /(^|\/)(libandroid_runtime\.so|libcutils\.so|boot[^/]*\.(oat|vdex)|SystemUI\.apk|framework[^/]*\.(jar|apk)|services\.jar|Settings\.apk)$/;

/** Base names of files of the framework that are worth scanning besides apps. */
export const FRAMEWORK_FILES: readonly string[] = [
  'libandroid_runtime.so',
  'libcutils.so',
  'boot-framework.oat',
  'framework.jar',
  'services.jar',
];

/** Members that cannot hold what rules look for: pictures and sounds, and signatures. */
const DULL = /\.(png|webp|jpe?g|gif|9\.png|mp3|ogg|wav|mp4|ttf|otf|RSA|SF|MF)$/i;

/** Compiles the rules when they are needed; undefined where this machine has no engine. */
export type OpenScanner = () => Promise<RuleScanner | undefined>;

/** Adds what the rules found to the facts. A file that cannot be read costs itself. */
export async function withScanFacts(facts: Facts, capture: Capture, open: OpenScanner, codec: CodecPort): Promise<Facts> {
  const files = capture.artefacts.filter(({ kind }) => kind === 'apk' || kind === 'library');
  // The engine takes its time to load: where there is nothing to scan, it is not.
  if (files.length === 0) return facts;
  const scanner = await open();
  if (scanner === undefined)
    return { list: facts.list, unread: [...facts.unread, { artefact: 'YARA rules', because: 'there is no engine for this machine' }] };
  const first = (artefact: Artefact) => (FIRST.test(artefact.origin ?? artefact.name) ? 0 : 1);
  const list = [...facts.list];
  const unread = [...facts.unread, ...scanner.refused.map(({ source, because }) => ({ artefact: `YARA rules ${source}`, because }))];
  for (const artefact of files.toSorted((a, b) => first(a) - first(b))) {
    const path = artefact.origin ?? artefact.name;
    try {
      const scanned = await scanFile({ path, source: artefact.source, scanner, codec });
      const place = { artefact: artefact.name, at: 0, length: artefact.source.size };
      list.push(makeFact('scans', [scanned], { standing: capture.trust === 'bearer' ? weaker('shown', 'told') : 'shown', place }));
    } catch (error) {
      unread.push({ artefact: artefact.name, because: error instanceof Error ? error.message : String(error) });
    }
  }
  return { list, unread };
}

export interface ScanJob {
  /** As the phone or the operator calls it. */
  readonly path: string;
  readonly source: Source;
  readonly scanner: RuleScanner;
  readonly codec: CodecPort;
}

/** Scans one file: an archive by its members and by those of archives within it, anything else whole. @throws FormatError where it is too large or no member can be listed */
export async function scanFile({ path, source, scanner, codec }: ScanJob): Promise<ScannedFile> {
  const matches: ScannedFile['matches'][number][] = [];
  const left: string[] = [];
  const sum = { bytes: 0, members: 0, wasted: 0 };
  const scan = async (member: string | undefined, body: Uint8Array) => {
    const answer = await scanner.scan(body);
    for (const because of answer.stopped) left.push(`${member ?? 'the file'}: ${because}`);
    // What no source finished was not scanned.
    if (answer.stopped.length > 0 && answer.matches.length === 0) return;
    sum.bytes += body.length;
    for (const { source: from, rule, meta, strings } of answer.matches)
      if (matches.length < MATCHES_MAX) matches.push({ member, source: from, rule, meta, at: strings[0]?.at });
  };
  /** `within`: the names of the archives around this one, outermost first. */
  const scanMembers = async ({ extractEntry, entries }: Archive, body: Source, within: readonly string[]): Promise<void> => {
    const seen = new Set<string>();
    for (const entry of entries) {
      if (DULL.test(entry.name) || entry.name.endsWith('/')) continue;
      const name = [...within, seen.has(entry.name) ? `${entry.name} (again)` : entry.name].join('!/');
      seen.add(entry.name);
      if (++sum.members > MEMBERS_MAX) {
        left.push(`${name} and what follows: more than ${MEMBERS_MAX} members`);
        return;
      }
      if (sum.bytes >= ARCHIVE_MAX || sum.wasted >= WASTED_MAX) {
        left.push(`${name} and what follows: ${sum.bytes} bytes were scanned, and ${sum.wasted} unpacked in vain`);
        return;
      }
      const ceiling = Math.min(MEMBER_MAX, ARCHIVE_MAX - sum.bytes);
      try {
        // A stated size is whoever made the archive's word: the ceiling holds for what comes out.
        const member = (await extractEntry(body, entry, codec, ceiling)).value;
        await scan(name, member);
        const inner = bytesSource(member);
        if (!(await isZip(inner))) continue;
        if (within.length === NESTED_MAX) left.push(`${name}: archives within archives are opened ${NESTED_MAX} deep, and no deeper`);
        else {
          const archive = await archiveOf(inner, true);
          if (archive !== undefined) await scanMembers(archive, inner, [...within, entry.name]);
        }
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        left.push(`${name}: ${error.message}`);
        if (error.code === 'too-large') sum.wasted += ceiling;
      }
    }
  };
  const isArchive = await isZip(source);
  if (!isArchive) await scan(undefined, await readAll(source, MEMBER_MAX, 'scanned file'));
  const archive = await archiveOf(source, isArchive);
  if (archive !== undefined) await scanMembers(archive, source, []);
  const said = left.slice(0, LEFT_MAX);
  return { path, bytes: sum.bytes, matches, left: left.length > LEFT_MAX ? [...said, `and ${left.length - LEFT_MAX} more`] : said };
}

type Archive = NonNullable<Awaited<ReturnType<typeof archiveOf>>>;

/**
 * The members of an archive. One behind other bytes (as Janus puts it behind code) is one to Android, and its packed members would be missed; a file that
 * does not begin as an archive and has no directory either is none.
 */
async function archiveOf(source: Source, mustBe: boolean) {
  const { extractEntry, readZip } = await import('../formats/archive/index.ts');
  try {
    return { extractEntry, entries: (await readZip(source, { locals: false })).value.entries };
  } catch (error) {
    if (mustBe || !(error instanceof FormatError)) throw error;
    return undefined;
  }
}

async function isZip(source: Source): Promise<boolean> {
  if (source.size < 22) return false;
  const head = await source.read(0, 4);
  return head[0] === 0x50 && head[1] === 0x4b && (head[2] === 3 || head[2] === 5);
}
