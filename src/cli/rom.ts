/** A firmware file as it is named on the command line: a path or an address, and after `!` a path inside it. */
import type { Source } from '../bytes/index.ts';
import { type HttpSource, openFile, openHttp } from '../platform/node/index.ts';
import { type FirmwarePorts, followPath } from '../references/index.ts';
import { callerPath } from './paths.ts';

export interface OpenRom {
  readonly source: Source;
  /** Its own name, without folders. */
  readonly name: string;
  /** Of one on a web server. */
  readonly remote?: RemoteRom;
  close(): Promise<void>;
}

/** What lies on a web server and is read by ranges: the whole file. */
export type RemoteRom = Pick<HttpSource, 'size' | 'validator' | 'pins' | 'holdTo'>;

/** What a command works on. */
export interface GivenRom extends Omit<OpenRom, 'close'> {
  /** As it was named on the command line. */
  readonly rom: string;
  readonly ports: FirmwarePorts;
}

/** Opens a ROM, or what lies inside one. Close it when done. @throws FormatError, and the system's errors */
export async function openRom(rom: string, ports: FirmwarePorts): Promise<OpenRom> {
  // A file may have an exclamation mark in its name; the first one divides.
  const split = rom.indexOf('!');
  const outer = split < 0 ? rom : rom.slice(0, split);
  const inner = split < 0 ? '' : rom.slice(split + 1);
  if (/^https?:\/\//i.test(outer)) {
    const file = await openHttp(outer);
    return { ...(await followPath(file, inner, ports, nameOf(outer))), remote: file, close: async () => undefined };
  }
  const file = await openFile(callerPath(outer));
  try {
    return { ...(await followPath(file, inner, ports, nameOf(outer))), close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

const nameOf = (path: string) => path.replace(/[?#].*$/, '').replace(/^.*[/\\]/, '');
