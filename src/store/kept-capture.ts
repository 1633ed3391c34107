import { readAll } from '../bytes/index.ts';
import type { Capture } from '../evidence/index.ts';
import type { BlobKind } from './blobs.ts';
import type { Store } from './store.ts';

/** An artefact above this is listed and not kept: whole images belong on a shelf, and are told apart by their size here. */
const ARTEFACT_MAX = 2 * 2 ** 30;
/** Up to this an artefact is read once, into memory; what is larger is read twice, a piece at a time. */
const IN_MEMORY = 8 << 20;

/** A capture that lies in the store. */
export interface KeptCapture {
  /** SHA-256 of its list, a blob. */
  readonly sha256: string;
  readonly blobs: readonly { readonly kind: BlobKind; readonly sha256: string; readonly bytes: number }[];
}

/** Keeps what was read from a phone: each artefact as a blob, and their list (`assay.kept-capture/1`). No more than 8 MiB of it are in memory at a time. */
export async function keepCapture(store: Store, capture: Capture): Promise<KeptCapture> {
  const blobs: KeptCapture['blobs'][number][] = [];
  const artefacts = [];
  for (const { name, kind, source, origin } of capture.artefacts) {
    const about = { name, kind, origin: origin ?? null, bytes: source.size };
    if (source.size > ARTEFACT_MAX) {
      artefacts.push({ ...about, sha256: null });
      continue;
    }
    const sha256 =
      source.size > IN_MEMORY
        ? await store.blobs.putSource('artefact', source)
        : await store.blobs.put('artefact', await readAll(source, IN_MEMORY, name));
    blobs.push({ kind: 'artefact', sha256, bytes: source.size });
    artefacts.push({ ...about, sha256 });
  }
  const { trust, origin, takenAt, items, changes, claims } = capture;
  const list = { format: 'assay.kept-capture/1', trust, origin, takenAt: takenAt ?? null, items, changes, claims, artefacts };
  const bytes = new TextEncoder().encode(JSON.stringify(list));
  const sha256 = await store.blobs.put('capture', bytes);
  return { sha256, blobs: [...blobs, { kind: 'capture', sha256, bytes: bytes.length }] };
}
