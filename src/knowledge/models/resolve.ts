import type { Knowledge, Model, Sku } from '../types.ts';

/** What a name may mean: every variant that any source knows under it. */
export interface ResolvedModel {
  readonly name: string;
  readonly models: readonly Model[];
  readonly skus: readonly Sku[];
}

/** How a phone names itself; each part narrows or widens what it may be. */
export interface ModelNames {
  readonly model?: string | undefined;
  readonly device?: string | undefined;
  readonly brand?: string | undefined;
}

/** Case, blanks, hyphens and the like do not tell names apart. */
export function normalName(name: string): string {
  // Fifteen thousand names are indexed at the first question, nearly all of them plain.
  const plain = /[^ -~]/.test(name) ? name.normalize('NFKC') : name;
  return plain.toLowerCase().replace(/[\s\-_./()]+/g, '');
}

interface Entry {
  readonly model: Model;
  /** Undefined: any of the model's. */
  readonly sku: Sku | undefined;
}

interface Index {
  readonly names: ReadonlyMap<string, readonly Entry[]>;
  readonly devices: ReadonlyMap<string, readonly Entry[]>;
}

const indexes = new WeakMap<readonly Model[], Index>();

function indexOf(models: readonly Model[]): Index {
  const known = indexes.get(models);
  if (known !== undefined) return known;
  const names = new Map<string, Entry[]>();
  const devices = new Map<string, Entry[]>();
  const add = (map: Map<string, Entry[]>, key: string, entry: Entry) => {
    if (key === '') return;
    const entries = map.get(key);
    if (entries === undefined) map.set(key, [entry]);
    else entries.push(entry);
  };
  for (const model of models) {
    for (const name of model.names) add(names, normalName(name), { model, sku: undefined });
    for (const sku of model.skus) {
      for (const code of sku.models) add(names, normalName(code), { model, sku });
      for (const device of sku.devices) add(devices, normalName(device), { model, sku });
    }
  }
  const index = { names, devices };
  indexes.set(models, index);
  return index;
}

/** Samsung's codes end in letters and digits of the market: `SM-S918B/DS`, `SM-G960U1`. */
const withoutMarket = (name: string): string | undefined => /^(?:samsung)?(s[mgc][hm]?[a-z]\d{3})[a-z0-9]{1,3}$/.exec(name)?.[1];

/** The variants that a name means, or undefined for a name that no source knows. */
export function resolveModel(name: string, knowledge: Pick<Knowledge, 'models'>): ResolvedModel | undefined {
  return resolved(name, entriesOf(name, knowledge));
}

function entriesOf(name: string, knowledge: Pick<Knowledge, 'models'>): readonly Entry[] | undefined {
  const { names } = indexOf(knowledge.models);
  const wanted = normalName(name.slice(0, 200)).replace(/ds$/, (tail) => (name.includes('/') ? '' : tail));
  const shorter = withoutMarket(wanted);
  return names.get(wanted) ?? (shorter === undefined ? undefined : names.get(shorter));
}

/**
 * What a phone may be by what it says of itself. A model name decides before a code name, since makers re-use code names for several models;
 * where both are known, variants that both allow are taken, else those of either: only what no variant explains is a contradiction.
 */
export function resolvePhone(said: ModelNames, knowledge: Pick<Knowledge, 'models'>): ResolvedModel | undefined {
  // Many makers sold an `A1`: a name that is no code of its own counts with its maker's brand only.
  const entries = said.model === undefined ? undefined : entriesOf(said.model, knowledge);
  const own = ofBrand(entries, said.brand) ?? [];
  const byModel = resolved(said.model ?? '', own.length > 0 ? own : entries?.filter(({ sku }) => sku !== undefined));
  const byDevice =
    said.device === undefined
      ? undefined
      : resolved(said.device, ofBrand(indexOf(knowledge.models).devices.get(normalName(said.device)), said.brand));
  if (byModel === undefined || byDevice === undefined) return byModel ?? byDevice;
  const both = byModel.skus.filter((sku) => byDevice.skus.includes(sku));
  if (both.length > 0) return { ...byModel, skus: both };
  return {
    name: byModel.name,
    models: [...new Set([...byModel.models, ...byDevice.models])],
    skus: [...new Set([...byModel.skus, ...byDevice.skus])],
  };
}

/** Code names are only unique within a maker. */
function ofBrand(entries: readonly Entry[] | undefined, brand: string | undefined): readonly Entry[] | undefined {
  if (entries === undefined || brand === undefined) return undefined;
  const wanted = HOUSES.get(normalName(brand)) ?? normalName(brand);
  return entries.filter(({ model }) => (HOUSES.get(normalName(model.brand)) ?? normalName(model.brand)) === wanted);
}

/** Brands of one house: their phones name either. */
const HOUSES: ReadonlyMap<string, string> = new Map([
  ['redmi', 'xiaomi'],
  ['poco', 'xiaomi'],
  ['blackshark', 'xiaomi'],
  ['honor', 'huawei'],
  ['lg', 'lge'],
  ['realme', 'oppo'],
  ['oneplus', 'oppo'],
  ['tecno', 'transsion'],
  ['infinix', 'transsion'],
]);

function resolved(name: string, entries: readonly Entry[] | undefined): ResolvedModel | undefined {
  if (entries === undefined || entries.length === 0) return undefined;
  return {
    name,
    models: [...new Set(entries.map(({ model }) => model))],
    skus: [...new Set(entries.flatMap(({ model, sku }) => (sku === undefined ? model.skus : [sku])))],
  };
}
