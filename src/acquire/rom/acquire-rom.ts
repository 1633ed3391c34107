/** The identity that a phone offers before Android starts, as a capture: the whole conversation, nothing interpreted. */
import { toHex } from '../../bytes/index.ts';
import type { CaptureItem } from '../../evidence/index.ts';
import type { RomDocument, UsbDocument } from '../../evidence/own/index.ts';
import type { RomProtocol } from '../../formats/rom/index.ts';
import type { CaptureBuilder } from '../capture-builder.ts';
import { DeviceError, type DeviceErrorCode } from '../device-port.ts';
import { type RomConversation, type RomLink, type RomPorts, romConversation } from './conversation.ts';
import { askMediatek } from './mediatek.ts';
import { askSahara } from './sahara.ts';
import { askUnisoc } from './unisoc.ts';

/** What is on the cable, as the host saw it before a byte was sent. */
export type RomUsb = Omit<UsbDocument, 'format'>;

const ASK: Readonly<Record<RomProtocol, (conversation: RomConversation) => Promise<void>>> = {
  mediatek: askMediatek,
  sahara: askSahara,
  unisoc: askUnisoc,
};

const encode = (document: unknown) => new TextEncoder().encode(`${JSON.stringify(document, undefined, 1)}\n`);

/** Reads the identity into a capture. Answers whether the conversation went to its end; what was said before it broke is kept. */
export async function acquireRom(
  { link, protocol, usb }: { readonly link: RomLink; readonly protocol: RomProtocol; readonly usb: RomUsb | undefined },
  builder: CaptureBuilder,
  ports: RomPorts,
): Promise<boolean> {
  const conversation = romConversation(link, ports);
  let outcome: CaptureItem['outcome'] = 'done';
  let note: string | undefined;
  try {
    await ASK[protocol](conversation);
  } catch (error) {
    outcome = outcomeOf(error);
    note = error instanceof Error ? error.message : String(error);
  }
  if (usb !== undefined) {
    const document: UsbDocument = { format: 'assay.usb/1', ...usb };
    await builder.put({ name: 'usb.json', kind: 'usb', origin: undefined }, encode(document));
  }
  const document: RomDocument = {
    format: 'assay.rom/1',
    protocol,
    outcome,
    note: note?.slice(0, 2000) ?? null,
    exchanges: conversation.exchanges.map(({ sent, received, ...times }) => ({ ...times, sent: toHex(sent), received: toHex(received) })),
  };
  const last = conversation.exchanges.at(-1);
  const bytes = conversation.exchanges.reduce((sum, { received }) => sum + received.length, 0);
  if (bytes > 0) await builder.put({ name: 'rom.json', kind: 'rom', origin: protocol }, encode(document));
  builder.item({
    id: `rom.${protocol}`,
    artefact: bytes > 0 ? 'rom.json' : undefined,
    command: conversation.exchanges.map(({ ask }) => ask).join(' '),
    outcome,
    exitStatus: undefined,
    startMs: 0,
    durationMs: last?.receivedMs ?? 0,
    bytes,
    note,
  });
  await builder.flush(outcome === 'done');
  return outcome === 'done';
}

const OUTCOMES: Readonly<Partial<Record<DeviceErrorCode, CaptureItem['outcome']>>> = {
  'timed out': 'timed out',
  'too large': 'flooded',
  disconnected: 'disconnected',
  refused: 'refused',
};

const outcomeOf = (error: unknown): CaptureItem['outcome'] => (error instanceof DeviceError ? OUTCOMES[error.code] : undefined) ?? 'failed';
