import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { counts, openStore, rebuild } from '../../src/store/index.ts';
import { EVENTS_EACH } from './event-document.ts';

const importer = fileURLToPath(new URL('./import-events.ts', import.meta.url));

export interface Killed {
  readonly kills: number;
  readonly acknowledged: number;
  /** Documents that were said to be durable and are not there. */
  readonly lost: readonly string[];
  /** Documents of which some events are there and some are not. */
  readonly halves: readonly string[];
  /** Documents whose index differs after it was made anew from the blobs. */
  readonly unequal: boolean;
}

/** Kills an importing process at `kills` random moments, and says what was lost or half-written. */
export async function killImports(folder: string, url: string | undefined, kills: number): Promise<Killed> {
  const acknowledged: string[] = [];
  for (let round = 0; round < kills; round++) {
    const child = spawn(process.execPath, [importer, folder, `k${round}`, '100000', ...(url === undefined ? [] : [url])], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    const closed = new Promise((resolve) => child.once('close', resolve));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await new Promise((resolve) => setTimeout(resolve, randomInt(200)));
    child.kill('SIGKILL');
    await closed;
    // A last line without its end was never said.
    acknowledged.push(...text.split('\n').slice(0, -1));
  }
  const store = await openStore(folder, url);
  try {
    const kept = async () => {
      const rows = await store.db
        .selectFrom('custody_events')
        .select(['biz_location', ({ fn }) => fn.countAll<number>().as('events')])
        .groupBy('biz_location')
        .execute();
      return new Map(
        rows.map(({ biz_location: place, events }) => [
          (place ?? '').replace('https://place.example/', '').replace('/', '-'),
          Number(events),
        ]),
      );
    };
    const before = await kept();
    const { custody_names: names } = await counts(store.db);
    const after = await rebuild(store);
    const again = await kept();
    return {
      kills,
      acknowledged: acknowledged.length,
      lost: acknowledged.filter((name) => before.get(name) !== EVENTS_EACH),
      halves: [...before, ...again].filter(([, events]) => events !== EVENTS_EACH).map(([name]) => name),
      // What was durable and not yet acknowledged may come to light, a document for each kill; nothing goes away.
      unequal: [...before.keys()].some((name) => !again.has(name)) || again.size > before.size + kills || after.custody_names < names,
    };
  } finally {
    await store.close();
  }
}
