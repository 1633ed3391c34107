/** Facts made by hand, for tests of checks: nothing of a real phone, no parser in between. */
import { type Check, type CheckContext, type CheckResults, type Outcome, runChecks } from '../../src/checks/index.ts';
import type {
  Claims,
  CpuInfo,
  CpuTopology,
  Fact,
  FactKind,
  Facts,
  FactValues,
  History,
  Place,
  PropertyLayer,
  Standing,
} from '../../src/evidence/index.ts';
import { builtinKnowledge } from '../../src/knowledge/index.ts';

export const placeOf = (artefact: string, at = 0): Place => ({ artefact, at, length: 1 });

export function fact<K extends FactKind>(kind: K, value: FactValues[K], standing: Standing = 'shown'): Fact {
  return { kind, value, standing, place: placeOf(kind), oddities: [] };
}

export function properties(
  entries: Readonly<Record<string, string>> | readonly (readonly [string, string])[],
  layer: PropertyLayer = 'runtime',
): Fact {
  const pairs = Array.isArray(entries) ? (entries as readonly (readonly [string, string])[]) : Object.entries(entries);
  return fact('properties', { layer, entries: pairs.map(([key, value], at) => ({ key, value, place: placeOf(layer, at) })) }, 'told');
}

export const factsOfAll = (...list: readonly Fact[]): Facts => ({ list, unread: [] });

interface Cores {
  readonly count: number;
  readonly implementer: number;
  readonly part: number;
}

/** /proc/cpuinfo of a kernel that prints per core. */
export function cpuinfo(said: {
  readonly hardware?: string;
  readonly bogoMips?: number;
  readonly cores: readonly Cores[];
  readonly arm64?: boolean;
}): Fact {
  let index = 0;
  const processors = said.cores.flatMap(({ count, implementer, part }) =>
    Array.from({ length: count }, () => ({
      index: index++,
      bogoMips: said.bogoMips,
      features: said.arm64 === true ? ['fp', 'asimd'] : ['half', 'thumb'],
      implementer,
      architecture: said.arm64 === true ? '8' : '7',
      variant: 0,
      part,
      revision: 4,
      vendorId: undefined,
      modelName: undefined,
    })),
  );
  const value: CpuInfo = {
    processors,
    hardware: said.hardware === undefined ? undefined : { value: said.hardware, place: placeOf('cpuinfo') },
    revision: undefined,
    serial: undefined,
    processorName: undefined,
  };
  return fact('cpuinfo', value);
}

/** Topology with MIDRs of revision 4, variant 0. */
export function topology(cores: readonly (Cores & { readonly megaHertz?: number })[], midr = true): Fact {
  let index = 0;
  const value: CpuTopology = {
    possible: `0-${cores.reduce((sum, { count }) => sum + count, 0) - 1}`,
    present: undefined,
    cores: cores.flatMap(({ count, implementer, part, megaHertz }) =>
      Array.from({ length: count }, () => ({
        index: index++,
        midr: midr ? (BigInt(implementer) << 24n) | 0xf0000n | (BigInt(part) << 4n) | 4n : undefined,
        maxFrequencyKiloHertz: megaHertz === undefined ? undefined : megaHertz * 1000,
        minFrequencyKiloHertz: undefined,
        capacity: undefined,
        packageId: undefined,
        caches: [],
      })),
    ),
  };
  return fact('cpu-topology', value);
}

export const gpu = (vendor: string, renderer: string): Fact => fact('gpu', { vendor, renderer, version: 'OpenGL ES 3.0', extensions: [] });

export const names = (surface: FactValues['driver-names']['surface'], ...said: readonly string[]): Fact =>
  fact('driver-names', { surface, names: said.map((value) => ({ value, place: placeOf(surface) })) });

export function contextOf(facts: Facts, claims: Claims = {}, history: History = { sightings: [] }): CheckContext {
  return {
    facts,
    claims,
    trust: 'live',
    knowledge: builtinKnowledge,
    references: [],
    history,
    asOf: '2026-01-01T00:00:00Z',
  };
}

/** Runs one check as the runner does. */
export const runOne = (check: Check, facts: readonly Fact[], claims: Claims = {}, history?: History): CheckResults =>
  runChecks([check], contextOf(factsOfAll(...facts), claims, history));

/** What a run came to, in a word, with the strength of what was found. */
export function outcomeOf(
  check: Check,
  facts: readonly Fact[],
  claims: Claims = {},
  history?: History,
): Outcome['outcome'] | `${Outcome['outcome']} ${string}` {
  const { findings, passed } = runOne(check, facts, claims, history);
  const [first] = findings;
  if (first !== undefined) return `fail ${first.strength}`;
  return passed.length > 0 ? 'pass' : 'not-checked';
}

/** A Mi 4 as it reports itself. */
export const mi4Facts: readonly Fact[] = [
  properties({
    'ro.product.model': 'MI 4LTE',
    'ro.product.brand': 'Xiaomi',
    'ro.product.manufacturer': 'Xiaomi',
    'ro.product.device': 'cancro',
    'ro.board.platform': 'msm8974',
    'ro.hardware': 'qcom',
    'ro.build.version.release': '4.4.4',
    'ro.build.version.sdk': '19',
    'ro.build.description': 'cancro-user 4.4.4 KTU84P V6.5.6.0.KXDCNCD release-keys',
    'ro.build.fingerprint': 'Xiaomi/cancro/cancro:4.4.4/KTU84P/V6.5.6.0.KXDCNCD:user/release-keys',
    'ro.build.version.incremental': 'V6.5.6.0.KXDCNCD',
    'ro.build.id': 'KTU84P',
    'ro.build.type': 'user',
    'ro.build.tags': 'release-keys',
    'ro.product.cpu.abi': 'armeabi-v7a',
    'ro.serialno': 'a1b2c3d4',
    'ro.boot.serialno': 'a1b2c3d4',
  }),
  cpuinfo({ hardware: 'Qualcomm MSM8974PRO-AC', cores: [{ count: 4, implementer: 0x51, part: 0x06f }] }),
  topology([{ count: 4, implementer: 0x51, part: 0x06f, megaHertz: 2457 }], false),
  gpu('Qualcomm', 'Adreno (TM) 330'),
  names('interrupts', 'msm_gpio', 'kgsl-3d0', 'mdss', 'qpnp-adc', 'msm_serial_hsl'),
];

/** What an MT6592 inside shows where nobody taught it to lie. */
export const mt6592Silicon: readonly Fact[] = [
  cpuinfo({ hardware: 'MT6592', bogoMips: 26, cores: [{ count: 8, implementer: 0x41, part: 0xc07 }] }),
  topology([{ count: 8, implementer: 0x41, part: 0xc07, megaHertz: 1664 }], false),
  gpu('ARM', 'Mali-450 MP'),
  names('interrupts', 'mtk-kpd', 'mtk-msdc.0', 'mt-i2c.0', 'mtk_cmdq'),
  names('partitions', 'preloader', 'nvram', 'seccfg', 'protect_f'),
];

export const replaced = (facts: readonly Fact[], kind: FactKind, ...by: readonly Fact[]): readonly Fact[] => [
  ...facts.filter((one) => one.kind !== kind),
  ...by,
];
