// Makes the checkout ready to run, on any Node from 20 on: installs what package-lock.json pins, unless a stamp says that was done.
// Plain JavaScript and no dependency, because it runs before anything is installed and on whatever Node the machine has.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
// A checkout that once had the development tools keeps them: `npm start` after a change of the lock file must not take them away.
const level = process.argv[2] === 'start' && !existsSync(join(modules, '.assay-ready-test')) ? 'start' : 'test';
const pinnedNode = join(modules, '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');

const digest = createHash('sha256')
  .update(readFileSync(join(root, 'package.json')))
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');

const stampOf = (name) => join(modules, `.assay-ready-${name}`);
const isStamped = (name) => existsSync(stampOf(name)) && readFileSync(stampOf(name), 'utf8') === digest;

/** npm's own script, so that the second pass can run under the pinned Node; npm sets the variable for every script that it runs. */
function npmScript() {
  const script = process.env.npm_execpath;
  return script?.endsWith('.js') ? script : undefined;
}

function install(node) {
  const words = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error', ...(level === 'start' ? ['--omit=dev'] : [])];
  const script = npmScript();
  // NODE_ENV=production would silently leave the test tools out.
  const env = { ...process.env, NODE_ENV: '' };
  // Standard output belongs to the command that follows (`--json` prints one document there): npm's goes to standard error.
  const stdio = ['ignore', 2, 2];
  const run = script
    ? spawnSync(node, [script, ...words], { cwd: root, stdio, env })
    : spawnSync('npm', words, { cwd: root, stdio, env, shell: process.platform === 'win32' });
  if (run.status !== 0) {
    console.error(`assay: npm install failed (${run.error?.message ?? `exit ${run.status}`}); see the lines above`);
    process.exit(1);
  }
}

if (!isStamped('test') && !isStamped(level)) {
  console.error(level === 'start' ? 'assay: first run, installing what it needs …' : 'assay: installing what the tests need …');
  install(process.execPath);
  // npm under an old Node leaves out native packages whose `engines` exclude it, so the pinned Node goes over it once more.
  if (existsSync(pinnedNode) && npmScript()) install(pinnedNode);
  mkdirSync(modules, { recursive: true });
  writeFileSync(stampOf(level), digest);
}
