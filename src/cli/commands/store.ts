import { Command } from 'commander';
import { type Counts, copyIndex, counts, openStore, rebuild, type Store } from '../../store/index.ts';
import { UsageError } from '../exit.ts';
import { callerPath } from '../paths.ts';

/** `assay store info|rebuild|copy` */
export function storeCommand(): Command {
  const about = new Command('info')
    .summary('what a store holds')
    .argument('<folder>', 'the store')
    .action((folder: string) =>
      using(folder, async (store) =>
        say(store.kind === 'sqlite' ? 'SQLite in the folder' : 'PostgreSQL by DATABASE_URL', await counts(store.db)),
      ),
    );
  const again = new Command('rebuild')
    .summary('make the index anew from what the store keeps')
    .argument('<folder>', 'the store')
    .action((folder: string) => using(folder, async (store) => say('rebuilt', await rebuild(store))));
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
  return new Command('store')
    .description('What is remembered: blobs in a folder, and an index of them in SQLite there or in PostgreSQL by DATABASE_URL.')
    .addCommand(about)
    .addCommand(again)
    .addCommand(copying);
}

async function using(folder: string, work: (store: Store) => Promise<void>): Promise<void> {
  const path = callerPath(folder);
  const { existsSync } = await import('node:fs');
  if (!existsSync(path)) throw new UsageError(`there is no store in ${folder}`);
  const store = await openStore(path, process.env['DATABASE_URL']);
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

function say(what: string, { blobs, inspections, sightings, custody_events: events }: Counts): void {
  console.log(
    `${what}: ${inspections} inspections, ${sightings} sightings, ${blobs} blobs${events === 0 ? '' : `, ${events} custody events`}`,
  );
}
