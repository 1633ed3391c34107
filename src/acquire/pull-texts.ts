/** Configuration files of the system, pulled into one tar: which they are, the phone's own lists say; what is in them is shown where it differs from the official build. */
import { concatBytes, readAll } from '../bytes/index.ts';
import { readFileList } from '../evidence/own/index.ts';
import { isTextFile, TEXT_FILE_MAX } from '../evidence/texts/index.ts';
import { TAR_END, writeTarMember } from '../formats/archive/index.ts';
import type { CaptureBuilder } from './capture-builder.ts';
import { DeviceError } from './device-port.ts';
import { plan } from './plan.ts';
import type { Runner, Task } from './run-plan.ts';

/** The largest systems have some 3,000. */
const TEXTS_MAX = 6000;
const LIST_MAX = 64 << 20;

const PATH_MAX = 4096;
/** Of its time; the rest is for what is under way. */
const TIME_SHARE = 0.8;

/** Pulls every text that the lists name. One that may not be read is left out, and their number is said. */
export async function pullTexts(task: Task, lists: readonly string[], builder: CaptureBuilder, runner: Runner): Promise<void> {
  const paths = await textsIn(lists, builder);
  if (paths.length === 0) return runner.settle(task, { outcome: 'skipped', note: 'no list of files names any', startMs: runner.now() });
  await runner.runWork(task, async (give, open) => {
    let session = await open();
    let unread = 0;
    let given = TAR_END.length;
    const until = runner.now() + TIME_SHARE * task.item.timeLimitMs;
    for (const [at, path] of paths.entries()) {
      // An archive that ends is worth more than a few files more.
      if (runner.now() > until) {
        unread += paths.length - at;
        break;
      }
      const pieces: Uint8Array[] = [];
      try {
        for await (const piece of session.pull(path, TEXT_FILE_MAX)) pieces.push(piece.slice());
      } catch (error) {
        if (!(error instanceof DeviceError) || (error.code !== 'refused' && error.code !== 'too large')) throw error;
        unread++;
        if (error.code === 'too large') {
          await session.close();
          session = await open();
        }
        continue;
      }
      const member = writeTarMember({ name: path, data: concatBytes(pieces) });
      if (given + member.length > task.item.byteLimit) {
        unread += paths.length - at;
        break;
      }
      given += member.length;
      await give(member);
    }
    await give(TAR_END);
    return unread === 0 ? undefined : `${unread} of ${paths.length} files could not be read`;
  });
}

async function textsIn(lists: readonly string[], builder: CaptureBuilder): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const id of lists) {
    const item = plan.find((one) => one.id === id);
    const source = item === undefined ? undefined : await builder.kept(item.artefact);
    if (source === undefined) continue;
    const bytes = await readAll(source, LIST_MAX, 'file list');
    for (const { path, type, size } of readFileList({ name: id, kind: 'file-list', origin: undefined, bytes }).files) {
      if (found.size === TEXTS_MAX) return [...found];
      if (type === 'file' && isTextFile(path) && (size ?? 0) <= TEXT_FILE_MAX && path.length <= PATH_MAX && !/[\0\n]/.test(path))
        found.add(path);
    }
  }
  return [...found];
}
