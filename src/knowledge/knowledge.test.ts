import { describe, expect, it } from 'vitest';
import {
  builtinKnowledge,
  coreTypeOf,
  familyOf,
  GIB,
  gpuFamilyOf,
  gpuModelOf,
  isSameCounter,
  models,
  namedSoc,
  normalName,
  parseSpecTable,
  parseTacCsv,
  resolveModel,
  resolvePhone,
  socs,
  soldMemoryOf,
  tacsOf,
  vendorCountsAt,
} from './index.ts';

const named = (text: string) => namedSoc(text, socs);
const chipsOf = (name: string) => [...new Set(resolveModel(name, builtinKnowledge)?.skus.flatMap((sku) => sku.socs))].toSorted();

describe('the table of chips', () => {
  it('has one row an id, a source and a family each', () => {
    expect(new Set(socs.map(({ id }) => id)).size).toBe(socs.length);
    for (const soc of socs) {
      expect(soc.sources.length, soc.id).toBeGreaterThan(0);
      expect(familyOf(soc), soc.id).toMatch(/^[a-z0-9_-]+$/);
    }
  });
  it('agrees with itself: GPU and vendor, cores and bits', () => {
    for (const soc of socs) {
      const family = gpuFamilyOf(soc.gpu ?? '');
      if (family !== undefined) expect(family.vendors, `${soc.id} ${soc.gpu ?? ''}`).toContain(soc.vendor);
      for (const core of soc.cores) expect(coreTypeOf(core.implementer, core.part)?.name, soc.id).toBe(core.name);
      if (soc.cores.some(({ name }) => /^Cortex-A(?:5|7|8|9|15)$|^Krait/.test(name))) expect(soc.bits, soc.id).toBe(32);
      if (soc.counterHertz !== undefined) expect(vendorCountsAt(soc.vendor, soc.counterHertz), soc.id).not.toBe(false);
    }
  });
});

describe('names of chips, as phones print them', () => {
  it.each([
    ['Qualcomm MSM8974PRO-AC', 'qualcomm', 'MSM8974AC'],
    ['Qualcomm Technologies, Inc MSM8996pro', 'qualcomm', 'MSM8996PRO'],
    ['Qualcomm MSM 8226 (Flattened Device Tree)', 'qualcomm', 'MSM8226'],
    ['QRD MSM8625Q SKUD', 'qualcomm', 'MSM8225Q'],
    ['MT6797T', 'mediatek', 'MT6797'],
    ['MT6765V/CB', 'mediatek', 'MT6765'],
    ['samsungexynos9810', 'samsung', 'EXYNOS9810'],
    ['s5e9945', 'samsung', 'EXYNOS2400'],
    ['hi6210sft', 'hisilicon', 'KIRIN620'],
    ['Unisoc UMS312', 'unisoc', 'T310'],
    ['zuma', 'google', 'ZUMA'],
    ['Snapdragon 8 Gen 2', 'qualcomm', 'SM8550'],
  ])('%s', (text, vendor, id) => {
    expect(named(text)?.vendor).toBe(vendor);
    expect(named(text)?.socs.map((soc) => soc.id)).toContain(id);
  });
  it('names the vendor of a chip that the table lacks', () => {
    expect(named('mt6999')).toMatchObject({ vendor: 'mediatek', name: 'mt6999', socs: [] });
    expect(named('kirin9999')).toMatchObject({ vendor: 'hisilicon', socs: [] });
    expect(named('qcom')).toMatchObject({ vendor: 'qualcomm', name: undefined });
  });
  it('names nothing in what is no chip', () => {
    for (const text of [
      '',
      'common',
      'goldfish',
      'SM-G960U',
      'HUAWEI',
      'SAMSUNG JF',
      '\u0000',
      '(',
      '['.repeat(50_000),
      'x'.repeat(1_000_000),
    ])
      expect(named(text), text.slice(0, 20)).toBeUndefined();
  });
});

describe('GPUs and counters', () => {
  it('reads GLES lines', () => {
    expect(gpuModelOf('Qualcomm, Adreno (TM) 330')).toBe('adreno 330');
    expect(gpuModelOf('ARM, Mali-G78 MC14')).toBe('mali g78');
    expect(gpuModelOf('Imagination Technologies, PowerVR Rogue GE8320')).toBe('powervr ge8320');
    expect(gpuFamilyOf('Google SwiftShader')).toBeUndefined();
    expect(gpuFamilyOf('')).toBeUndefined();
  });
  it('tells crystals apart, and knows that 26 MHz is two makers’', () => {
    expect(isSameCounter(25_600_000, 26_000_000)).toBe(false);
    expect(isSameCounter(24_000_000, 24_576_000)).toBe(false);
    expect([
      vendorCountsAt('samsung', 26e6),
      vendorCountsAt('unisoc', 26e6),
      vendorCountsAt('qualcomm', 26e6),
      vendorCountsAt('actions', 26e6),
    ]).toEqual([true, true, false, undefined]);
  });
});

describe('models', () => {
  it('keeps what sources say differently of the Mi 4', () => expect(chipsOf('MI 4')).toEqual(['MSM8974AB', 'MSM8974AC']));
  it('knows the Mi 4 by every name, and no other phone as it', () => {
    for (const name of ['mi4', 'Mi-4', 'XIAOMI MI 4', 'MI 4W']) expect(chipsOf(name), name).toContain('MSM8974AC');
    expect(chipsOf('Mi 4i')).toEqual(['MSM8939']);
  });
  it('resolves one name to all variants', () => {
    expect(chipsOf('Galaxy S9')).toEqual(['EXYNOS9810', 'SDM845']);
    expect(chipsOf('SM-G960U1')).toEqual(['SDM845']);
    expect(chipsOf('SM-S918B/DS')).toEqual(['SM8550']);
    expect(chipsOf('Redmi Note 4')).toEqual(['MSM8953', 'MT6797']);
  });
  it('does not take another maker’s phone for one of the same name', () => {
    expect(resolvePhone({ model: 'A1', brand: 'nobody', device: 'a1' }, builtinKnowledge)).toBeUndefined();
    expect(resolvePhone({ model: 'SM-S918B', brand: 'nobody' }, builtinKnowledge)?.skus).toHaveLength(1);
    expect(resolvePhone({ model: 'unknown', brand: 'Redmi', device: 'mido' }, builtinKnowledge)?.skus.flatMap((sku) => sku.socs)).toEqual([
      'MSM8953',
    ]);
  });
  it('knows nothing of nothing', () => {
    for (const name of ['', ' ', 'zzz', '__proto__', 'constructor', 'x'.repeat(100_000)])
      expect(resolveModel(name, builtinKnowledge), name.slice(0, 20)).toBeUndefined();
  });
  it('has a source, and chips of the table, on every row', () => {
    const ids = new Set(socs.map(({ id }) => id));
    for (const model of models) {
      expect(model.sources.length).toBeGreaterThan(0);
      for (const sku of model.skus) for (const id of sku.socs) expect(ids.has(id), `${model.id}: ${id}`).toBe(true);
    }
  });
  it('does not tell names apart by case, blanks and hyphens', () => expect(normalName('Mi-4 LTE')).toBe(normalName('MI4lte')));
  it('rounds MemTotal up to what is sold', () => {
    expect(soldMemoryOf(2.8 * GIB)).toBe(3 * GIB);
    expect(soldMemoryOf(99 * GIB)).toBeUndefined();
  });
});

describe('imported tables', () => {
  it('reads the catalogue’s columns and plain ones', () => {
    const catalogue =
      'Brand,Device,Model Name,RAM (TotalMem),System on Chip,Screen Sizes\nAcme,ax1,"Phone, One",2981MB,Qualcomm MSM8956,1080x1920\n';
    expect(parseSpecTable(catalogue, 'test', socs).models).toMatchObject([
      {
        brand: 'Acme',
        names: ['Phone, One', 'Acme Phone, One'],
        skus: [{ devices: ['ax1'], socs: ['MSM8956'], memoryBytes: [3 * GIB], display: { width: 1080, height: 1920 } }],
        sources: ['test'],
      },
    ]);
    const plain = JSON.stringify([
      { brand: 'Acme', model: 'Two', soc: 'MT6999', ram_gb: 4, storage_gb: '64/128' },
      { brand: 'Acme', model: 'Two', soc: 'msm8953' },
      { model: 'no brand' },
    ]);
    const { models: found, skipped } = parseSpecTable(plain, 'test', socs);
    expect(found[0]?.skus.map((sku) => sku.socs)).toEqual([['mt6999'], ['MSM8953', 'SDM632']]);
    expect(found[0]?.skus[0]?.storageBytes).toEqual([64 * GIB, 128 * GIB]);
    expect(skipped).toEqual([{ row: 2, because: 'brand or model is missing' }]);
  });
  it('survives tables that are none', () => {
    for (const text of ['', 'a,b\n1', '"open quote', '[]', '[1,null,[]]', `${'"'.repeat(99_999)}`])
      expect(parseSpecTable(text, 'test', socs).models).toEqual([]);
    expect(() => parseSpecTable('[{', 'test', socs)).toThrow(SyntaxError);
  });
  it('reads TACs below a line of prose, with two name columns, and says which rows are none', () => {
    const table = 'Osmocom TAC database\ntac,name,name,comment\n35675904,Oppo,N1,x\n1234,Oppo,N2,\n35675905,,,\n35675904,Clone,N1,\n';
    const { tacs, skipped } = parseTacCsv(table);
    expect(tacs).toEqual([
      { tac: '35675904', brand: 'Oppo', model: 'N1' },
      { tac: '35675904', brand: 'Clone', model: 'N1' },
    ]);
    expect(skipped.map(({ row }) => row)).toEqual([3, 4]);
    expect(tacsOf('35675904', tacs)).toHaveLength(2);
    expect(tacsOf('00000000', tacs)).toEqual([]);
  });
  it('finds no TAC where no column is called so', () => expect(parseTacCsv('a,b\n35675904,x').tacs).toEqual([]));
});
