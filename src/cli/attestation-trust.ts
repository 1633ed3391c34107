/** Files that chains of the secure world are verified with. */
import { readFile, stat } from 'node:fs/promises';
import { FormatError, isInstant } from '../bytes/index.ts';
import { type Anchors, parseAnchors, parseStatusList, type StatusList } from '../checks/attestation/index.ts';
import { callerPath } from './paths.ts';

/** The largest file that is read: a status list of 16 MiB; chains have a lower limit of their own. */
const FILE_BYTES_MAX = 1 << 24;

/** Roots to trust in place of those that are built in: PEM, or a JSON array of PEM. @throws FormatError */
export async function rootsOf(path: string): Promise<Anchors> {
  return parseAnchors(await readBounded(callerPath(path)));
}

/** A revocation list. Its date: its own, else the one in the file's name (`google-status-2025-01-08.json`). When the file was written says nothing: copying it would make it fresh. */
export async function statusOf(path: string): Promise<StatusList> {
  const text = new TextDecoder().decode(await readBounded(callerPath(path)));
  const named = /(\d{4}-\d\d-\d\d)/.exec(path.replace(/^.*[\\/]/, ''))?.[1];
  const inName = named === undefined ? undefined : `${named}T00:00:00Z`;
  const date = inName !== undefined && isInstant(inName) ? inName : undefined;
  return parseStatusList(text, date).value;
}

/** A file, whole. @throws FormatError above `FILE_BYTES_MAX` */
export async function readBounded(path: string): Promise<Uint8Array> {
  const { size } = await stat(path);
  if (size > FILE_BYTES_MAX) {
    throw new FormatError(
      { format: 'file', field: 'size', at: 0 },
      'too-large',
      `${size} bytes, and ${FILE_BYTES_MAX} is the most that is read`,
    );
  }
  return readFile(path);
}
