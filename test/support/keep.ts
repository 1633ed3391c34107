// A process that keeps inspections in a store and says each one that is durable: node keep.ts FOLDER NAME COUNT [DATABASE_URL]
import { writeSync } from 'node:fs';
import { keepInspection, openStore } from '../../src/store/index.ts';
import { keptInspection } from './kept-inspection.ts';

const [folder = '', name = '', count = '', url] = process.argv.slice(2);
const store = await openStore(folder, url);
for (let i = 0; i < Number(count); i++) writeSync(1, `${await keepInspection(store, keptInspection(name, i))}\n`);
await store.close();
