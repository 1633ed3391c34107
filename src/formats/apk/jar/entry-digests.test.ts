import { describe, expect, test } from 'vitest';
import { codec, hash, verify } from '../../../../test/support/ports.ts';
import {
  bytesSource,
  FormatError,
  type HashAlgorithm,
  hashOf,
  type Source,
  type StretchDigests,
  type StretchHashPort,
} from '../../../bytes/index.ts';
import { deflateRaw, readZip, writeZip, type ZipPart } from '../../archive/index.ts';
import { inflateRaw } from '../../codec/inflate.ts';
import { type ApkPorts, ApkRefusal } from '../issue.ts';
import { type ApkZip, readApkZip } from '../zip-view.ts';
import { expectedDigests } from './digests.ts';
import { beginMembers, compareMembers, type MemberAnswer, type MemberDigests } from './entry-digests.ts';

const ports: ApkPorts = { hash, verify, codec, inflate: inflateRaw };
const noise = (length: number, seed: number) => Uint8Array.from({ length }, (_, index) => (index * seed + (index >> 7) * 13) & 255);

/** Small members, one that crosses every window's end, one that is larger than a window, and small ones again. */
const PARTS: readonly ZipPart[] = [
  { name: 'empty', data: new Uint8Array(0) },
  ...Array.from({ length: 40 }, (_, index) => {
    const data = noise(50_000 + index * 1000, index + 3);
    return { name: `small${index}`, data, ...(index % 4 === 3 ? { packed: deflateRaw(data) } : {}) };
  }),
  { name: 'large', data: noise(5 << 20, 7) },
  ...Array.from({ length: 10 }, (_, index) => ({ name: `after${index}`, data: noise(200_000, index + 50) })),
];
const ARCHIVE = writeZip(PARTS);

async function zipOf(bytes: Uint8Array, source: Source = bytesSource(bytes)): Promise<ApkZip> {
  return readApkZip(source, (await readZip(source)).value);
}

/** Members of which every fifth says its digest in a way of its own. */
function membersOf(zip: ApkZip, wrong?: string): MemberDigests {
  const expected = expectedDigests('sha256', zip.entries.length);
  for (const [index, { name }] of zip.entries.entries()) {
    const right = hashOf(hash, 'sha256', PARTS[index]?.data ?? new Uint8Array(0));
    const digest = name === wrong ? right.toReversed() : right;
    if (index % 5 === 4) expected.others.set(index, [{ algorithm: 'sha256', digest }]);
    else expected.bytes.set(digest, index * 32);
  }
  return { entries: zip.entries, expected };
}

const digestsOf = (all: readonly (Uint8Array | undefined)[]): StretchDigests => {
  const size = all.find((digest) => digest !== undefined)?.length ?? 32;
  const bytes = new Uint8Array(all.length * size);
  all.forEach((digest, index) => {
    if (digest !== undefined) bytes.set(digest, index * size);
  });
  return { bytes, size, states: Uint8Array.from(all, (digest) => (digest === undefined ? 0 : 1)) };
};

const wrongOf = (answers: readonly (MemberAnswer | undefined)[]) =>
  answers.map((answer) => (answer === undefined ? 'none' : 'refusal' in answer ? 'refused' : answer.wrong.length));

/** A source that fills the caller's buffer, as files do. */
const filling = (bytes: Uint8Array): Source => ({
  ...bytesSource(bytes),
  async readInto(at, into) {
    into.set(bytes.subarray(at, at + into.length));
  },
});

describe('members by the window', () => {
  test.each([
    ['bytes', bytesSource(ARCHIVE)],
    ['a file that fills buffers', filling(ARCHIVE)],
  ])('every member has its digest, over %s', async (_name, source) => {
    const zip = await zipOf(ARCHIVE, source);
    expect(wrongOf(await compareMembers(zip, membersOf(zip), ports))).toEqual(PARTS.map(() => 0));
  });

  test.each(['empty', 'small17', 'small19', 'small20', 'large', 'after9'])('one wrong digest is found where it is: %s', async (name) => {
    const zip = await zipOf(ARCHIVE, filling(ARCHIVE));
    const wrong = wrongOf(await compareMembers(zip, membersOf(zip, name), ports));
    expect(wrong).toEqual(PARTS.map((part) => (part.name === name ? 1 : 0)));
  });

  test('another thread is asked for all members, and believed for nothing else', async () => {
    const asked: number[] = [];
    const zip = await zipOf(ARCHIVE);
    const helper =
      (answer: (content: Uint8Array, algorithm: HashAlgorithm) => Uint8Array | undefined): StretchHashPort =>
      (source, algorithm, wanted) => ({
        finish: () => {
          asked.push(wanted.length);
          return Promise.all(
            wanted.map(async ({ at, length, unpacked }) => {
              const bytes = await source.read(at, length);
              return answer(unpacked === undefined ? bytes : inflateRaw(bytes, unpacked), algorithm);
            }),
          ).then(digestsOf);
        },
        stop: async () => undefined,
      });
    const compare = async (stretches: StretchHashPort, wrong?: string, algorithm: HashAlgorithm = 'sha256') => {
      const ahead = beginMembers(zip, zip.entries, { algorithm, ports: { ...ports, stretches } });
      expect(ahead).toBeDefined();
      return wrongOf(await compareMembers(zip, membersOf(zip, wrong), ports, ahead));
    };
    const honest = helper((content, algorithm) => hashOf(hash, algorithm, content));
    expect(await compare(honest)).toEqual(PARTS.map(() => 0));
    expect(asked).toEqual([PARTS.length]);
    for (const wrong of ['small19', 'large'])
      expect(await compare(honest, wrong)).toEqual(PARTS.map(({ name }) => (name === wrong ? 1 : 0)));
    // Begun with another algorithm than is wanted: it answers nothing.
    expect(await compare(honest, 'small19', 'sha1')).toEqual(PARTS.map(({ name }) => (name === 'small19' ? 1 : 0)));
    const lying = helper(() => new Uint8Array(32));
    expect(await compare(lying)).toEqual(PARTS.map((_part, index) => (index % 5 === 4 ? 0 : 1)));
    // Digests of no bytes are equal to everything, and count for nothing.
    const empty: StretchHashPort = (_source, _algorithm, wanted) => ({
      finish: async () => ({ bytes: new Uint8Array(0), size: 0, states: new Uint8Array(wanted.length).fill(1) }),
      stop: async () => undefined,
    });
    expect(await compare(empty, 'small3')).toEqual(PARTS.map(({ name }) => (name === 'small3' ? 1 : 0)));
    // What it makes nothing of is read here.
    const helpless = helper((content, algorithm) => (content.length < 4 << 20 ? undefined : hashOf(hash, algorithm, content)));
    expect(await compare(helpless, 'small3')).toEqual(PARTS.map(({ name }) => (name === 'small3' ? 1 : 0)));
  });

  test('shared or not, a member that cannot be unpacked is refused, and what follows it is not looked at', async () => {
    const bytes = ARCHIVE.slice();
    const zip = await zipOf(bytes);
    const packed = zip.entries.find(({ name }) => name === 'small11');
    const at = (packed?.localAt ?? 0) + (packed?.local?.length ?? 0);
    bytes.fill(0xff, at, at + 40);
    const helpless: StretchHashPort = (_source, _algorithm, wanted) => ({
      finish: async () => digestsOf(wanted.map(() => undefined)),
      stop: async () => undefined,
    });
    const read = await zipOf(bytes);
    const shared = beginMembers(read, read.entries, { algorithm: 'sha256', ports: { ...ports, stretches: helpless } });
    for (const ahead of [undefined, shared]) {
      const answers = wrongOf(await compareMembers(read, membersOf(zip), ports, ahead));
      expect(answers.slice(0, 13)).toEqual([...Array.from({ length: 12 }, () => 0), 'refused']);
    }
  });

  test('a member whose local header lies is refused, and what follows it is not looked at', async () => {
    const bytes = ARCHIVE.slice();
    const zip = await zipOf(bytes);
    const at = zip.entries[5]?.localAt ?? 0;
    bytes[at + 14] = (bytes[at + 14] ?? 0) ^ 1;
    const tampered = await zipOf(bytes);
    const answers = await compareMembers(tampered, membersOf(tampered), ports);
    expect(wrongOf(answers).slice(0, 7)).toEqual([0, 0, 0, 0, 0, 'refused', 'none']);
    const refused = answers[5];
    expect(refused !== undefined && 'refusal' in refused ? refused.refusal : undefined).toBeInstanceOf(ApkRefusal);
  });

  test('a file that cannot be read is a refusal of the member that needed it', async () => {
    const zip = await zipOf(ARCHIVE);
    const gone: Source = {
      size: ARCHIVE.length,
      read: async () => {
        throw new FormatError({ format: 'file', field: 'read', at: 0 }, 'short-read', 'gone');
      },
    };
    const answers = await compareMembers({ ...zip, source: gone }, membersOf(zip), ports);
    expect(wrongOf(answers).slice(0, 2)).toEqual(['refused', 'none']);
  });
});
