/**
 * A conversation with what answers before Android does: everything that was sent and received, in order.
 * It is kept whole, so that a later version of assay reads the identity out of it again.
 */
export const ROM_PROTOCOLS = ['mediatek', 'sahara', 'unisoc'] as const;
export type RomProtocol = (typeof ROM_PROTOCOLS)[number];

/** One question and everything that came back before the next was asked. Times in milliseconds from the start. */
export interface RomExchange {
  /** What was asked, as in `GET_HW_CODE`. */
  readonly ask: string;
  readonly sent: Uint8Array;
  readonly received: Uint8Array;
  readonly sentMs: number;
  readonly receivedMs: number;
}

/** Most bytes that all answers of one conversation may have; real ones have some hundreds. */
export const ROM_TRANSCRIPT_MAX = 65_536;
