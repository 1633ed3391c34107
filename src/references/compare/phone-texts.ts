/** Files of a phone whose bytes a capture holds, by their path there: what was pulled one by one, and the texts in its tar. Display only: what a file's digest is, other answers say. */
import { FormatError, type Source } from '../../bytes/index.ts';
import type { Artefact, Capture } from '../../evidence/index.ts';
import { readTar, tarMember } from '../../formats/archive/index.ts';
import type { ReadFilesPort } from '../provenance.ts';

/** Reads files of the phone that a capture is of. What it does not hold, or is larger than the limit, is left out. */
export const phoneFiles =
  ({ artefacts }: Pick<Capture, 'artefacts'>): ReadFilesPort =>
  async (wanted, limit) => {
    const paths = new Set(wanted.map(({ path }) => path));
    const found = new Map<string, Uint8Array>();
    for (const artefact of artefacts)
      for (const { path, source } of await filesIn(artefact))
        if (paths.has(path) && !found.has(path) && source.size <= limit) found.set(path, await source.read(0, source.size));
    return found;
  };

interface PhoneFile {
  readonly path: string;
  readonly source: Source;
}

async function filesIn({ kind, origin, source }: Artefact): Promise<readonly PhoneFile[]> {
  if (kind === 'texts') return textsIn(source);
  // Of a list or a dump the origin is a folder or a command, which no file that is asked for is called.
  return origin?.startsWith('/') === true ? [{ path: origin, source }] : [];
}

async function textsIn(source: Source): Promise<readonly PhoneFile[]> {
  try {
    const { value } = await readTar(source);
    return value.flatMap((entry) => (entry.type === 'file' ? [{ path: entry.name, source: tarMember(source, entry) }] : []));
  } catch (error) {
    // A recording's tar that is none costs the lines, and no finding.
    if (!(error instanceof FormatError)) throw error;
    return [];
  }
}
