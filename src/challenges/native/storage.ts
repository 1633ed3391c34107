/**
 * Storage that must be there: files in the program's own folder that no name leads to, reserved or filled with pages that do not compress, and queries of which each names the next page.
 * A file is unlinked before anything is in it, so that the kernel gives its space back with the program, however that ends; its name is the program's with `.d` behind it.
 * The page cache is asked to forget what was written (fdatasync, then POSIX_FADV_DONTNEED); whether it did shows in the time of a query.
 * Limits: a file is at most 1 GiB, and 512 are open at a time. Not defended: a kernel that recognises this very program and makes pages anew from their numbers.
 */
import type { Machine } from '../machine/index.ts';
import { HEADER_SIZE, SPACE_SIZE } from './layout.ts';
import { AT_FDCWD, ERRORS, emitGrow, emitQueryStir, emitQueryWord, type Parts, STEP_PAGES, stepAddress } from './memory.ts';

/** Where the state keeps the pointer to the program's own path. */
export const PATH = 512;
/** In the state: the file's name, and a page. */
const [NAME, PAGE] = [0xc000, 0xe000];
const [O_RDWR_CREAT_EXCL, OWNER_ONLY] = [0xc2, 0o600];
const POSIX_FADV_DONTNEED = 4;
/** sizeof(struct statfs64) of 32-bit Arm, with its padding. */
const STATFS64_SIZE = 88;
/** Kept in the state's scratch during one operation: the last page, and the file. */
const [LAST, FILE] = [176, 184];
const ANSWER = 1024;

/** Emits the operations space, reserve, store, fetch and release. */
export function emitStorage(m: Machine, { begin, answer, result }: Parts): void {
  const wide = m.wordSize === 8;
  const said = (name: string, at?: number) => {
    m.label(name);
    result(3, at);
    answer();
  };

  // space: → result: 0, or an error; then what statfs says of the folder.
  begin('space');
  m.loadPointer(1, 0, PATH);
  m.pointAt(2, 0, ANSWER + HEADER_SIZE);
  m.call(1, 'statfs', wide ? [{ register: 1 }, { register: 2 }] : [{ register: 1 }, STATFS64_SIZE, { register: 2 }]);
  result(1);
  answer(SPACE_SIZE);

  // reserve: file a, of b bytes that are allocated at once (0: of none) → result: 0, or an error.
  begin('reserve');
  m.loadPointer(1, 0, PATH);
  m.constant(2, NAME);
  m.point(2, 0, 2);
  m.label('reserve-name');
  m.loadByte(3, 1);
  m.branch('eq', [3, { number: 0 }], 'reserve-named');
  m.storeByte(3, 2);
  m.pointAt(1, 1, 1);
  m.pointAt(2, 2, 1);
  m.jump('reserve-name');
  m.label('reserve-named');
  for (const byte of ['.'.charCodeAt(0), 'd'.charCodeAt(0), 0]) {
    m.constant(3, byte);
    m.storeByte(3, 2);
    m.pointAt(2, 2, 1);
  }
  m.constant(2, NAME);
  m.point(2, 0, 2);
  m.call(3, 'openat', [AT_FDCWD, { register: 2 }, O_RDWR_CREAT_EXCL, OWNER_ONLY]);
  m.branch('hs', [3, { number: ERRORS }], 'reserve-said');
  m.load(1, 0, 100);
  stepAddress(m, 4, 1);
  m.storePointer(3, 4, 0);
  m.copy(1, 3);
  m.call(3, 'unlinkat', [AT_FDCWD, { register: 2 }, 0]);
  m.branch('hs', [3, { number: ERRORS }], 'reserve-said');
  m.load(2, 0, 104);
  m.branch('eq', [2, { number: 0 }], 'reserve-said');
  m.call(3, 'fallocate', wide ? [{ register: 1 }, 0, 0, { register: 2 }] : [{ register: 1 }, 0, 0, 0, { register: 2 }, 0]);
  said('reserve-said');

  // store: into file a the pages from number b, c of them, from seed; then to the medium, and out of the cache → result: 0, an error, or 1 where less was taken than was given.
  begin('store', [1, 'a'], [2, 'b'], [3, 'c']);
  m.add(3, 3, 2);
  m.store(3, 0, LAST);
  stepAddress(m, 4, 1);
  m.load(4, 4, 0);
  m.store(4, 0, FILE);
  m.constant(1, PAGE);
  m.point(1, 0, 1);
  m.label('store-page');
  emitGrow(m, 'store');
  m.load(3, 0, FILE);
  m.call(3, 'write', [{ register: 3 }, { register: 1 }, 4096]);
  m.branch('ne', [3, { number: 4096 }], 'store-short');
  m.increase(2, 2, 1);
  m.load(3, 0, LAST);
  m.branch('lo', [2, 3], 'store-page');
  m.load(1, 0, FILE);
  m.call(3, 'fdatasync', [{ register: 1 }]);
  m.branch('hs', [3, { number: ERRORS }], 'store-said');
  m.call(3, 'fadvise', wide ? [{ register: 1 }, 0, 0, POSIX_FADV_DONTNEED] : [{ register: 1 }, POSIX_FADV_DONTNEED, 0, 0, 0, 0]);
  m.jump('store-said');
  m.label('store-short');
  m.branch('hs', [3, { number: ERRORS }], 'store-said');
  m.constant(3, 1);
  said('store-said');

  // fetch: a queries over b files of a whole step each, from seed → result: the last running number; then an error, or 1 for a page that was cut short.
  begin('fetch', [1, 'a'], [2, 'b'], [3, 'seed']);
  m.label('fetch-next');
  m.shiftRight(4, 3, 16);
  m.mul(4, 4, 2);
  m.shiftRight(4, 4, 16);
  stepAddress(m, 5, 4);
  m.load(5, 5, 0);
  m.constant(4, STEP_PAGES - 1);
  m.and(4, 3, 4);
  m.shiftLeft(4, 4, 12);
  m.constant(6, PAGE);
  m.point(6, 0, 6);
  m.call(
    5,
    'pread',
    wide ? [{ register: 5 }, { register: 6 }, 4096, { register: 4 }] : [{ register: 5 }, { register: 6 }, 4096, 0, { register: 4 }, 0],
  );
  m.branch('ne', [5, { number: 4096 }], 'fetch-short');
  m.constant(5, PAGE);
  m.point(5, 0, 5);
  emitQueryWord(m);
  emitQueryStir(m);
  m.branch('ne', [1, { number: 0 }], 'fetch-next');
  result(3);
  answer();
  m.label('fetch-short');
  m.copy(3, 5);
  m.branch('hs', [3, { number: ERRORS }], 'fetch-said');
  m.constant(3, 1);
  said('fetch-said', 8);

  // release: closes b files, which gives their space back → result 0.
  begin('release', [1, 'b']);
  m.constant(2, 0);
  m.label('release-file');
  m.branch('hs', [2, 1], 'release-done');
  stepAddress(m, 3, 2);
  m.load(4, 3, 0);
  // A file that could not be opened is none: 0 is the program's own input.
  m.branch('eq', [4, { number: 0 }], 'release-next');
  m.call(4, 'close', [{ register: 4 }]);
  m.constant(4, 0);
  m.store(4, 3, 0);
  m.label('release-next');
  m.increase(2, 2, 1);
  m.jump('release-file');
  m.label('release-done');
  answer();
}
