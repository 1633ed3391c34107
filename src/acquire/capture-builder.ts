/**
 * Builds a capture: artefacts as they are read, each hashed while it is written, and the two documents after every step,
 * so that a capture that is stopped at any moment is valid and can be resumed.
 */
import { bytesSource, type Hasher, type HashPort, type Instant, type Source, toHex } from '../bytes/index.ts';
import type { Artefact, ArtefactKind, Capture, CaptureChange, CaptureItem, Claims } from '../evidence/index.ts';
import { ARTEFACT_NAME, type CaptureDocument, type HashesDocument } from './capture-schema.ts';

/** An artefact that is being written. */
export interface StorageFile {
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** Where a capture is kept. Names are ours (`ARTEFACT_NAME`); nothing else ever becomes a path. */
export interface CaptureStorage {
  /** Begins a file, in place of one of that name. */
  create(name: string): Promise<StorageFile>;
  /** Writes a small file whole, so that it is either the old or the new one. */
  replace(name: string, bytes: Uint8Array): Promise<void>;
  remove(name: string): Promise<void>;
  /** A file's bytes, to be read when asked; undefined where there is none. */
  open(name: string): Promise<Source | undefined>;
}

/** What is known when a capture begins. */
export interface CaptureStart {
  readonly tool: string;
  readonly operator: string | undefined;
  readonly takenAt: Instant;
  readonly transport: CaptureDocument['transport'];
  readonly plan: CaptureDocument['plan'];
  readonly claims: Claims;
  readonly notRead: readonly { readonly what: string; readonly because: string }[];
}

/** An artefact that is being read from the phone. */
export interface ArtefactWriter {
  readonly bytes: number;
  write(bytes: Uint8Array): Promise<void>;
  /** Keeps it. `kind` overrides its kind: what was cut short is `unknown`, so that nobody takes what is missing for absent. */
  keep(kind?: ArtefactKind): Promise<void>;
  /** Forgets it. */
  drop(): Promise<void>;
}

export interface CaptureBuilder {
  begin(name: string, kind: ArtefactKind, origin: string | undefined): Promise<ArtefactWriter>;
  /** An artefact that is at hand whole. */
  put(
    artefact: { readonly name: string; readonly kind: ArtefactKind; readonly origin: string | undefined },
    bytes: Uint8Array,
  ): Promise<void>;
  item(item: CaptureItem): void;
  change(change: CaptureChange): void;
  /** Marks an earlier change as undone. */
  undone(what: string): void;
  setClockOffset(ms: number): void;
  setSubject(subject: string): void;
  setPlan(plan: CaptureDocument['plan']): void;
  /** Items that an earlier run finished. */
  isDone(id: string): boolean;
  kept(name: string): Promise<Source | undefined>;
  /** Writes the documents. */
  flush(complete: boolean): Promise<void>;
  /** What was built, with its artefacts. */
  capture(trust: Capture['trust']): Promise<Capture>;
}

const encoder = new TextEncoder();
const pretty = (value: unknown) => encoder.encode(`${JSON.stringify(value, undefined, 1)}\n`);
const NOTE_MAX = 2000;

/** Starts a capture, or goes on with `earlier`, whose artefacts lie in the storage. */
export function captureBuilder(
  storage: CaptureStorage,
  hash: HashPort,
  start: CaptureStart,
  earlier?: { readonly document: CaptureDocument; readonly hashes: HashesDocument },
): CaptureBuilder {
  const known = earlier?.document;
  const items = new Map<string, CaptureItem>();
  const artefacts = new Map<string, { kind: ArtefactKind; origin: string | undefined; sha256: string }>();
  const changes: CaptureChange[] = [];
  let clockOffsetMs = known?.clockOffsetMs ?? undefined;
  let subject = known?.subject ?? undefined;
  let plan = start.plan;
  for (const item of known?.items ?? []) {
    items.set(item.id, {
      ...item,
      artefact: item.artefact ?? undefined,
      exitStatus: item.exitStatus ?? undefined,
      note: item.note ?? undefined,
    });
  }
  for (const { name, kind, origin } of known?.artefacts ?? []) {
    const sha256 = earlier?.hashes.sha256[name];
    // The kind was checked against nothing: an unknown one is read by nobody.
    if (sha256 !== undefined) artefacts.set(name, { kind: kind as ArtefactKind, origin: origin ?? undefined, sha256 });
  }
  for (const change of known?.changes ?? []) changes.push({ ...change, undo: change.undo ?? undefined });

  async function begin(name: string, kind: ArtefactKind, origin: string | undefined): Promise<ArtefactWriter> {
    if (!ARTEFACT_NAME.test(name)) throw new RangeError(`not an artefact name: ${JSON.stringify(name)}`);
    // Read again: the documents must not vouch for bytes that are about to go, whatever happens before they are written anew.
    if (artefacts.delete(name)) await flush(false);
    const file = await storage.create(name);
    const hasher: Hasher = hash('sha256');
    let bytes = 0;
    let open = true;
    return {
      get bytes() {
        return bytes;
      },
      async write(piece) {
        hasher.update(piece);
        bytes += piece.length;
        await file.write(piece);
      },
      async keep(other) {
        if (!open) return;
        open = false;
        await file.close();
        artefacts.set(name, { kind: other ?? kind, origin, sha256: toHex(hasher.digest()) });
      },
      async drop() {
        if (!open) return;
        open = false;
        await file.close();
        await storage.remove(name);
      },
    };
  }

  async function flush(complete: boolean): Promise<void> {
    const document: CaptureDocument = {
      format: 'assay.capture/1',
      tool: known?.tool ?? start.tool,
      operator: start.operator ?? known?.operator ?? null,
      takenAt: known?.takenAt ?? start.takenAt,
      complete,
      clockOffsetMs: clockOffsetMs ?? null,
      transport: start.transport,
      plan,
      subject: subject ?? null,
      claims: { ...known?.claims, ...start.claims },
      items: [...items.values()].map((item) => ({
        ...item,
        artefact: item.artefact ?? null,
        exitStatus: item.exitStatus ?? null,
        note: item.note ?? null,
      })),
      artefacts: [...artefacts].map(([name, { kind, origin }]) => ({ name, kind, origin: origin ?? null })),
      changes: changes.map((change) => ({ ...change, undo: change.undo ?? null })),
      notRead: [...start.notRead],
    };
    const bytes = pretty(document);
    const hasher = hash('sha256');
    hasher.update(bytes);
    const sha256: Record<string, string> = { 'capture.json': toHex(hasher.digest()) };
    for (const name of [...artefacts.keys()].sort()) sha256[name] = artefacts.get(name)?.sha256 ?? '';
    const hashes: HashesDocument = { format: 'assay.hashes/1', sha256 };
    // In this order: stopped between the two, every artefact that the older list names is still vouched for, and no list stands without its digests.
    await storage.replace('hashes.json', pretty(hashes));
    await storage.replace('capture.json', bytes);
  }

  return {
    begin,
    async put(artefact, bytes) {
      const writer = await begin(artefact.name, artefact.kind, artefact.origin);
      await writer.write(bytes);
      await writer.keep();
    },
    item(item) {
      items.set(item.id, { ...item, note: item.note?.slice(0, NOTE_MAX) });
    },
    change(change) {
      changes.push(change);
    },
    undone(what) {
      const at = changes.findIndex((change) => change.what === what && !change.undone);
      const change = changes[at];
      if (change !== undefined) changes[at] = { what, undone: true, undo: undefined };
    },
    setClockOffset(ms) {
      clockOffsetMs = ms;
    },
    setSubject(digest) {
      subject = digest;
    },
    setPlan(name) {
      plan = name;
    },
    isDone: (id) => {
      const item = items.get(id);
      return item?.outcome === 'done' && (item.artefact === undefined || artefacts.has(item.artefact));
    },
    kept: async (name) => (artefacts.has(name) ? storage.open(name) : undefined),
    flush,
    async capture(trust) {
      const kept: Artefact[] = [];
      for (const [name, { kind, origin }] of artefacts) {
        const source = await storage.open(name);
        if (source !== undefined) kept.push({ name, kind, source, origin });
      }
      return {
        trust,
        origin: 'phone',
        takenAt: known === undefined ? start.takenAt : (known.takenAt as Instant), // the schema checked the form
        artefacts: kept,
        items: [...items.values()],
        changes,
        claims: { ...(known?.claims as Claims | undefined), ...start.claims }, // absent and undefined are one here
        unused: start.notRead.map(({ what, because }) => ({ name: what, because })),
      };
    },
  };
}

/** Keeps a capture in memory. */
export function memoryStorage(): CaptureStorage {
  const files = new Map<string, { pieces: Uint8Array[]; size: number }>();
  return {
    async create(name) {
      const file = { pieces: [] as Uint8Array[], size: 0 };
      files.set(name, file);
      return {
        async write(bytes) {
          // A copy: what came may be a view of a buffer that is used again.
          file.pieces.push(bytes.slice());
          file.size += bytes.length;
        },
        async close() {},
      };
    },
    async replace(name, bytes) {
      files.set(name, { pieces: [bytes], size: bytes.length });
    },
    async remove(name) {
      files.delete(name);
    },
    async open(name) {
      const file = files.get(name);
      if (file === undefined) return undefined;
      const whole = new Uint8Array(file.size);
      let at = 0;
      for (const piece of file.pieces) {
        whole.set(piece, at);
        at += piece.length;
      }
      file.pieces = [whole];
      return bytesSource(whole);
    },
  };
}
