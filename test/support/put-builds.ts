// A process that puts builds onto a shelf and says each one that is durable: node put-builds.ts FOLDER CONFIG FAMILY COUNT
import { writeSync } from 'node:fs';
import { openShelf } from '../../src/store/shelf/index.ts';
import { madeBuild } from './made-builds.ts';

const [folder = '', config = '', family = '', count = ''] = process.argv.slice(2);
const shelf = await openShelf(folder, { config });
for (let n = 0; n < Number(count); n++) {
  const manifest = madeBuild({ family: Number(family), files: 40, changed: 0.2, common: 0.3 }, n);
  const provenance = { made: 'image' as const, sources: [], signatures: [], vouched: 'nobody' as const, label: 'release' as const };
  writeSync(1, `${(await shelf.put({ manifest, provenance, writer: { by: 'here' } })).digest}\n`);
}
shelf.close();
