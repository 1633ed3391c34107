/**
 * node tools/differential.ts [erofs|erofs-tar|erofs-incremental|ext|ext-tar|f2fs|squashfs|tar2sqfs|gensquashfs …] [--count N | --all] [--seed N] [--minutes N] [--jobs N]
 *   [--tools FOLDER …] [--tree plain|hostile|huge] [--xattrs] [--keep FOLDER] [--options='OPTIONS']
 *
 * Images by the distribution's tools, or by those of a folder (a tree of newer packages, unpacked), in combinations of their options, each read back and compared with its source
 * tree. Without a count, as few as hold every pair of options; `--all`: every combination, in an order that the seed decides, until the minutes for each tool are over.
 * What a tool does not know at all is found out before. `--options`: this combination only. Where an image differs from its tree and the kernel can mount it, the kernel's reading decides, path by path: tools have
 * written something else than they were given. Combinations that a tool refuses, and what was not run, are counted and said.
 * `test/file-systems.test.ts` keeps a few of these for ever; this is for the rest. Exit 1 where we read something else, 2 where nothing was made.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openFile } from '../src/platform/node/index.ts';
import { makeHostileTree } from '../test/support/hostile-tree.ts';
import { makeTree } from '../test/support/source-tree.ts';
import { differencesIn, rowsOfFolder, rowsOfImage, type TreeRows } from '../test/support/tree-rows.ts';
import { chooser, combinationsOf, optionsOf } from './differential/choose.ts';
import { MAKERS, type Maker, type Place } from './differential/makers.ts';
import type { Axis, Options } from './differential/options.ts';
import { isRefused, reasonIn, runStep, toolsIn } from './differential/tools.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    count: { type: 'string' },
    all: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '10' },
    jobs: { type: 'string', default: `${availableParallelism()}` },
    tools: { type: 'string', multiple: true, default: [] },
    tree: { type: 'string', default: 'plain' },
    xattrs: { type: 'boolean', default: false },
    keep: { type: 'string' },
    options: { type: 'string' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'assay-differential-'));

type Outcome = 'same' | 'as the kernel reads it' | 'refused by the tool' | 'DIFFERENT';
interface Judged {
  readonly outcome: Outcome;
  readonly why: string;
}

/** What all images of a maker are compared with. */
interface Trial {
  readonly maker: Maker;
  readonly by: ReturnType<typeof toolsIn>;
  readonly tree: string;
  readonly rows: TreeRows;
}

async function judge({ maker, by, tree, rows }: Trial, options: Options, scratch: string): Promise<Judged> {
  const place: Place = { tree, scratch, image: join(scratch, 'image'), inodes: rows.size + 2000 };
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  for (const step of maker.make(options, place)) {
    const ran = await runStep(step, by);
    if (isRefused(step, ran)) return { outcome: 'refused by the tool', why: reasonIn(ran.said) };
  }
  const paths = [place.image, ...(maker.devices?.(options, place) ?? [])];
  const files = await Promise.all(paths.map(openFile));
  try {
    const [image, ...devices] = files;
    if (image === undefined) throw new Error('no image');
    const reading = { ignore: maker.ignore, xattrs: values.xattrs };
    const without = maker.without?.(options) ?? [];
    const ours = await maker
      .open(image, devices)
      .then((fileSystem) => rowsOfImage(fileSystem, reading))
      .catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
    if (ours instanceof Error) {
      const kernel = kernelRows(maker, paths, { scratch, reading });
      return typeof kernel === 'string'
        ? { outcome: 'as the kernel reads it', why: `both refuse: ${ours.message} | ${kernel}` }
        : { outcome: 'DIFFERENT', why: ours.message };
    }
    const wrong = differencesIn(leaving(ours, without), leaving(rows, without));
    if (wrong.size === 0) return { outcome: 'same', why: '' };
    const kernel = kernelRows(maker, paths, { scratch, reading });
    if (typeof kernel === 'string') return { outcome: 'DIFFERENT', why: [`no kernel to ask: ${kernel}`, ...lines(wrong)].join(' | ') };
    // Each path must be as the tree has it or as the kernel does.
    const still = new Map([...differencesIn(ours, kernel)].filter(([path]) => wrong.has(path)));
    return still.size === 0
      ? { outcome: 'as the kernel reads it', why: lines(wrong).join(' | ') }
      : { outcome: 'DIFFERENT', why: lines(still).join(' | ') };
  } finally {
    await Promise.all(files.map((file) => file.close()));
  }
}

const lines = (wrong: ReadonlyMap<string, string>): readonly string[] => [...wrong].slice(0, 3).map(([path, why]) => `${path}: ${why}`);

function leaving(rows: TreeRows, names: readonly string[]): TreeRows {
  if (names.length === 0) return rows;
  return new Map(
    [...rows].map(([path, { inode, facts }]) => [path, { inode, facts: new Map([...facts].filter(([name]) => !names.includes(name))) }]),
  );
}

/** What the kernel reads of an image, or why it does not. */
function kernelRows(
  { mountType }: Maker,
  [image, ...devices]: readonly string[],
  { scratch, reading }: { readonly scratch: string; readonly reading: Parameters<typeof rowsOfFolder>[1] },
): TreeRows | string {
  if (mountType === undefined || image === undefined) return 'none mounts it';
  const mounted = join(scratch, 'mounted');
  mkdirSync(mounted, { recursive: true });
  const loops: string[] = [];
  try {
    for (const device of devices) loops.push(execFileSync('losetup', ['-r', '-f', '--show', device], { encoding: 'utf8' }).trim());
    const flags = ['loop', 'ro', ...loops.map((loop) => `device=${loop}`), ...(mountType === 'ext4' ? ['noload'] : [])];
    const mount = spawnSync('mount', ['-t', mountType, '-o', flags.join(','), image, mounted], { encoding: 'utf8' });
    if (mount.status !== 0) return (mount.stderr ?? mount.error?.message ?? '').trim().split('\n')[0] ?? '';
    try {
      return rowsOfFolder(mounted, reading);
    } finally {
      spawnSync('umount', [mounted]);
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    for (const loop of loops) spawnSync('losetup', ['-d', loop]);
  }
}

/** Axes without the options that the tool at hand takes in no context; and those. */
async function known(trial: Trial): Promise<{ readonly axes: readonly Axis[]; readonly unknown: readonly string[] }> {
  const { maker } = trial;
  const unknown: string[] = [];
  const axes: Axis[] = [];
  for (const axis of maker.axes) {
    const kept: Options[] = [];
    for (const option of axis) {
      let isTaken = option.length === 0;
      for (const context of [[], ...maker.contexts]) {
        if (isTaken) break;
        const all = [...context, ...option];
        if (maker.allows !== undefined && !maker.allows(all)) continue;
        isTaken = await makes(trial, all);
      }
      if (isTaken) kept.push(option);
      else unknown.push(option.join(' '));
    }
    if (kept.length > 0) axes.push(kept);
  }
  return { axes, unknown };
}

/** Whether a tool takes options, on a tree of a few files. */
async function makes({ maker, by }: Trial, options: Options): Promise<boolean> {
  const scratch = join(folder, 'probe');
  const tree = join(folder, 'small');
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  for (const step of maker.make(options, { tree, scratch, image: join(scratch, 'image'), inodes: 2000 })) {
    if (isRefused(step, await runStep(step, by))) return false;
  }
  return true;
}

/** Writes what images are made of. */
function plant(maker: Maker): string {
  const acls = maker.losesAcls !== true;
  const tree = join(folder, `tree-${maker.plainFiles === true ? 'plain' : 'special'}`);
  const special = maker.plainFiles !== true;
  const isNewer = values.tools.length > 0;
  rmSync(tree, { recursive: true, force: true });
  if (values.tree === 'plain')
    makeTree(tree, { large: 700_001, many: 300, special, longName: 200, xattrs: values.xattrs, highIds: isNewer });
  else
    makeHostileTree(tree, {
      special,
      xattrs: values.xattrs,
      acls,
      farTimes: maker.cutsTimes !== true,
      huge: values.tree === 'huge',
      wide: values.tree === 'huge' ? 20_000 : 1_500,
      longName: isNewer ? 255 : 200,
    });
  return tree;
}

const WHY_MAX = 700;
let failed = 0;
let madeInAll = 0;

async function run(maker: Maker, tools: string | undefined): Promise<void> {
  const tree = plant(maker);
  const trial: Trial = {
    maker,
    by: toolsIn(tools),
    tree,
    rows: rowsOfFolder(tree, { ignore: maker.ignore, xattrs: values.xattrs }),
  };
  const label = `${maker.name}${tools === undefined ? '' : ` of ${tools}`}`;
  if (values.options !== undefined) {
    const { outcome, why } = await judge(trial, values.options.split(' '), join(folder, 'job'));
    console.log(`${label} ${values.options}: ${outcome}${why === '' ? '' : `: ${why.slice(0, WHY_MAX)}`}`);
    madeInAll++;
    if (outcome === 'DIFFERENT') failed++;
    return;
  }
  const { axes, unknown } = await known(trial);
  if (unknown.length > 0) console.log(`${label}: not known to this tool: ${unknown.join('; ')}`);
  const choose = chooser({
    axes,
    allows: maker.allows ?? (() => true),
    seed: Number(values.seed),
    byPairs: values.count === undefined && !values.all,
    most: values.count === undefined ? Number.POSITIVE_INFINITY : Number(values.count),
  });
  const counts = new Map<Outcome, number>();
  const end = performance.now() + 60_000 * Number(values.minutes);
  let isOver = false;
  const work = async (job: number): Promise<void> => {
    const scratch = join(folder, `job-${job}`);
    for (;;) {
      if (performance.now() > end) isOver = true;
      const choice = isOver ? undefined : choose.next();
      if (choice === undefined) return;
      const options = optionsOf(axes, choice);
      const { outcome, why } = await judge(trial, options, scratch);
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      if (outcome !== 'refused by the tool') choose.made(choice);
      if (outcome === 'DIFFERENT') failed++;
      if (outcome !== 'same') console.log(`${label} ${options.join(' ')}: ${outcome}: ${why.slice(0, WHY_MAX)}`);
      if (outcome === 'DIFFERENT' && values.keep !== undefined) {
        mkdirSync(values.keep, { recursive: true });
        copyFileSync(join(scratch, 'image'), join(values.keep, `${maker.name}-${failed}.img`));
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Number(values.jobs)) }, (_, job) => work(job)));
  const made = [...counts.values()].reduce((sum, count) => sum + count, 0);
  madeInAll += made - (counts.get('refused by the tool') ?? 0);
  const { made: pairs, of } = choose.pairs();
  console.log(
    `${label}: ${made} of ${combinationsOf(axes)} combinations: ${[...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ')}; ` +
      `${pairs} of ${of} pairs of options were made${isOver ? '; the time was over, the rest was not run' : ''}`,
  );
}

try {
  makeTree(join(folder, 'small'), { large: 5000, many: 3, longName: 20 });
  for (const tools of values.tools.length === 0 ? [undefined] : values.tools)
    for (const maker of MAKERS) if (positionals.length === 0 || positionals.includes(maker.name)) await run(maker, tools);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failed > 0 ? 1 : madeInAll === 0 ? 2 : 0;
