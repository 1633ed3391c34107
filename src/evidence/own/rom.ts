/** `rom.json`: the whole conversation with what answers before Android starts. The identity is read out of it here, so a later version reads it again. */
import * as z from 'zod/mini';
import { parseHex } from '../../bytes/index.ts';
import { ROM_PROTOCOLS, ROM_TRANSCRIPT_MAX, type RomIdentity, type RomProtocol, readRomIdentity } from '../../formats/rom/index.ts';
import type { Standing } from '../fact.ts';
import { type ArtefactReader, makeFact, wholeOf } from '../reader.ts';
import { parseDocument } from './json.ts';

const hex = z.string().check(z.regex(/^([0-9a-f]{2})*$/), z.maxLength(ROM_TRANSCRIPT_MAX * 2));
const time = z.int().check(z.gte(0));

export const RomSchema = z.strictObject({
  format: z.literal('assay.rom/1'),
  protocol: z.enum(ROM_PROTOCOLS),
  outcome: z.enum(['done', 'failed', 'timed out', 'flooded', 'disconnected', 'refused', 'skipped']),
  /** Why it ended early. */
  note: z.nullable(z.string().check(z.maxLength(2000))),
  exchanges: z
    .array(z.strictObject({ ask: z.string().check(z.maxLength(64)), sent: hex, received: hex, sentMs: time, receivedMs: time }))
    .check(z.maxLength(64)),
});
export type RomDocument = z.infer<typeof RomSchema>;

/**
 * Real chips whose conversation is among the tests, by protocol. A mask ROM's word is `measured` only where ours was tried on one:
 * until then nobody knows that our questions mean what we think they mean. None so far (docs/untried.md).
 */
const ROM_TRIED_ON: Readonly<Record<RomProtocol, readonly string[]>> = { mediatek: [], sahara: [], unisoc: [] };

/** What an answer is worth: code that nobody can replace is measured, once it was tried; a loader that is flashed is shown at most. */
export function romStanding({ protocol, stage }: Pick<RomIdentity, 'protocol' | 'stage'>, triedOn = ROM_TRIED_ON): Standing {
  return stage === 'mask-rom' && triedOn[protocol].length > 0 ? 'measured' : 'shown';
}

export const romReader: ArtefactReader = {
  kinds: ['rom'],
  read(artefact) {
    const { protocol, outcome, exchanges } = parseDocument(artefact, RomSchema);
    const none = new Uint8Array(0);
    const read = readRomIdentity(
      protocol,
      // The schema checked the digits.
      exchanges.map((exchange) => ({ ...exchange, sent: parseHex(exchange.sent) ?? none, received: parseHex(exchange.received) ?? none })),
    );
    const place = wholeOf(artefact);
    const standing = romStanding(read.value);
    return {
      facts: [makeFact('rom', { identity: read.value, complete: outcome === 'done' }, { standing, place, oddities: read.oddities })],
      unread: [],
    };
  },
};
