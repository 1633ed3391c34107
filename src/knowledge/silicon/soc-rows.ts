import type { Soc, SocVendor } from '../types.ts';
import { coreTypeNamed } from './core-types.ts';

/**
 * One line of a SoC table.
 * `platforms`: words, the first is the family. `cores`: `COUNT CORE [MHZ]` joined by `+`; empty where we do not know. `gpu` as the driver names it, empty where we do not know.
 */
export type SocRow = readonly [id: string, platforms: string, names: string, cores: string, gpu: string];

export interface RowSource {
  readonly vendor: SocVendor;
  /** System counter of this vendor's chips in Hz; undefined where its chips differ or none is known. */
  readonly counterHertz: number | undefined;
  readonly sources: readonly string[];
}

/** GPU names and the existence of part numbers: checked against this list where it has the part. */
export const CATALOGUE = 'Google Play device catalogue of 2025-12-14 (hossain-khan/android-device-catalog-parser@abce7b50)';
export const RECORDINGS = 'recordings of phones in pytorch/cpuinfo@d6108819 test/mock, test/cpuinfo, test/dmesg';
export const DUMPS = 'property files of public firmware dumps, 2018-2025 (ro.board.platform)';
export const PUBLISHED = "maker's published specification, from general knowledge; not checked line by line";

/** Turns table lines into rows. @throws Error on a malformed line of our own */
export function socRows(rows: readonly SocRow[], from: RowSource): readonly Soc[] {
  return rows.map(([id, platforms, names, cores, gpu]) => {
    const parsed = cores === '' ? [] : cores.split('+').map((part) => coreOf(part, id));
    const isas = parsed.map(({ isa }) => isa);
    // Without cores the row says nothing of the instruction set; the id decides nothing either.
    const isa = isas.toSorted()[0] ?? 'unknown';
    return {
      id,
      vendor: from.vendor,
      names: names === '' ? [] : names.split(', '),
      platforms: platforms.split(' '),
      cores: parsed.map(({ name, implementer, part, count, maxMegaHertz }) => ({ name, implementer, part, count, maxMegaHertz })),
      counterHertz: from.counterHertz,
      gpu: gpu === '' ? undefined : gpu,
      isa,
      bits: /^armv[67]$|^x86$/.test(isa) ? 32 : 64,
      sources: from.sources,
    };
  });
}

function coreOf(text: string, id: string) {
  const [, count, name, megaHertz] = /^(\d+) (\S+)(?: (\d+))?$/.exec(text.trim()) ?? [];
  if (count === undefined || name === undefined) throw new Error(`silicon table: ${id} has the core ${text}`);
  const type = coreTypeNamed(name);
  return {
    name,
    implementer: type.implementer,
    part: type.part,
    isa: type.isa,
    count: Number(count),
    maxMegaHertz: megaHertz === undefined ? undefined : Number(megaHertz),
  };
}

/** The finest name that phones print for a chip and its variants, as in `msm8974` for MSM8974AC. */
export const familyOf = (soc: Soc): string => soc.platforms[0] ?? soc.id.toLowerCase();
