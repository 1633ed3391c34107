import { type FileHandle, open } from 'node:fs/promises';
import { checkRange, FormatError, type Source } from '../../bytes/index.ts';

/** An open file as a Source. Close it when done. */
export interface FileSource extends Source {
  close(): Promise<void>;
}

/** Opens a file for reading. @throws the system's error when it cannot */
export async function openFile(path: string): Promise<FileSource> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    return fileSource(handle, size);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The first `size` bytes of an open file, which stays its opener's to close. */
export function fileSource(handle: FileHandle, size: number): FileSource {
  const readInto = async (at: number, into: Uint8Array): Promise<void> => {
    const { length } = into;
    checkRange({ size }, at, length, 'file');
    let done = 0;
    while (done < length) {
      const { bytesRead } = await handle.read(into, done, length - done, at + done);
      // The file shrank since it was opened.
      if (bytesRead === 0)
        throw new FormatError(
          { format: 'file', field: 'read', at: at + done },
          'short-read',
          `the file ends here, ${length - done} bytes early`,
        );
      done += bytesRead;
    }
  };
  const source: FileSource = {
    size,
    async read(at, length) {
      checkRange({ size }, at, length, 'file');
      const bytes = new Uint8Array(length);
      await readInto(at, bytes);
      return bytes;
    },
    readInto,
    close: () => handle.close(),
  };
  descriptors.set(source, handle.fd);
  return source;
}

/** Files by the source that reads them: a thread of ours can read the same file by its number. */
const descriptors = new WeakMap<Source, number>();

/** The number of the open file behind a source, where there is one. It is good until the source is closed. */
export function fileDescriptorOf(source: Source): number | undefined {
  return descriptors.get(source);
}
