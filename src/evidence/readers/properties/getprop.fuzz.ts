import { FormatError } from '../../../bytes/index.ts';
import { parseBuildProp } from '../../properties.ts';
import { placesIn, readSample } from '../sample.ts';

export const name = 'getprop';

const encode = (text: string) => new TextEncoder().encode(text);

export const seeds: readonly Uint8Array[] = [encode('[ro.a]: [1]\n[b]: [two\nlines]\r\n[c]: []\n'), encode('# x\nro.a=1\nimport /b\n=c\n')];

/** Any error but a FormatError, a place outside the bytes, a hang or too much memory is a finding. */
export function run(bytes: Uint8Array): void {
  try {
    for (const place of placesIn([readSample('getprop', bytes).facts, parseBuildProp(bytes, 'x').value]))
      if (place.at < 0 || place.length < 0 || place.at + place.length > bytes.length)
        throw new Error(`a place outside the bytes: ${JSON.stringify(place)}`);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
