import { parseHex } from '../../bytes/index.ts';
import { ROM_PROTOCOLS, readRomIdentity } from './index.ts';

export const name = 'rom';

const ASKS = [
  ['GET_BL_VER', 'GET_HW_CODE', 'GET_HW_SW_VER', 'GET_TARGET_CONFIG', 'GET_ME_ID', 'GET_SOC_ID'],
  ['hello', 'serial', 'hardware-id', 'key-hash', 'chip-id-v3'],
  ['check-baud'],
] as const;

const seed = (choice: number, hex: string) => Uint8Array.from([choice, ...(parseHex(hex) ?? [])]);

/** The first byte chooses protocol and question; the rest is the answer. */
export const seeds: readonly Uint8Array[] = [
  seed(0x00, 'fe'),
  seed(0x10, 'fd65920000'),
  seed(0x40, `e100000010${'a5'.repeat(16)}0000`),
  seed(0x01, `0100000030000000020000000100000000040000${'00'.repeat(28)}`),
  seed(0x31, 'cc3153a80293939b90d02d3bf8b23e0292e452fef662c74998421adad42a380f'),
  seed(0x02, '7e00810006535052443300570a7e'),
];

/** Reads a hostile answer: anything but an oddity, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  const choice = bytes[0] ?? 0;
  const protocol = ROM_PROTOCOLS[(choice & 0xf) % ROM_PROTOCOLS.length] ?? 'sahara';
  const asks = ASKS[ROM_PROTOCOLS.indexOf(protocol)] ?? ASKS[1];
  const ask = asks[(choice >> 4) % asks.length] ?? 'hello';
  readRomIdentity(protocol, [{ ask, sent: new Uint8Array(0), received: bytes.subarray(1), sentMs: 0, receivedMs: 0 }]);
}
