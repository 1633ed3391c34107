/**
 * Phones of 31 makers from the Google Play device catalogue of 2025-12-14 (hossain-khan/android-device-catalog-parser@abce7b50, Apache-2.0): facts only.
 * catalogue.json: by brand, rows of device, name, chips (ids of our table), least and most MemTotal in MB, screen as apps see it where there is one only, least and newest API level seen.
 * What the catalogue cannot know: model codes, storage, chips of a variant that nobody uses any more. A screen there may be the resolution its owners chose: never a panel's.
 */
import type { Model } from '../types.ts';
import { soldMemoryBetween } from './build.ts';
import rowsByBrand from './catalogue.json' with { type: 'json' };

const SOURCE = 'Google Play device catalogue of 2025-12-14 (hossain-khan/android-device-catalog-parser@abce7b50)';
const MB = 2 ** 20;

/** Hardware key attestation is asked of phones launched with Android 8; a model never seen with 8 is older, one never seen before 9 is younger. */
function attestsOf(least: number, newest: number): boolean | undefined {
  if (newest > 0 && newest < 26) return false;
  return least >= 28 ? true : undefined;
}

function modelsOf(brand: string, rows: readonly (readonly (string | number)[])[]): readonly Model[] {
  const byName = new Map<string, (readonly (string | number)[])[]>();
  for (const row of rows) {
    const name = String(row[1]);
    const group = byName.get(name);
    if (group === undefined) byName.set(name, [row]);
    else group.push(row);
  }
  return [...byName].map(([name, group]): Model => {
    const ages = group.map((row) => attestsOf(Number(row[6]), Number(row[7])));
    return {
      id: `play/${brand}/${name}`.toLowerCase().replaceAll(' ', '-'),
      brand,
      names: [name, `${brand} ${name}`],
      skus: group.map(([device, , chips, low, high, screen]) => ({
        models: [],
        devices: [String(device)],
        socs: String(chips).split(' '),
        memoryBytes: Number(low) === 0 ? [] : soldMemoryBetween(Number(low) * MB, Number(high) * MB),
        storageBytes: [],
        display: displayOf(String(screen)),
        region: undefined,
      })),
      launchAndroid: undefined,
      attests: ages.every((attests) => attests === ages[0]) ? ages[0] : undefined,
      sources: [SOURCE],
    };
  });
}

function displayOf(screen: string): { readonly width: number; readonly height: number } | undefined {
  const [, width, height] = /^(\d{3,4})x(\d{3,4})$/.exec(screen) ?? [];
  return width === undefined
    ? undefined
    : { width: Math.min(Number(width), Number(height)), height: Math.max(Number(width), Number(height)) };
}

export const catalogueModels: readonly Model[] = Object.entries(rowsByBrand).flatMap(([brand, rows]) => modelsOf(brand, rows));
