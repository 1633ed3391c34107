// A process that puts a ROM onto a shelf, and may die once so many of its partitions are kept: node add-rom.ts FOLDER CONFIG ROM VERSION [KEPT]
// Says which partitions it read, which it had from before, and the digest of the build.
import { readFileSync, writeSync } from 'node:fs';
import { bytesSource } from '../../src/bytes/index.ts';
import { nodeCodec, nodeHash, nodeInflate, nodeStream, nodeVerify } from '../../src/platform/node/index.ts';
import { findPartitions, makeManifest, type PartitionPart } from '../../src/references/index.ts';
import { openShelf } from '../../src/store/shelf/index.ts';

const [folder = '', config = '', rom = '', version = '', kept = ''] = process.argv.slice(2);
const ports = { hash: nodeHash, codec: nodeCodec, verify: nodeVerify, inflate: nodeInflate, stream: nodeStream };
const bytes = new Uint8Array(readFileSync(rom));
const hasher = nodeHash('sha256');
hasher.update(bytes);
const making = { sha256: Buffer.from(hasher.digest()).toString('hex'), version };
const shelf = await openShelf(folder, { config });
const checkpoint = shelf.checkpoint(making);
let left = kept === '' ? Number.POSITIVE_INFINITY : Number(kept);
const contents = await findPartitions(bytesSource(bytes), ports, 'rom.tar');
const { manifest } = await makeManifest(contents, {
  ports,
  together: 1,
  checkpoint: {
    ...checkpoint,
    async load(partition) {
      const part = await checkpoint.load(partition);
      if (part !== undefined) writeSync(1, `before ${partition}\n`);
      return part;
    },
    async keep(partition: string, part: PartitionPart) {
      await checkpoint.keep(partition, part);
      writeSync(1, `read ${partition}\n`);
      left--;
      if (left === 0) process.kill(process.pid, 'SIGKILL');
    },
  },
});
const provenance = { made: 'image' as const, sources: [], signatures: [], vouched: 'nobody' as const, label: 'release' as const };
writeSync(1, `${(await shelf.put({ manifest, provenance, writer: { by: 'here' } })).digest}\n`);
await shelf.forget(making);
shelf.close();
