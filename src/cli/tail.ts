/** The chain of inspections of one phone (`provenance/clones/tail.ts`), where a phone at the cable attests its ID and a store keeps what was seen. */
import { parseHex } from '../bytes/index.ts';
import { nodeHash, openSigner } from '../platform/node/index.ts';
import { logEntry, ownUri, type TailEntry, tailDigest } from '../provenance/index.ts';
import { because } from './because.ts';
import { callerPath } from './paths.ts';

/** Asks the store for the challenge by which a phone answers for its last inspection there. */
export interface TailAsker {
  /** The challenge for a phone that says that it has this serial number: its word, which only chooses what is asked. Undefined where it says none. */
  readonly challengeFor: (serial: string | undefined) => Promise<Uint8Array | undefined>;
  /** Forgets what was asked and not answered. */
  readonly forget: () => Promise<void>;
}

export function tailAsker(folder: string, source: string): TailAsker {
  const asked: string[] = [];
  const withStore = async <T>(work: (store: import('../store/index.ts').Store) => Promise<T>): Promise<T> => {
    const { openStore } = await import('../store/index.ts');
    const store = await openStore(callerPath(folder), process.env['DATABASE_URL']);
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  };
  return {
    async challengeFor(serial) {
      if (serial === undefined) return undefined;
      try {
        const { askTail } = await import('../store/index.ts');
        const { challenge } = await withStore((store) => askTail(store, ownUri('attested', 'serial', serial)));
        asked.push(challenge);
        return parseHex(challenge);
      } catch (error) {
        // The attestation is worth having without it; what is wrong with the store is said again when the inspection is kept.
        console.error(`assay: ${source}: it cannot answer for an earlier inspection: ${because(error)}`);
        return undefined;
      }
    },
    async forget() {
      if (asked.length === 0) return;
      const { forgetTail } = await import('../store/index.ts');
      for (const challenge of asked) await forgetTail({ folder: callerPath(folder) }, challenge);
    },
  };
}

/** Logs tails: their digests, which name no phone. */
export async function logTails(
  tails: readonly TailEntry[],
  { log: place, logKey }: { readonly log: string; readonly logKey: string },
): Promise<void> {
  const { openLog } = await import('../store/index.ts');
  const log = await openLog(callerPath(place), await openSigner(callerPath(logKey)), { everyMs: 0 });
  try {
    for (const tail of tails) {
      const index = await log.append(logEntry('tail', tailDigest(nodeHash, tail)));
      console.error(`assay: ${tail.source}: its tail is entry ${index} of ${log.key.name}`);
    }
  } finally {
    await log.close();
  }
}
