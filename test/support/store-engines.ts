import { afterAll, beforeAll, describe } from 'vitest';
import { postgresPrograms, startPostgres } from './postgres.ts';

export type Engine = 'sqlite' | 'postgres';

/** The databases that the tests of a file run on: SQLite, and a cluster of PostgreSQL of the file's own, which is skipped by name where it is not installed. */
export function storeEngines() {
  const programs = postgresPrograms();
  let cluster: Awaited<ReturnType<typeof startPostgres>> | undefined;
  beforeAll(async () => {
    if (programs !== undefined) cluster = await startPostgres(programs);
  }, 60_000);
  afterAll(() => cluster?.stop());
  return {
    hasPostgres: programs !== undefined,
    /** Where an engine is reached; undefined: in the store's own folder, or there is none. */
    urlOf: (engine: Engine): string | undefined => (engine === 'sqlite' ? undefined : cluster?.url),
    /** One block of tests for each engine; `%s` in the title is its name. */
    describeOn: (title: string, body: (engine: Engine) => void): void => {
      describe(title.replace('%s', 'sqlite'), () => body('sqlite'));
      const name = title.replace('%s', 'postgres');
      if (programs === undefined)
        describe.skip(`${name} (skipped: PostgreSQL is not installed; npm run test:pg brings its own)`, () => body('postgres'));
      else describe(name, () => body('postgres'));
    },
  };
}
