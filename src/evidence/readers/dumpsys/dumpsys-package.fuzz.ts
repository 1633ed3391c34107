import { FormatError } from '../../../bytes/index.ts';
import { placesIn, readSample } from '../sample.ts';

export const name = 'dumpsys-package';

export const seeds: readonly Uint8Array[] = [
  new TextEncoder().encode(
    'Receiver Resolver Table:\n  Non-Data Actions:\n      x.Y:\n        1 com.a/.B\nPackages:\n  Package [a] (1):\n    userId=1\n    sharedUser=SharedUserSetting{1 s/1}\n    flags=[ SYSTEM ]\n    signatures=PackageSignatures{1 [2]}\n    requested permissions:\n      p\n    User 0: installed=true enabled=0\n      runtime permissions:\n        p: granted=true\nShared users:\n  SharedUser [s] (1):\n    install permissions:\n      q: granted=true\n',
  ),
];

/** Any error but a FormatError, a place outside the bytes, a hang or too much memory is a finding. */
export function run(bytes: Uint8Array): void {
  try {
    for (const place of placesIn(readSample('dumpsys/package', bytes).facts))
      if (place.at < 0 || place.length < 0 || place.at + place.length > bytes.length)
        throw new Error(`a place outside the bytes: ${JSON.stringify(place)}`);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
