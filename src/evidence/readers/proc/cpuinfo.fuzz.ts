import { FormatError } from '../../../bytes/index.ts';
import { placesIn, readSample } from '../sample.ts';

export const name = 'cpuinfo';

const encode = (text: string) => new TextEncoder().encode(text);

export const seeds: readonly Uint8Array[] = [
  encode('processor\t: 0\nBogoMIPS\t: 38.40\nFeatures\t: fp\nCPU implementer\t: 0x41\nCPU part\t: 0xd03\n\nHardware\t: X\n'),
  encode('Processor\t: ARMv7\nprocessor\t: 0\n\nprocessor\t: 1\n\nCPU variant\t: 0x1\nSerial\t: 0\n'),
];

/** Any error but a FormatError, a place outside the bytes, a hang or too much memory is a finding. */
export function run(bytes: Uint8Array): void {
  try {
    for (const place of placesIn(readSample('proc/cpuinfo', bytes).facts))
      if (place.at < 0 || place.length < 0 || place.at + place.length > bytes.length)
        throw new Error(`a place outside the bytes: ${JSON.stringify(place)}`);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
