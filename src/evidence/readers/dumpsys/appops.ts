/**
 * `dumpsys appops`: operations by uid and package, with modes and times.
 * Source: AOSP AppOpsService.dump: `OP (mode):` and `Access: [state] time (-ago)` lines since Android 8, `OP: mode=0; time=+1h ago` before.
 */
import { type ArtefactReader, eachLineIn, makeFact, placeOfLine, unreadable, wholeOf } from '../../reader.ts';
import type { AppOperation } from '../../values/index.ts';
import { collect } from '../collect.ts';

const MODES: readonly string[] = ['allow', 'ignore', 'deny', 'default', 'foreground'];

export const appopsReader: ArtefactReader = {
  kinds: ['dumpsys/appops'],
  read(artefact) {
    const operations = collect<AppOperation>('operations');
    let uid: string | undefined;
    let owner = '';
    let open: { -readonly [K in keyof AppOperation]: AppOperation[K] } | undefined;
    const close = () => {
      if (open !== undefined) operations.add(open);
      open = undefined;
    };
    for (const line of eachLineIn(artefact)) {
      const { text } = line;
      const nextUid = /^ {1,4}Uid (\S+):$/.exec(text)?.[1];
      const nextPackage = /^\s{1,8}Package (\S+):$/.exec(text)?.[1];
      const [, name, modern, , old] = /^\s{2,12}([A-Z][A-Z0-9_]+)(?: \(([a-z]+)[^)]*\):|(: mode=)(\w+))/.exec(text) ?? [];
      if (nextUid !== undefined) {
        close();
        uid = nextUid;
        owner = '';
      } else if (nextPackage !== undefined) {
        close();
        owner = nextPackage;
      } else if (name !== undefined && uid !== undefined) {
        close();
        const mode = modern ?? (/^\d$/.test(old ?? '') ? MODES[Number(old)] : old);
        const time = /; time=(\S+) ago/.exec(text)?.[1];
        open = { package: owner, uid, operation: name, mode, lastAccess: time, place: placeOfLine(artefact, line) };
      } else if (open !== undefined) {
        const access = /^\s+Access: \[[^\]]*\] ?(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?)/.exec(text)?.[1];
        // The latest of several states counts; these times sort as text.
        if (access !== undefined && (open.lastAccess === undefined || access > open.lastAccess)) open.lastAccess = access;
      }
    }
    close();
    if (uid === undefined) return unreadable('it names no uid');
    return {
      facts: [makeFact('app-operations', operations.list, { standing: 'told', place: wholeOf(artefact) })],
      unread: operations.dropped(),
    };
  },
};
