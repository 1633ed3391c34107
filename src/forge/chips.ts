/** Boot ROMs that answer as real ones are documented to: what they say is made by the writers of `formats/rom`. */
import { parseHex } from '../bytes/index.ts';
import { MEDIATEK_COMMAND, MEDIATEK_HANDSHAKE, readBsl, SAHARA_MODE, SAHARA_READ, writeBsl, writeSahara } from '../formats/rom/index.ts';

/** Something at the end of a cable: what it says unasked, and what it answers. Several pieces are several transfers. */
export interface Chip {
  readonly greeting: readonly Uint8Array[];
  answer(sent: Uint8Array): readonly Uint8Array[];
}

const be = (...halves: readonly number[]) => Uint8Array.from(halves.flatMap((half) => [half >> 8, half & 0xff]));
const bytesOf = (hex: string) => {
  const bytes = parseHex(hex);
  if (bytes === undefined) throw new RangeError(`${hex} is no hex`);
  return bytes;
};

export interface MediatekChip {
  readonly hwCode: number;
  /** Bits of GET_TARGET_CONFIG. */
  readonly targetConfig: number;
  readonly meId: string;
  readonly socId: string;
  /** Undefined: the boot ROM answers. */
  readonly preloaderVersion?: number;
}

export function mediatekChip({ hwCode, targetConfig, meId, socId, preloaderVersion }: MediatekChip): Chip {
  const identity = (command: number, hex: string) => {
    const id = bytesOf(hex);
    return [Uint8Array.of(command), Uint8Array.of(...be(0, id.length), ...id), be(0)];
  };
  return {
    greeting: preloaderVersion === undefined ? [] : [new TextEncoder().encode('READY'), new TextEncoder().encode('READY')],
    answer([byte]) {
      if (byte === undefined) return [];
      if (MEDIATEK_HANDSHAKE.includes(byte)) return [Uint8Array.of(~byte & 0xff)];
      switch (byte) {
        case MEDIATEK_COMMAND.GET_HW_CODE:
          return [Uint8Array.of(byte), be(hwCode, 0)];
        case MEDIATEK_COMMAND.GET_BL_VER:
          return [Uint8Array.of(preloaderVersion ?? byte)];
        case MEDIATEK_COMMAND.GET_TARGET_CONFIG:
          return [Uint8Array.of(byte), be(targetConfig >>> 16, targetConfig & 0xffff), be(0)];
        case MEDIATEK_COMMAND.GET_HW_SW_VER:
          return [Uint8Array.of(byte), be(0x8a00, 0xca00, 0x0000, 0)];
        case MEDIATEK_COMMAND.GET_ME_ID:
          return identity(byte, meId);
        case MEDIATEK_COMMAND.GET_SOC_ID:
          return identity(byte, socId);
        default:
          return [Uint8Array.of(byte ^ 0xff)];
      }
    },
  };
}

export interface QualcommChip {
  /** Of the protocol: 2 or 3. */
  readonly version: number;
  readonly serial: number;
  readonly msmId: number;
  readonly oemId: number;
  readonly modelId: number;
  readonly keyHash: string;
}

export function qualcommChip({ version, serial, msmId, oemId, modelId, keyHash }: QualcommChip): Chip {
  const hello = writeSahara({ kind: 'hello', version, minimumVersion: 1, maximumPacket: 1024, mode: SAHARA_MODE.imagePending });
  const answers = new Map<number, Uint8Array>([
    [SAHARA_READ.serial, le(4, [[0, serial, 4]])],
    // Chips repeat the digest.
    [SAHARA_READ.keyHash, bytesOf(keyHash.repeat(3))],
    version < 3
      ? [
          SAHARA_READ.hardwareId,
          le(8, [
            [0, modelId, 2],
            [2, oemId, 2],
            [4, msmId, 4],
          ]),
        ]
      : [
          SAHARA_READ.chipIdV3,
          le(48, [
            [0, 0x00a1b2c3, 4],
            [36, msmId, 4],
            [40, oemId, 2],
            [42, modelId, 2],
          ]),
        ],
  ]);
  return {
    greeting: [hello],
    answer(sent) {
      const [command = 0, , argument = 0] = new Uint32Array(Uint8Array.from(sent.subarray(0, sent.length & ~3)).buffer);
      const data = answers.get(argument);
      switch (command) {
        case 0x02:
          return [writeSahara({ kind: 'command-ready' })];
        case 0x0c:
          return [hello];
        case 0x0d:
          return [
            writeSahara(
              data === undefined
                ? { kind: 'end-transfer', imageId: 0, status: 0x1f }
                : { kind: 'execute-response', clientCommand: argument, dataLength: data.length },
            ),
          ];
        case 0x0f:
          return data === undefined ? [] : [data];
        default:
          return [];
      }
    },
  };
}

function le(size: number, fields: readonly (readonly [at: number, value: number, length: 2 | 4])[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(size));
  for (const [at, value, length] of fields)
    if (length === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
  return new Uint8Array(view.buffer);
}

export function unisocChip(version: string): Chip {
  return {
    greeting: [],
    answer(sent) {
      if (sent.length === 1) return [writeBsl({ type: 0x81, data: new TextEncoder().encode(`${version}\0`) })];
      return [writeBsl({ type: readBsl(sent).type === 0 ? 0x80 : 0xfe, data: new Uint8Array(0) })];
    },
  };
}
