import { mkdir, readFile, rm } from 'node:fs/promises';
import { Command } from 'commander';
import { type Counts, copyIndex, counts, followLog, openStore, placeBlobs, rebuild, type Store } from '../../store/index.ts';
import { UsageError } from '../exit.ts';
import { callerPath } from '../paths.ts';

/** `assay store init|info|rebuild|copy|follow` */
export function storeCommand(): Command {
  const init = new Command('init')
    .summary('make an empty store; other commands make one in a folder by themselves')
    .argument('<folder>', 'the store')
    .option(
      '--blobs <bucket>',
      'keep its blobs in a bucket, as s3://BUCKET/PREFIX?endpoint=https://…&region=…; keys by AWS_ACCESS_KEY_ID …',
    )
    .action(async (folder: string, { blobs }: { readonly blobs?: string }) => {
      const path = callerPath(folder);
      const { existsSync } = await import('node:fs');
      if (existsSync(path)) throw new UsageError(`${folder} is there already`);
      await mkdir(path, { recursive: true, mode: 0o700 });
      try {
        if (blobs !== undefined) await placeBlobs(path, blobs);
        await using(folder, async (store) => {
          // Asked once, so that wrong keys and names show now.
          for await (const _ of store.blobs.list('inspection')) break;
          say('made', await counts(store.db));
        });
      } catch (error) {
        // It was made just now, and holds nothing: corrected, the same command works.
        await rm(path, { recursive: true, force: true });
        throw error;
      }
    });
  const about = new Command('info')
    .summary('what a store holds')
    .argument('<folder>', 'the store')
    .action((folder: string) =>
      using(folder, async (store) =>
        say(store.kind === 'sqlite' ? 'SQLite in the folder' : 'PostgreSQL by DATABASE_URL', await counts(store.db)),
      ),
    );
  const again = new Command('rebuild')
    .summary('make the index anew from the blobs, and from the tiles of the logs that the store follows')
    .argument('<folder>', 'the store')
    .action((folder: string) => using(folder, async (store) => say('rebuilt', await rebuild(store)), { newKey: true }));
  const copying = new Command('copy')
    .summary('copy the index into another, empty database')
    .argument('<folder>', 'the store')
    .requiredOption('--to <database>', 'postgres://… or a file for SQLite')
    .action((folder: string, { to }: { readonly to: string }) =>
      using(folder, async (store) => {
        const isUrl = /^postgres(ql)?:\/\//.test(to);
        say('copied', await copyIndex(store, isUrl ? { kind: 'postgres', url: to } : { kind: 'sqlite', path: callerPath(to) }));
      }),
    );
  const following = new Command('follow')
    .summary('read what is new in a log into the index, so that a digest is found in it at once')
    .argument('<folder>', 'the store')
    .argument('<log>', 'folder or address')
    .requiredOption('--policy <file>', 'the log policy (tlog-policy) that you trust')
    .action((folder: string, log: string, flags: { readonly policy: string }) =>
      using(folder, async (store) => {
        const place = /^https?:\/\//.test(log) ? log : callerPath(log);
        const { origin, size, fresh } = await followLog(store, { place, policy: await readFile(callerPath(flags.policy), 'utf8') });
        console.log(`${origin}: ${size} entries, ${fresh} of them new`);
      }),
    );
  return new Command('store')
    .description('What is remembered: blobs in a folder or bucket, and an index of them in SQLite there or in PostgreSQL by DATABASE_URL.')
    .addCommand(init)
    .addCommand(about)
    .addCommand(again)
    .addCommand(copying)
    .addCommand(following);
}

async function using(folder: string, work: (store: Store) => Promise<void>, options: { readonly newKey?: true } = {}): Promise<void> {
  const path = callerPath(folder);
  const { existsSync } = await import('node:fs');
  if (!existsSync(path)) throw new UsageError(`there is no store in ${folder}`);
  const store = await openStore(path, process.env['DATABASE_URL'], options);
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

function say(what: string, { blobs, inspections, sightings, custody_events: events, log_entries: logged }: Counts): void {
  const more = `${events === 0 ? '' : `, ${events} custody events`}${logged === 0 ? '' : `, ${logged} entries of logs`}`;
  console.log(`${what}: ${inspections} inspections, ${sightings} sightings, ${blobs} blobs${more}`);
}
