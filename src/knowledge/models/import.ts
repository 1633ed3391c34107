/**
 * Tables of specifications that others keep, in CSV or JSON, to models. Two shapes are known: the Google Play device catalogue's columns, and plain ones
 * (`brand, model, device, soc, ram_gb, storage_gb, width, height, android, battery_mah, screen_inches, sensors, cameras`). Rows of one brand and name become variants of one model; rows that contradict each other are both kept.
 */
import { namedSoc } from '../silicon/index.ts';
import type { Model, PartName, Sku, Soc } from '../types.ts';
import { GIB, soldMemoryBetween } from './build.ts';
import { parseCsv } from './csv.ts';

export interface SpecTable {
  readonly models: readonly Model[];
  readonly skipped: readonly { readonly row: number; readonly because: string }[];
}

const COLUMNS = {
  brand: ['brand', 'manufacturer'],
  name: ['model name', 'model', 'name', 'marketing name'],
  code: ['model code', 'code', 'model number'],
  device: ['device', 'codename', 'code name'],
  soc: ['system on chip', 'soc', 'chipset', 'platform'],
  memory: ['ram (totalmem)', 'ram_gb', 'ram', 'memory'],
  storage: ['storage_gb', 'storage', 'rom'],
  screen: ['screen sizes', 'screen', 'display', 'resolution'],
  width: ['width'],
  height: ['height'],
  battery: ['battery_mah', 'battery'],
  inches: ['screen_inches', 'diagonal', 'inches'],
  sensors: ['sensors', 'sensor'],
  cameras: ['cameras', 'camera'],
  android: ['android', 'launch android', 'os'],
} as const;

type Column = keyof typeof COLUMNS;
type Row = Readonly<Partial<Record<Column, string>>>;

/** Parses a table; `source` is kept with every model. JSON is an array of objects with the same names as the columns. */
export function parseSpecTable(text: string, source: string, socs: readonly Soc[]): SpecTable {
  const rows = text.trimStart().startsWith('[') ? rowsOfJson(text) : rowsOfCsv(text);
  const byModel = new Map<
    string,
    { readonly brand: string; readonly name: string; readonly android: string | undefined; readonly skus: Sku[] }
  >();
  const skipped: SpecTable['skipped'][number][] = [];
  rows.forEach((row, at) => {
    const { brand, name } = row;
    if (brand === undefined || name === undefined) {
      skipped.push({ row: at, because: 'brand or model is missing' });
      return;
    }
    const key = `${brand}/${name}`.toLowerCase();
    const sku = skuOf(row, socs);
    const known = byModel.get(key);
    if (known === undefined) byModel.set(key, { brand, name, android: row.android, skus: [sku] });
    else known.skus.push(sku);
  });
  const models = [...byModel].map(
    ([id, { brand, name, android, skus }]): Model => ({
      id: `imported/${id.replaceAll(' ', '-')}`,
      brand,
      names: [name, `${brand} ${name}`],
      skus,
      launchAndroid: android,
      attests: undefined,
      sources: [source],
    }),
  );
  return { models, skipped };
}

function columnOf(header: string): Column | undefined {
  const wanted = header.trim().toLowerCase();
  // Object.entries widens the keys of a literal object, which are these and no others.
  return (Object.entries(COLUMNS) as [Column, readonly string[]][]).find(([, names]) => names.includes(wanted))?.[0];
}

function rowsOfCsv(text: string): readonly Row[] {
  const [header, ...rows] = parseCsv(text.replace(/^\uFEFF/, ''));
  const columns = (header ?? []).map(columnOf);
  return rows
    .filter((row) => row.some((field) => field !== ''))
    .map((row) => rowOf(columns.map((column, at) => [column, row[at]] as const)));
}

function rowsOfJson(text: string): readonly Row[] {
  const parsed: unknown = JSON.parse(text);
  if (!Array.isArray(parsed)) return [];
  return parsed.map((entry: unknown) =>
    typeof entry === 'object' && entry !== null
      ? rowOf(Object.entries(entry).map(([key, value]) => [columnOf(key), typeof value === 'number' ? String(value) : value] as const))
      : {},
  );
}

function rowOf(fields: readonly (readonly [Column | undefined, unknown])[]): Row {
  const row: Partial<Record<Column, string>> = {};
  for (const [column, value] of fields)
    if (column !== undefined && typeof value === 'string' && value.trim() !== '') row[column] ??= value.trim();
  return row;
}

function skuOf(row: Row, socs: readonly Soc[]): Sku {
  const named = row.soc === undefined ? undefined : namedSoc(row.soc, socs);
  return {
    models: row.code?.split(/[;|]/) ?? [],
    devices: row.device?.split(/[;| ]/) ?? [],
    // A chip that our table lacks is kept by the name that it was given: it still has a vendor.
    socs:
      named === undefined
        ? row.soc === undefined
          ? []
          : [row.soc]
        : named.socs.length > 0
          ? named.socs.map(({ id }) => id)
          : [named.name ?? row.soc ?? ''],
    memoryBytes: memoryOf(row.memory),
    storageBytes: (row.storage?.match(/\d+/g) ?? []).map((size) => Number(size) * GIB),
    display: displayOf(row),
    region: undefined,
    ...numberOf(row.battery, 'batteryMilliampHours', [500, 20_000]),
    ...numberOf(row.inches, 'screenInches', [1, 20]),
    ...partsOf(row),
  };
}

/** What tables call parts; a word that is none of these names nothing that can be looked for. */
const PART_WORDS: readonly (readonly [word: RegExp, part: PartName])[] = [
  [/acceleromet|acceleration|g-sensor/, 'accelerometer'],
  [/gyro/, 'gyroscope'],
  [/compass|magnet/, 'compass'],
  [/baromet|air pressure/, 'barometer'],
  [/\blight/, 'light sensor'],
  [/proximity/, 'proximity sensor'],
  [/step|pedomet/, 'step counter'],
  [/heart/, 'heart rate sensor'],
  [/thermomet|ambient temperature/, 'thermometer'],
  [/hygromet|humidity/, 'hygrometer'],
  [/fingerprint/, 'fingerprint reader'],
  [/\bnfc\b/, 'NFC'],
];
const CAMERA_WORDS: readonly (readonly [word: RegExp, part: PartName])[] = [
  [/rear|back|main/, 'rear camera'],
  [/front|selfie/, 'front camera'],
];
/** Words that take a part back, as in `no gyroscope`, `virtual gyro`. */
const NOT_A_PART = /\b(?:no|not|without|virtual|optional)\b/;

/** `accelerometer, gyro; compass` and `rear; front`. Nothing where neither column says anything. */
function partsOf({ sensors, cameras }: Row): Pick<Sku, 'parts'> {
  const named = (text: string | undefined, words: typeof PART_WORDS) =>
    (text?.toLowerCase().split(/[;,|/]/) ?? [])
      .filter((word) => !NOT_A_PART.test(word))
      .flatMap((word) => words.filter(([pattern]) => pattern.test(word)).map(([, part]) => part));
  const parts = [...new Set([...named(sensors, PART_WORDS), ...named(cameras, CAMERA_WORDS)])];
  return sensors === undefined && cameras === undefined ? {} : { parts };
}

/** `5000`, `5000 mAh`, `6.7"`: the number where it makes sense, else nothing. */
function numberOf(
  text: string | undefined,
  key: 'batteryMilliampHours' | 'screenInches',
  [least, most]: readonly [number, number],
): Partial<Sku> {
  const value = Number(/^\d{1,5}(?:\.\d{1,2})?(?= ?(?:mah|in(?:ch(?:es)?)?|"|$))/i.exec(text ?? '')?.[0]);
  return value >= least && value <= most ? { [key]: value } : {};
}

/** `2981MB`, `3618-7825MB` (what the kernel has left) or `4`, `4/6` (GiB, what was sold). */
function memoryOf(text: string | undefined): readonly number[] {
  const numbers = (text?.match(/\d+(?:\.\d+)?/g) ?? []).map(Number);
  const [low, high = low] = [numbers[0], numbers.at(-1)];
  if (low === undefined || high === undefined) return [];
  return /mb/i.test(text ?? '') ? soldMemoryBetween(low * 2 ** 20, high * 2 ** 20) : numbers.map((size) => size * GIB);
}

function displayOf(row: Row): Sku['display'] {
  const [, a = row.width, b = row.height] = /^(\d{3,4})\s*[x×]\s*(\d{3,4})$/i.exec(row.screen ?? '') ?? [];
  const [first, second] = [Number(a), Number(b)];
  return first > 0 && second > 0 ? { width: Math.min(first, second), height: Math.max(first, second) } : undefined;
}
