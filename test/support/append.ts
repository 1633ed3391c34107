// A process that appends to a log and says each index with its entry once it is durable: node append.ts FOLDER KEYFILE NAME
import { writeSync } from 'node:fs';
import { openSigner } from '../../src/platform/node/index.ts';
import { openLog } from '../../src/store/index.ts';

const [folder = '', key = '', name = ''] = process.argv.slice(2);
const log = await openLog(folder, await openSigner(key), { everyMs: 0 });
writeSync(1, 'open\n');
for (let i = 0; ; i += 37) {
  const batch = Array.from({ length: 37 }, (_, j) => `${name} ${i + j}`);
  await Promise.all(batch.map(async (text) => writeSync(1, `${await log.append(new TextEncoder().encode(text))}=${text}\n`)));
}
