import { FormatError } from '../../../bytes/index.ts';
import { placesIn, readSample } from '../sample.ts';

export const name = 'bugreport';

const encode = (text: string) => new TextEncoder().encode(text);

export const seeds: readonly Uint8Array[] = [
  encode(
    "== dumpstate: 2022-03-29 23:14:22\nKernel: Linux version 4.1 (a@b)\n------ P (getprop) ------\n[a]: [b]\n------ 1s was the duration of 'P' ------\n------ M (/proc/meminfo) ------\nMemTotal: 5 kB\n",
  ),
  encode(
    'DUMP OF SERVICE HIGH adb:\ndebugging_manager={\nuser_keys=AAAA a@b\n\nkeystore=ABX\u0000\u0010\nDUMP OF SERVICE appops:\n  Uid 0:\n    Package a:\n      OP (allow):\n',
  ),
  encode(
    'DUMP OF SERVICE settings:\nGLOBAL SETTINGS (user 0)\n_id:1 name:a pkg:b value:c default:d\nDUMP OF SERVICE batterystats:\n +1s (2) +job=u0a1:"a.b/.C"\nDUMP OF SERVICE accessibility:\n Enabled services:{{a/b}}\n',
  ),
];

/** Any error but a FormatError, a place outside the bytes, a hang or too much memory is a finding. */
export function run(bytes: Uint8Array): void {
  try {
    for (const place of placesIn([readSample('bugreport', bytes).facts, readSample('dumpsys', bytes).facts]))
      if (place.at < 0 || place.length < 0 || place.at + place.length > bytes.length)
        throw new Error(`a place outside the bytes: ${JSON.stringify(place)}`);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
