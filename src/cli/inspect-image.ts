/** Firmware instead of a phone: a ROM in whatever container, a single image, or a folder of images. */
import { existsSync } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Source } from '../bytes/index.ts';
import { patchQueries } from '../checks/index.ts';
import { FRAMEWORK_FILES } from '../evidence/index.ts';
import { nodeCodec, nodeHash, nodeStream, nodeVerify, nodeVerifyStream, openFile, openSpool } from '../platform/node/index.ts';
import type { FirmwarePorts } from '../references/index.ts';
import { type Bench, identifiersOf, judgeImage, type Report, redactReport } from '../report/index.ts';
import type { InspectOptions } from './inspect.ts';
import { callerPath } from './paths.ts';

/** Firmware that a word names, not yet read. */
export interface ImageInput {
  readonly inspect: (options: Pick<InspectOptions, 'claims' | 'redact'>, bench: Bench) => Promise<Report>;
}

/** Images of a folder. */
const IMAGES_MAX = 200;
const MAGIC_BYTES = 8192;

/** The firmware that a word names; undefined where it names something else. Recordings are told from it by their first bytes. */
export async function openImage(word: string): Promise<ImageInput | undefined> {
  const isRemote = /^https?:\/\//i.test(word);
  const path = callerPath(word);
  if (!isRemote && !existsSync(path)) return undefined;
  if (!isRemote && (await stat(path)).isDirectory()) {
    const names = (await readdir(path)).filter((name) => /\.img$/i.test(name)).toSorted();
    return names.length === 0 || names.length > IMAGES_MAX
      ? undefined
      : {
          inspect: (options, bench) =>
            inspectFiles(
              word,
              names.map((name) => join(path, name)),
              { options, bench },
            ),
        };
  }
  if (!isRemote && !(await mayBeFirmware(path))) return undefined;
  const { isFirmware } = await import('../references/index.ts');
  if (!isRemote) {
    const file = await openFile(path);
    try {
      if (!(await isFirmware(file, basename(path)))) return undefined;
    } finally {
      await file.close();
    }
  }
  return { inspect: (options, bench) => inspectFiles(word, [isRemote ? word : path], { options, bench }) };
}

/** Most recordings are text or JSON: nothing else is loaded for them. */
async function mayBeFirmware(path: string): Promise<boolean> {
  const handle = await open(path);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(MAGIC_BYTES), 0, MAGIC_BYTES, 0);
    return buffer.subarray(0, bytesRead).includes(0);
  } finally {
    await handle.close();
  }
}

interface Judging {
  readonly options: Pick<InspectOptions, 'claims' | 'redact'>;
  readonly bench: Bench;
}

interface OpenedFile {
  readonly name: string;
  readonly source: Source;
  readonly close: () => Promise<void>;
}

async function inspectFiles(word: string, paths: readonly string[], { options, bench }: Judging): Promise<Report> {
  const [{ findPartitionsIn, imageArtefacts, imageFacts, packageSignatures, readRomFiles }, { manifestOfContents, sha256Of }, { openRom }] =
    await Promise.all([import('../references/index.ts'), import('./commands/firmware-manifest.ts'), import('./rom.ts')]);
  const spool = openSpool();
  const ports: FirmwarePorts = { hash: nodeHash, codec: nodeCodec, stream: nodeStream, spool: spool.spool };
  const opened: OpenedFile[] = [];
  try {
    for (const path of paths) {
      const rom = /^https?:/i.test(path) ? await openRom(path, ports) : undefined;
      const file = rom === undefined ? await openFile(path) : undefined;
      if (rom !== undefined) opened.push({ name: rom.name, source: rom.source, close: () => rom.close() });
      else if (file !== undefined) opened.push({ name: basename(path), source: file, close: () => file.close() });
    }
    const contents = await findPartitionsIn(opened, ports);
    if (contents.partitions.size === 0) throw new Error('it looks like firmware, and no partition in it can be read here');
    const { manifest } = await manifestOfContents(contents);
    const [first] = opened;
    const signatures =
      first === undefined || opened.length > 1
        ? []
        : await packageSignatures(first.source, { hash: nodeHash, verify: nodeVerify, verifyStream: nodeVerifyStream });
    const facts = await imageFacts({ manifest, contents, signatures }, ports);
    const marked = new Set([...FRAMEWORK_FILES, ...patchQueries.flatMap(({ files }) => files)]);
    const artefacts = await imageArtefacts({ manifest, contents }, marked, ports);
    const isRemote = /^https?:/i.test(word);
    const files = [];
    for (const { name, source } of opened)
      files.push({
        artefact: { name, kind: 'unknown' as const, source, origin: undefined },
        sha256: isRemote ? undefined : await sha256Of(source),
      });
    const report = await judgeImage(
      {
        facts,
        artefacts,
        files,
        claims: options.claims,
        source: word,
        asOf: bench.asOf,
        readFiles: (wanted, limit) => readRomFiles(contents, wanted, ports, limit),
      },
      bench,
    );
    return options.redact ? redactReport(report, identifiersOf(facts, options.claims)) : report;
  } finally {
    await Promise.all(opened.map(({ close }) => close()));
    await spool.close();
  }
}
