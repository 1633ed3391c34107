import { createHash } from 'node:crypto';
import { Command } from 'commander';
import { FormatError, type Source } from '../../bytes/index.ts';
import { verifyAvb } from '../../formats/android/index.ts';
import { type FileSource, nodeCodec, nodeHash, nodeVerify, openFile, openHttp } from '../../platform/node/index.ts';
import { listPartitions, openContainer, openInside } from '../../references/index.ts';
import { EXIT, UsageError } from '../exit.ts';
import { callerPath } from '../paths.ts';
import { printManifest } from './firmware-manifest.ts';

const threadCount = (text: string): number => {
  if (!/^[1-9]\d?$/.test(text)) throw new UsageError('--threads wants a number from 1 to 99');
  return Number(text);
};

const ports = { hash: nodeHash, codec: nodeCodec };
/** Bytes read at once while a member is printed or hashed. */
const WINDOW = 2 << 20;

interface JsonFlag {
  readonly json?: true;
  readonly threads?: number;
}

/** `assay firmware ls|cat|info|verify|manifest ROM[!inner/path]` */
export function firmwareCommand(): Command {
  const on = (name: string, summary: string, run: (source: Source, flags: JsonFlag, rom: string) => Promise<number>) =>
    new Command(name)
      .summary(summary)
      .argument('<rom>', 'a firmware file or its https:// address, and after ! a path inside it')
      .option('--json', 'print the result as one JSON document and nothing else')
      .action(async (rom: string, flags: JsonFlag) => {
        process.exitCode = await guarded(rom, flags, run);
      });
  return new Command('firmware')
    .description('Reads firmware where it lies: OTA zips, payloads, super and sparse images, boot images.')
    .addCommand(on('ls', 'list what a container holds', list))
    .addCommand(on('cat', 'print a member', print))
    .addCommand(on('info', 'list partitions with size and SHA-256', describe))
    .addCommand(on('verify', 'verify the partitions by their vbmeta', verify))
    .addCommand(
      on('manifest', 'list everything in all partitions: files, apps, properties, digests', printManifest).option(
        '--threads <count>',
        'threads that examine partitions; default: one a core, four at most',
        threadCount,
      ),
    );
}

async function guarded(
  rom: string,
  flags: JsonFlag,
  run: (source: Source, flags: JsonFlag, rom: string) => Promise<number>,
): Promise<number> {
  let file: FileSource | undefined;
  try {
    // A file may have an exclamation mark in its name; the first one divides.
    const split = rom.indexOf('!');
    const outer = split < 0 ? rom : rom.slice(0, split);
    let source: Source;
    if (/^https?:\/\//i.test(outer)) source = await openHttp(outer);
    else {
      file = await openFile(callerPath(outer));
      source = file;
    }
    return await run(await openInside(source, split < 0 ? '' : rom.slice(split + 1), ports), flags, rom);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (flags.json === true) console.log(JSON.stringify({ source: rom, error: error.message }, null, 2));
    else console.error(plain(`assay: ${rom}: ${error.message}`));
    return EXIT.couldNot;
  } finally {
    await file?.close();
  }
}

/** Text from firmware goes to a terminal: without control characters. */
const plain = (text: string) => text.replaceAll(/[^\P{Cc}\n]/gu, '\ufffd');

async function list(source: Source, flags: JsonFlag, rom: string): Promise<number> {
  const container = await openContainer(source, ports);
  if (container === undefined) throw new FormatError({ format: 'firmware', field: rom, at: 0 }, 'bad-value', 'no container known here');
  const members = container.members.map(({ name, size }) => ({ name, size }));
  if (flags.json === true) console.log(JSON.stringify({ kind: container.kind, members }, null, 2));
  else for (const { name, size } of members) console.log(plain(`${String(size).padStart(12)}  ${name.replaceAll('\n', '\ufffd')}`));
  return EXIT.done;
}

async function print(source: Source): Promise<number> {
  for (let at = 0; at < source.size; at += WINDOW) {
    const piece = await source.read(at, Math.min(WINDOW, source.size - at));
    await new Promise<void>((resolve, reject) => {
      process.stdout.write(piece, (error) => (error ? reject(error) : resolve()));
    });
  }
  return EXIT.done;
}

async function describe(source: Source, flags: JsonFlag): Promise<number> {
  const partitions: { readonly name: string; readonly size: number; readonly sha256: string | null; readonly error?: string }[] = [];
  for (const [name, image] of await listPartitions(source, ports)) {
    try {
      partitions.push({ name, size: image.size, sha256: await digest(image) });
    } catch (error) {
      // One partition that does not decode costs that partition.
      if (!(error instanceof FormatError)) throw error;
      partitions.push({ name, size: image.size, sha256: null, error: error.message });
    }
  }
  if (flags.json === true) console.log(JSON.stringify({ partitions }, null, 2));
  else
    for (const { name, size, sha256, error } of partitions)
      console.log(plain(`${String(size).padStart(12)}  ${sha256 ?? error ?? ''}  ${name}`));
  return partitions.some(({ error }) => error !== undefined) ? EXIT.couldNot : EXIT.done;
}

async function digest(source: Source): Promise<string> {
  const hasher = createHash('sha256');
  for (let at = 0; at < source.size; at += WINDOW) hasher.update(await source.read(at, Math.min(WINDOW, source.size - at)));
  return hasher.digest('hex');
}

async function verify(source: Source, flags: JsonFlag, rom: string): Promise<number> {
  const partitions = await listPartitions(source, ports);
  if (partitions.size === 0) throw new FormatError({ format: 'firmware', field: rom, at: 0 }, 'bad-value', 'no partition found');
  const result = await verifyAvb({ partitions, verify: nodeVerify, hash: nodeHash });
  if (flags.json === true) console.log(JSON.stringify(result, null, 2));
  else {
    for (const { partition, outcome, because } of result.partitions) console.log(plain(`${outcome.padEnd(12)} ${partition}: ${because}`));
    console.log(result.verified ? `verified, vbmeta digest ${result.vbmetaDigest ?? '-'}` : 'NOT verified');
  }
  return result.verified ? EXIT.done : EXIT.reject;
}
