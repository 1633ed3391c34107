import { p256 } from '@noble/curves/nist.js';
import { describe, expect, test } from 'vitest';
import { hash, verify } from '../../../test/support/ports.ts';
import { toBase64 } from '../../bytes/index.ts';
import { forgeAndroidLog } from '../../forge/android-log.ts';
import { parseCheckpoint, parseNote, verifyNoteSignatures } from '../log/index.ts';
import {
  ANDROID_LOGS,
  type AndroidLog,
  type AndroidLogEntry,
  androidLogKey,
  androidLogPayload,
  type LogFiles,
  listedEntries,
  lookUpImage,
  lookUpPackages,
  openAndroidLog,
  parseAndroidLogEntry,
} from './index.ts';

const utf8 = new TextEncoder();
const rowOf = (id: string): AndroidLog => ANDROID_LOGS.find((log) => log.id === id) ?? ANDROID_LOGS[0];

/** P-256 SubjectPublicKeyInfo up to the point (RFC 5480). */
const P256_SPKI = Uint8Array.from([
  0x30, 0x59, 0x30, 0x13, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7, 3, 0x42, 0,
]);
const secret = new Uint8Array(32).fill(7);
const spki = new Uint8Array([...P256_SPKI, ...p256.getPublicKey(secret, false)]);
const sign = (text: Uint8Array) => p256.sign(text, secret, { format: 'der', prehash: true });
/** A log of Google's in all but its key. */
const ours = (id: string): AndroidLog => ({ ...rowOf(id), key: { name: rowOf(id).origin, spki: toBase64(spki) } });

const digest = (n: number) => n.toString(16).padStart(64, '0');
const apk = (n: number, name = 'com.google.android.gms', versionCode = 200 + n): AndroidLogEntry => ({
  kind: 'package',
  sha256: digest(n),
  over: n % 5 === 0 ? 'apex' : 'apk',
  package: name,
  versionCode,
});
const asked = (n: number, versionCode = 200 + n, name = 'com.google.android.gms') => ({
  package: name,
  versionCode,
  sha256: digest(n),
  path: `/data/app/${name}/base.apk`,
});

function filesOf(map: ReadonlyMap<string, Uint8Array>): LogFiles {
  const fetch = async (path: string) => {
    const bytes = map.get(path);
    if (bytes === undefined) throw Object.assign(new Error(`there is no ${path}`), { code: 'ENOENT' });
    return bytes;
  };
  return {
    fetch,
    // Seven bytes at a time, so that every record lies across pieces.
    async *pieces(path) {
      const bytes = await fetch(path);
      for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
    },
  };
}

const opened = async (
  id: string,
  entries: readonly AndroidLogEntry[],
  change: (files: Map<string, Uint8Array>) => void = () => undefined,
) => {
  const log = ours(id);
  const files = new Map(await forgeAndroidLog(hash, log, entries, sign));
  change(files);
  return openAndroidLog(log, filesOf(files), { hash, verify });
};

describe('Google’s own signatures', () => {
  // Two checkpoints that Google signed, as android/android-binary-transparency has them in cmd/verifier/verifier_test.go.
  test.each([
    [
      'system-apk-2026-01',
      234,
      'gstatic.com/android/binary_transparency/google1p/jwt/0\n234\nHpW7vHFFioFiMf0IglK1B3MLk80iaGOC6Ud6Etq038U=\n\n— gstatic.com/android/binary_transparency/google1p/jwt/0 qsuhszBFAiEAomG6In9+okg+Pj1Jw4JpWfignNeNXQweJxoYf9q59GMCIEyy/Ebu096WrCsT9L0Dv5D1EBHzqNQ26A1XcnNESPKX\n',
    ],
    [
      'system-apk-legacy',
      134,
      'developers.google.com/android/binary_transparency/google1p/0\n134\nWddUpZSJPJPm93SLwoCdKv+oJqPEqie52TZTIVNOhok=\n\n— developers.google.com/android/binary_transparency/google1p/0 qsuhszBEAiBA1NO/xnL4++iXFVwPhRsNU6AWDPEtOvDJQL3OuqCBOwIgbyMsA1l2yLvPUq8CoMNBf4E88l4XjlW4YanDLn5HRRI=\n',
    ],
  ])('%s opens with its own key, and with no other log’s', async (id, size, checkpoint) => {
    const files = (log: AndroidLog) => filesOf(new Map([[log.checkpoint, utf8.encode(checkpoint)]]));
    expect((await openAndroidLog(rowOf(id), files(rowOf(id)), { hash, verify })).checkpoint.size).toBe(size);
    for (const other of ANDROID_LOGS.filter((log) => log.id !== id))
      await expect(openAndroidLog(other, files(other), { hash, verify }), other.id).rejects.toThrow(/not signed by the key/);
    const forged = checkpoint.replace(`\n${size}\n`, `\n${size + 1}\n`);
    await expect(openAndroidLog(rowOf(id), filesOf(new Map([['checkpoint.txt', utf8.encode(forged)]])), { hash, verify })).rejects.toThrow(
      /not valid/,
    );
  });

  test('every row has a key that parses, and an id of its own', () => {
    expect(new Set(ANDROID_LOGS.map(({ id }) => id)).size).toBe(ANDROID_LOGS.length);
    for (const log of ANDROID_LOGS) expect(androidLogKey(hash, log).id).toHaveLength(4);
  });

  test('one key signs two logs: the origin tells them apart', async () => {
    const log = ours('mainline-2026-01');
    const other = { ...log, origin: 'another.example/0' };
    const files = filesOf(await forgeAndroidLog(hash, other, [apk(1)], sign));
    await expect(openAndroidLog(log, files, { hash, verify })).rejects.toThrow(/origin: the checkpoint is of another log/);
  });
});

describe('entries', () => {
  test('round trip, and kinds that are not known', () => {
    const image: AndroidLogEntry = { kind: 'image', fingerprint: 'google/husky/husky:14/X/1:user/release-keys', vbmetaDigest: digest(9) };
    for (const entry of [image, apk(3), apk(5), { ...apk(1), over: 'code transparency' } as AndroidLogEntry])
      expect(parseAndroidLogEntry(androidLogPayload(entry))).toEqual(entry);
    for (const text of [
      '',
      'x',
      'a/b\nnot hex\n',
      `${digest(1)}\nSHA3(APK)\ncom.a\n1\n`,
      `${digest(1)}\nSHA256(APK)\ncom.a\n-1\n`,
      `${digest(1)}\nSHA256(APK)\ncom.a\n1\nmore\n`,
    ])
      expect(parseAndroidLogEntry(text), text).toBeUndefined();
  });
  test('a list: empty, without an end, without an index, without an empty line for ever', async () => {
    const pieces = async function* (text: string) {
      yield utf8.encode(text);
    };
    expect(await listedEntries(pieces(''), () => true)).toEqual([]);
    expect(await listedEntries(pieces(`4\n${androidLogPayload(apk(1))}`), () => true)).toEqual([{ index: 4, entry: apk(1) }]);
    await expect(listedEntries(pieces(`x\n${androidLogPayload(apk(1))}`), () => true)).rejects.toThrow(/without its index/);
    await expect(listedEntries(pieces('1\n'.repeat(20_000)), () => true)).rejects.toThrow(/a record of more than/);
  });
});

describe.each(['mainline-2026-01', 'product-apk-2026-01', 'product-apk-2026-02'])('packages in %s', (id) => {
  const size = 600;
  const entries = Array.from({ length: size }, (_, n) => apk(n));
  test('logged bytes are proven, at both ends and across tiles', async () => {
    const open = await opened(id, entries);
    for (const n of [0, 255, 256, 599])
      expect(await lookUpPackages([open], [asked(n)])).toMatchObject([
        { outcome: 'logged', index: n, treeSize: size, as: { versionCode: 200 + n } },
      ]);
  });
  test('other bytes of a version that is logged; a version that is not; a package that is not', async () => {
    const open = await opened(id, entries);
    expect(await lookUpPackages([open], [asked(5000, 210)])).toMatchObject([{ outcome: 'other-bytes', others: [digest(10)] }]);
    expect(await lookUpPackages([open], [asked(5000, 9999)])).toMatchObject([{ outcome: 'other-versions' }]);
    expect(await lookUpPackages([open], [asked(5000, 1, 'com.example')])).toEqual([]);
  });
  test('logged bytes under another name say whose they are', async () => {
    const open = await opened(id, entries);
    expect(await lookUpPackages([open], [asked(10, 1, 'com.example')])).toMatchObject([
      { outcome: 'logged', as: { package: 'com.google.android.gms', versionCode: 210 } },
    ]);
  });
  test('an entry that was added to the list but never logged refuses the log', async () => {
    const open = await opened(id, entries, (files) => {
      const forged = androidLogPayload(apk(5000, 'com.google.android.gms', 210));
      for (const [path, bytes] of files) {
        if (path.endsWith('_info.txt')) files.set(path, utf8.encode(`${new TextDecoder().decode(bytes)}\n10\n${forged}`));
        if (path === 'tile/entries/000') {
          const at = new TextDecoder().decode(bytes).indexOf(digest(10));
          files.set(path, bytes.with(at + 63, 0x62));
        }
      }
    });
    await expect(lookUpPackages([open], [asked(5000, 210)])).rejects.toThrow(/entry 10: its proof does not lead/);
  });
});

describe('Pixel images', () => {
  const fingerprint = 'google/husky/husky:14/UD1A/1:user/release-keys';
  const entries: readonly AndroidLogEntry[] = Array.from({ length: 37 }, (_, n) => ({
    kind: 'image',
    fingerprint: n === 20 ? fingerprint : `google/x/x:14/X/${n}:user/release-keys`,
    vbmetaDigest: digest(n),
  }));
  test('tiles of height 1: logged, another digest, absent', async () => {
    const open = await opened('pixel', entries);
    expect(await lookUpImage(open, { fingerprint, vbmetaDigest: digest(20).toUpperCase() })).toMatchObject({
      outcome: 'logged',
      index: 20,
      treeSize: 37,
    });
    expect(await lookUpImage(open, { fingerprint, vbmetaDigest: digest(21) })).toMatchObject({
      outcome: 'other-digest',
      vbmetaDigests: [digest(20)],
    });
    expect(await lookUpImage(open, { fingerprint: 'google/y/y', vbmetaDigest: digest(20) })).toMatchObject({ outcome: 'absent' });
  });
  test('a tile that was changed refuses the log', async () => {
    const open = await opened('pixel', entries, (files) => {
      const path = 'tile/1/0/010';
      files.set(path, (files.get(path) ?? new Uint8Array(64)).with(35, 0xaa));
    });
    await expect(lookUpImage(open, { fingerprint, vbmetaDigest: digest(20) })).rejects.toThrow(/entry 20: its proof does not lead/);
  });
});

test('the notes of the forge are notes', async () => {
  const log = ours('pixel');
  const note = parseNote((await forgeAndroidLog(hash, log, [apk(1)], sign)).get('checkpoint.txt') ?? new Uint8Array());
  expect(parseCheckpoint(note.text)).toMatchObject({ origin: log.origin, size: 1 });
  expect(await verifyNoteSignatures(note, [androidLogKey(hash, log)], verify)).toHaveLength(1);
});

test('a list that is there and cannot be read is no absence', async () => {
  const open = await opened('product-apk-2026-01', [apk(1)]);
  const files: LogFiles = {
    ...open.files,
    async *pieces(path) {
      if (path === 'package_info2.txt') throw new Error('the network is down');
      yield* open.files.pieces(path);
    },
  };
  await expect(lookUpPackages([{ ...open, files }], [asked(5000, 201)])).rejects.toThrow('the network is down');
});
