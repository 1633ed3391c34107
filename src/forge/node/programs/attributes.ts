/** What `ls`, `stat` and `find` share: how they print a file's attributes. */
import type { Call } from '../shell/call.ts';
import { normalise, PhoneFsError, type Stat } from '../tree.ts';

export const LETTER: Readonly<Record<Stat['type'], string>> = {
  file: '-',
  directory: 'd',
  link: 'l',
  'character device': 'c',
  'block device': 'b',
  socket: 's',
  fifo: 'p',
};

/** `-rwsr-xr-x`. */
export function modeText(stat: Pick<Stat, 'type' | 'mode'>): string {
  let text = LETTER[stat.type];
  for (const [shift, special, letter] of [
    [6, 0o4000, 's'],
    [3, 0o2000, 's'],
    [0, 0o1000, 't'],
  ] as const) {
    const bits = stat.mode >> shift;
    const set = (stat.mode & special) !== 0;
    text += `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${set ? (bits & 1 ? letter : letter.toUpperCase()) : bits & 1 ? 'x' : '-'}`;
  }
  return text;
}

/** `lstat`, or what the system says instead. A slash at the end follows a link. */
export function lstat(call: Call, path: string): Stat | string {
  try {
    return call.machine.tree.stat(normalise(path, call.cwd), call.actor, path.endsWith('/') && path !== '/');
  } catch (error) {
    if (error instanceof PhoneFsError) return error.message;
    throw error;
  }
}
