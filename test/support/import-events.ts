// A process that imports documents of custody events and says each that is durable: node import-events.ts FOLDER NAME COUNT [DATABASE_URL]
import { writeSync } from 'node:fs';
import { importDocument, openStore } from '../../src/store/index.ts';
import { EVENTS_EACH, eventDocument, IMPORTED_AT } from './event-document.ts';

const [folder = '', name = '', count = '', url] = process.argv.slice(2);
const store = await openStore(folder, url);
for (let i = 0; i < Number(count); i++) {
  const { kept } = await importDocument(store, eventDocument(name, i), {
    now: IMPORTED_AT,
    sender: null,
    behaviour: 'rollback',
    hashIds: 'verify',
  });
  if (kept === EVENTS_EACH) writeSync(1, `${name}-${i}\n`);
}
await store.close();
