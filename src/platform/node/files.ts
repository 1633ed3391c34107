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

function fileSource(handle: FileHandle, size: number): FileSource {
  return {
    size,
    async read(at, length) {
      checkRange({ size }, at, length, 'file');
      const bytes = new Uint8Array(length);
      let done = 0;
      while (done < length) {
        const { bytesRead } = await handle.read(bytes, done, length - done, at + done);
        // The file shrank since it was opened.
        if (bytesRead === 0)
          throw new FormatError(
            { format: 'file', field: 'read', at: at + done },
            'short-read',
            `the file ends here, ${length - done} bytes early`,
          );
        done += bytesRead;
      }
      return bytes;
    },
    close: () => handle.close(),
  };
}
