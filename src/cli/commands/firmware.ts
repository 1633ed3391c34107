import { createHash } from 'node:crypto';
import { Command } from 'commander';
import { FormatError, type Source } from '../../bytes/index.ts';
import type { AvbSignatureResult } from '../../formats/android/index.ts';
import { verifyImages } from '../../platform/node/images/index.ts';
import { nodeCodec, nodeHash, nodeInflate, nodeStream, nodeVerify, openPartitionPool, openSpool } from '../../platform/node/index.ts';
import { checkImageSize, examineFiles, findPartitions, openContainer, type RomContents } from '../../references/index.ts';
import { because } from '../because.ts';
import { EXIT, UsageError } from '../exit.ts';
import { type GivenRom, type OpenRom, openRom } from '../rom.ts';
import { type ManifestFlags, printManifest } from './firmware-manifest.ts';

const threadCount = (text: string): number => {
  if (!/^[1-9]\d?$/.test(text)) throw new UsageError('--threads wants a number from 1 to 99');
  return Number(text);
};

const ports = { hash: nodeHash, codec: nodeCodec, stream: nodeStream };
const examinePorts = { hash: nodeHash, codec: nodeCodec, verify: nodeVerify, inflate: nodeInflate };
/** Bytes read at once while a member is printed or hashed. */
const WINDOW = 2 << 20;

interface RomFlags extends ManifestFlags {
  readonly from?: string;
}

type Run = (given: GivenRom, flags: RomFlags) => Promise<number>;

/** `assay firmware ls|cat|info|verify|manifest ROM[!inner/path]` */
export function firmwareCommand(): Command {
  const on = (name: string, summary: string, run: Run) =>
    new Command(name)
      .summary(summary)
      .argument('<rom>', 'a firmware file or its https:// address, and after ! a path inside it')
      .option('--json', 'print the result as one JSON document and nothing else')
      .option('--from <rom>', 'the firmware of the build before, where the package is an incremental one')
      .action(async (rom: string, flags: RomFlags) => {
        process.exitCode = await guarded(rom, flags, run);
      });
  return new Command('firmware')
    .description('Reads firmware where it lies: OTA zips, payloads, super and sparse images, boot images.')
    .addCommand(on('ls', 'list what a container holds', list))
    .addCommand(on('cat', 'print a member', print))
    .addCommand(on('info', 'list partitions with size and SHA-256', describe))
    .addCommand(on('verify', 'verify the partitions by their vbmeta', verify))
    .addCommand(
      on('manifest', 'list everything in all partitions: files, apps, properties, digests', printManifest)
        .option('--threads <count>', 'threads that examine partitions; default: one a core, four at most', threadCount)
        .option('--reference', 'print a reference: the manifest with where it came from and who signed the package'),
    );
}

async function guarded(rom: string, flags: RomFlags, run: Run): Promise<number> {
  const spool = openSpool();
  const opened: OpenRom[] = [];
  try {
    const withSpool = { ...ports, spool: spool.spool };
    let before: ReadonlyMap<string, Source> | undefined;
    if (flags.from !== undefined) {
      const old = await openRom(flags.from, withSpool);
      opened.push(old);
      const { partitions } = await findPartitions(old.source, withSpool, old.name);
      before = imagesOf(partitions);
    }
    const romPorts = before === undefined ? withSpool : { ...withSpool, before };
    const found = await openRom(rom, romPorts);
    opened.push(found);
    return await run({ ...found, rom, ports: romPorts }, flags);
  } catch (error) {
    if (flags.json === true) console.log(JSON.stringify({ source: rom, error: because(error) }, null, 2));
    else console.error(plain(`assay: ${rom}: ${because(error)}`));
    return EXIT.couldNot;
  } finally {
    await Promise.all(opened.map((one) => one.close()));
    await spool.close();
  }
}

/** Partitions that are images: what is installed file by file is none. */
const imagesOf = (partitions: RomContents['partitions']): ReadonlyMap<string, Source> =>
  new Map([...partitions].flatMap(([name, { source, files }]) => (files === undefined ? [[name, source] as const] : [])));

/** Text from firmware goes to a terminal: without control characters. */
const plain = (text: string) => text.replaceAll(/[^\P{Cc}\n]/gu, '\ufffd');

async function list({ source, name, rom, ports: romPorts }: GivenRom, flags: RomFlags): Promise<number> {
  const container = await openContainer(source, romPorts, name);
  if (container === undefined) throw new FormatError({ format: 'firmware', field: rom, at: 0 }, 'bad-value', 'no container known here');
  const members = (await container.list()).map((member) => ({ name: member.name, size: member.size }));
  for (const note of container.notes ?? []) console.error(plain(`${container.kind}: ${note}`));
  if (flags.json === true) console.log(JSON.stringify({ kind: container.kind, members }, null, 2));
  else for (const member of members) console.log(plain(`${String(member.size).padStart(12)}  ${member.name.replaceAll('\n', '\ufffd')}`));
  return EXIT.done;
}

async function print({ source }: GivenRom): Promise<number> {
  for (let at = 0; at < source.size; at += WINDOW) {
    const piece = await source.read(at, Math.min(WINDOW, source.size - at));
    await new Promise<void>((resolve, reject) => {
      process.stdout.write(piece, (error) => (error ? reject(error) : resolve()));
    });
  }
  return EXIT.done;
}

interface Described {
  readonly name: string;
  readonly size: number;
  readonly sha256: string | null;
  readonly error?: string;
}

async function describe(given: GivenRom, flags: RomFlags): Promise<number> {
  const { kind, partitions: found, unread } = await findPartitions(given.source, given.ports, given.name);
  if (found.size === 0 && unread.length === 0)
    throw new FormatError({ format: 'firmware', field: 'partitions', at: 0 }, 'bad-value', 'none found');
  const partitions: Described[] = unread.map(({ partition, because }) => ({ name: partition, size: 0, sha256: null, error: because }));
  for (const [name, { source, files }] of found) {
    try {
      if (files !== undefined) {
        const { partitions: rows, unread: missed } = await examineFiles({ name }, files, examinePorts);
        for (const { size, sha256 } of rows.slice(0, 1))
          partitions.push({ name, size, sha256, ...(missed[0] === undefined ? {} : { error: missed[0].because }) });
        continue;
      }
      partitions.push({ name, size: source.size, sha256: await digest(source) });
    } catch (error) {
      // One partition that does not decode costs that partition.
      if (!(error instanceof FormatError)) throw error;
      partitions.push({ name, size: source.size, sha256: null, error: because(error) });
    }
  }
  if (flags.json === true) console.log(JSON.stringify({ kind: kind ?? null, partitions }, null, 2));
  else
    for (const { name, size, sha256, error } of partitions)
      console.log(plain(`${String(size).padStart(12)}  ${sha256 ?? error ?? ''}  ${name}`));
  return partitions.some(({ error }) => error !== undefined) ? EXIT.couldNot : EXIT.done;
}

async function digest(source: Source): Promise<string> {
  checkImageSize(source.size);
  const hasher = createHash('sha256');
  for (let at = 0; at < source.size; at += WINDOW) hasher.update(await source.read(at, Math.min(WINDOW, source.size - at)));
  return hasher.digest('hex');
}

async function verify({ source, name, rom, ports: romPorts }: GivenRom, flags: RomFlags): Promise<number> {
  const { partitions, unread, stated } = await findPartitions(source, romPorts, name);
  if (partitions.size === 0) throw new FormatError({ format: 'firmware', field: rom, at: 0 }, 'bad-value', 'no partition found');
  const images = imagesOf(partitions);
  const pool = openPartitionPool(flags.threads);
  try {
    const result = await verifyImages(images, pool);
    const missing = [
      ...unread.map(({ partition, because: why }) => ({ partition, because: why, outcome: 'not-read' as const })),
      ...[...partitions].flatMap(([partition, { files }]) =>
        files === undefined
          ? []
          : [{ partition, because: 'its files are installed one by one: verified boot binds none of them', outcome: 'not-bound' as const }],
      ),
    ];
    const lists = await verifyLists(stated);
    // What could not be opened was not verified.
    const verified = result.verified && missing.length === 0 && lists.every(({ outcome }) => outcome === 'intact');
    if (flags.json === true) console.log(JSON.stringify({ ...result, verified, unread: missing, lists }, null, 2));
    else {
      for (const row of [...missing, ...result.partitions, ...lists])
        console.log(plain(`${row.outcome.padEnd(12)} ${row.partition}: ${row.because}${signer(row)}`));
      console.log(verified ? `verified, vbmeta digest ${result.vbmetaDigest ?? '-'}` : 'NOT verified');
    }
    return verified ? EXIT.done : EXIT.reject;
  } finally {
    await pool.close();
  }
}

/** Whose key it is: the SHA-256 that attestations state, too. */
const signer = (row: object) => {
  const { signature }: { readonly signature?: AvbSignatureResult | null } = row;
  return signature?.keySha256 === undefined || signature.keySha256 === null ? '' : `, key ${signature.keySha256}`;
};

interface ListedFile {
  readonly partition: string;
  readonly outcome: 'intact' | 'altered';
  readonly because: string;
}

/** Files of the package against the lists of digests in it: they tell damage, not forgery. */
async function verifyLists(stated: RomContents['stated']): Promise<readonly ListedFile[]> {
  const rows: ListedFile[] = [];
  for (const { name, algorithm, hex, open } of stated) {
    const source = await open();
    const hasher = createHash(algorithm);
    for (let at = 0; at < source.size; at += WINDOW) hasher.update(await source.read(at, Math.min(WINDOW, source.size - at)));
    const good = hasher.digest('hex') === hex;
    rows.push({
      partition: name,
      outcome: good ? 'intact' : 'altered',
      because: `its ${algorithm} is ${good ? 'the one' : 'not the one'} that the package lists`,
    });
  }
  return rows;
}
