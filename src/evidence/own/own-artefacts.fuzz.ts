import { FormatError } from '../../bytes/index.ts';
import { ownReaders } from './index.ts';

export const name = 'own-artefacts';

const NONCE = '0123456789abcdef';
const seed = (reader: number, text: string) => Uint8Array.from([reader, ...new TextEncoder().encode(text)]);

/** The first byte chooses the reader; the rest is its artefact. */
export const seeds: readonly Uint8Array[] = [
  seed(
    0,
    '{"format":"assay.adb/1","transport":"tcp","state":"device","banner":[],"features":[],"authorisation":"none","keyIsNew":null,"shellUid":0,"shellId":null}',
  ),
  seed(4, `${NONCE} file-list/1 stat /system\n${NONCE} a1ff 0 0 4 1 ? /system/sh -> \`mksh'\n`),
  seed(4, `${NONCE} file-list/1 ls /system\n\n/system/:\n-rwsr-xr-x root shell 12 2014-09-03 10:07 su\n${NONCE} context\n`),
  seed(5, `${NONCE} file-hashes/1 /system\n${'a'.repeat(64)}  /system/a\n`),
  seed(6, '/sys/devices/system/cpu/cpu0/regs/identification/midr_el1\t0x411fd4e0\n'),
  seed(10, 'S 4 1 0 444 0 0 ? /proc/cpuinfo\nF proc /proc/cpuinfo\n'),
  seed(11, `${NONCE} ro.boot.slot_suffix\n_a\n`),
  seed(12, `${NONCE} 3 i32 1\n  0x00000000: 00000000 0000000f '........4.9.0.4.'\n`),
  seed(
    15,
    '{"format":"assay.attestation/1","carrier":"adb","nonce":null,"idsAsked":[],"request":"","program":null,"askedAt":null,"answeredAt":null,"outcome":"answered","exitStatus":0,"answer":"QVNTQVktQVRURVNUIDEKVFJZIHBsYWluCkMgTUFBPQpLIDEgMApFTkQK","complaint":"","note":null,"page":null,"leaves":[]}',
  ),
  seed(
    15,
    '{"format":"assay.attestation/1","carrier":"browser","nonce":null,"idsAsked":[],"request":"","program":null,"askedAt":null,"answeredAt":null,"outcome":"answered","exitStatus":0,"answer":"eyJjbGllbnREYXRhSlNPTiI6ImUzMCIsImF0dGVzdGF0aW9uT2JqZWN0Ijoib0EifQ==","complaint":"","note":null,"page":{"origin":"http://localhost:1","relyingParty":"localhost"},"leaves":[]}',
  ),
  seed(
    15,
    '{"format":"assay.attestation/1","carrier":"imported","nonce":null,"idsAsked":[],"request":"","program":null,"askedAt":null,"answeredAt":null,"outcome":"answered","exitStatus":0,"answer":"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1BQT0KLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo=","complaint":"","note":null,"page":null,"leaves":[]}',
  ),
  seed(13, '(bootloader) partition-size:boot: 0x1\nproduct:x\n'),
];

/** Reads a hostile artefact: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  const reader = ownReaders[(bytes[0] ?? 0) % ownReaders.length];
  const kind = reader?.kinds[0];
  if (reader === undefined || kind === undefined) return;
  try {
    reader.read({ name: 'artefact', kind, origin: undefined, bytes: bytes.subarray(1) });
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
