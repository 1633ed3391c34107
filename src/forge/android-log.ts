/** Makes a log as Google serves one: entries, tiles in its layout, a list with indexes or bundles, and a signed checkpoint. Pure: who signs is an argument. */
import type { HashPort } from '../bytes/index.ts';
import {
  type AndroidLog,
  type AndroidLogEntry,
  androidLogKey,
  androidLogPayload,
  entriesPath,
  formatCheckpoint,
  formatNote,
  leafHash,
  rootOf,
  TILE_WIDTH,
  writeEntries,
} from '../provenance/index.ts';

/** Every file of the log by its path. `sign` signs the checkpoint's text. */
export async function forgeAndroidLog(
  hash: HashPort,
  log: AndroidLog,
  entries: readonly AndroidLogEntry[],
  sign: (text: Uint8Array) => Uint8Array | Promise<Uint8Array>,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const utf8 = new TextEncoder();
  const files = new Map<string, Uint8Array>();
  const payloads = entries.map((entry) => utf8.encode(androidLogPayload(entry)));
  const leaves = payloads.map((payload) => leafHash(hash, payload));
  const width = 2 ** log.layout.height;
  for (let level = 0, nodes = leaves; nodes.length > 0; level++) {
    const above: Uint8Array[] = [];
    for (let index = 0; index * width < nodes.length; index++) {
      const tile = nodes.slice(index * width, (index + 1) * width);
      files.set(log.layout.path(level, index, tile.length), joined(tile));
      if (tile.length === width) above.push(rootOf(hash, tile));
    }
    nodes = above;
  }
  if (log.lists === undefined)
    for (let bundle = 0; bundle * TILE_WIDTH < payloads.length; bundle++) {
      const part = payloads.slice(bundle * TILE_WIDTH, (bundle + 1) * TILE_WIDTH);
      files.set(entriesPath(bundle, part.length), writeEntries(part));
    }
  else files.set(log.lists.at(-1) ?? '', utf8.encode(entries.map((entry, i) => `${i}\n${androidLogPayload(entry)}`).join('\n')));
  const text = formatCheckpoint({ origin: log.origin, size: leaves.length, root: rootOf(hash, leaves), extensions: [] });
  const { name, id } = androidLogKey(hash, log);
  files.set(log.checkpoint, utf8.encode(formatNote(text, [{ name, id, signature: await sign(utf8.encode(text)) }])));
  return files;
}

function joined(hashes: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(hashes.length * 32);
  for (const [i, one] of hashes.entries()) bytes.set(one, i * 32);
  return bytes;
}
