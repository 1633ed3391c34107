/**
 * Encryption at rest by age (age-encryption.org/v1), as androidqf encrypts its folders too. The library is its author's own.
 * What is encrypted goes through in pieces; what is decrypted is held in memory, up to DECRYPTED_MAX.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { open, readFile, rename } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Decrypter, Encrypter } from 'age-encryption';
import { bytesSource, FormatError, type Source } from '../../../bytes/index.ts';

const MAGIC = 'age-encryption.org/v1';
/** Bytes of a decrypted capture: more than any full plan reads. */
const DECRYPTED_MAX = 2 * 1024 * 1024 * 1024;
const IDENTITY_FILE_MAX = 1 << 20;

/** Whether a file is encrypted with age. */
export async function isAgeFile(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const head = Buffer.alloc(MAGIC.length);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    return bytesRead === head.length && head.toString('latin1') === MAGIC;
  } finally {
    await file.close();
  }
}

/** Encrypts a file for recipients (`age1…`). The new file appears whole or not at all. @throws Error for what is no recipient */
export async function encryptFile(path: string, out: string, recipients: readonly [string, ...string[]]): Promise<void> {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  const partial = `${out}.new`;
  const plain = Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>; // Node types its web streams apart
  const cipher = await encrypter.encrypt(plain);
  await pipeline(Readable.fromWeb(cipher as Parameters<typeof Readable.fromWeb>[0]), createWriteStream(partial, { mode: 0o600 })); // as above
  await rename(partial, out);
}

/** Decrypts a file with the identities of a key file: lines `AGE-SECRET-KEY-1…`, others are comments. @throws FormatError where none of them opens it */
export async function decryptFile(path: string, identityFile: string): Promise<Source> {
  const text = (await readFile(identityFile)).subarray(0, IDENTITY_FILE_MAX).toString('utf8');
  const decrypter = new Decrypter();
  const identities = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('AGE-SECRET-KEY-'));
  if (identities.length === 0)
    throw new FormatError({ format: 'age', field: 'identity file', at: 0 }, 'bad-value', 'it holds no AGE-SECRET-KEY line');
  for (const identity of identities) decrypter.addIdentity(identity);
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    const cipher = Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>; // as above
    const reader = (await decrypter.decrypt(cipher)).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.length;
      if (size > DECRYPTED_MAX)
        throw new FormatError({ format: 'age', field: 'payload', at: DECRYPTED_MAX }, 'too-large', `more than ${DECRYPTED_MAX} bytes`);
      pieces.push(Buffer.from(value));
    }
  } catch (error) {
    if (error instanceof FormatError) throw error;
    throw new FormatError(
      { format: 'age', field: 'payload', at: size },
      'bad-value',
      error instanceof Error ? error.message : String(error),
    );
  }
  return bytesSource(Buffer.concat(pieces));
}
