/**
 * /proc/cpuinfo. Source: Linux arch/arm64/kernel/cpuinfo.c, arch/arm/kernel/setup.c (c_show), arch/x86/kernel/cpu/proc.c.
 * Kernels before about 3.19 print `processor` and `BogoMIPS` per core and the fields of the CPU once, at the end; later ones print them per core.
 */
import type { Oddity } from '../../../bytes/index.ts';
import type { Line } from '../../lines.ts';
import { type ArtefactReader, type LoadedArtefact, linesIn, makeFact, placeOfLine, unreadable, wholeOf } from '../../reader.ts';
import type { CpuInfo, CpuInfoProcessor, Said } from '../../values/index.ts';

/** More cores than any kernel for phones is built for. */
const PROCESSORS_MAX = 1024;

type Fields = Map<string, string>;

/** Keys that tell of the CPU: shared by all cores where a kernel prints them once. */
const SHARED = ['Features', 'CPU implementer', 'CPU architecture', 'CPU variant', 'CPU part', 'CPU revision', 'model name'] as const;

export const cpuinfoReader: ArtefactReader = {
  kinds: ['proc/cpuinfo'],
  read(artefact) {
    const { value, oddities } = parseCpuInfo(artefact);
    if (value === undefined) return unreadable('it holds no field that /proc/cpuinfo has');
    return { facts: [makeFact('cpuinfo', value, { standing: 'shown', place: wholeOf(artefact), oddities })], unread: [] };
  },
};

function parseCpuInfo(artefact: LoadedArtefact): { readonly value: CpuInfo | undefined; readonly oddities: readonly Oddity[] } {
  const oddities: Oddity[] = [];
  const odd = (line: Line, code: string, detail: string) =>
    oddities.push({ format: 'cpuinfo', field: line.text.slice(0, 40), at: line.at, code, detail });
  const blocks: Fields[] = [];
  const header: Fields = new Map();
  const loose: Fields = new Map();
  let hardware: Said<string> | undefined;
  let block: Fields | undefined;
  for (const line of linesIn(artefact)) {
    if (line.text.trim() === '') {
      block = undefined;
      continue;
    }
    const colon = line.text.indexOf(':');
    if (colon < 0) {
      odd(line, 'not-a-field', 'a line without a colon');
      continue;
    }
    const key = line.text.slice(0, colon).trim();
    const value = line.text.slice(colon + 1).trim();
    if (key === 'processor') {
      if (blocks.length === PROCESSORS_MAX) {
        odd(line, 'too-many-processors', `more than ${PROCESSORS_MAX} processors; the rest is not read`);
        break;
      }
      if (blocks.some((other) => other.get('processor') === value)) odd(line, 'duplicate-processor', 'this processor was listed before');
      block = new Map([[key, value]]);
      blocks.push(block);
    } else if (key === 'Hardware') {
      if (hardware !== undefined && hardware.value !== value) odd(line, 'duplicate-field', 'a second Hardware line says something else');
      hardware ??= { value, place: placeOfLine(artefact, line) };
    } else if (key === 'Processor' || key === 'Revision' || key === 'Serial') {
      if (header.has(key)) odd(line, 'duplicate-field', 'this field was stated before');
      else header.set(key, value);
    } else {
      const target = block ?? loose;
      if (target.has(key)) odd(line, 'duplicate-field', 'this field was stated before');
      else target.set(key, value);
    }
  }
  const known = blocks.length > 0 || hardware !== undefined || header.has('Processor') || SHARED.some((key) => loose.has(key));
  if (!known) return { value: undefined, oddities };
  // Uniprocessor kernels number nothing.
  if (blocks.length === 0) blocks.push(new Map(loose));
  const shared = sharedFields(blocks, loose);
  return {
    value: {
      processors: blocks.map((fields, at) => processorOf(fields, shared, at)),
      hardware,
      revision: header.get('Revision'),
      serial: header.get('Serial'),
      processorName: header.get('Processor'),
    },
    oddities,
  };
}

/** The fields that hold for every core: those outside of any block, or of the last block where no other has them (3.10 kernels leave no blank line). */
function sharedFields(blocks: readonly Fields[], loose: Fields): Fields {
  if (SHARED.some((key) => loose.has(key))) return loose;
  const last = blocks.at(-1);
  const others = blocks.slice(0, -1);
  if (last === undefined || others.some((fields) => SHARED.some((key) => fields.has(key)))) return new Map();
  return new Map([...last].filter(([key]) => SHARED.some((name) => name === key)));
}

function processorOf(fields: Fields, shared: Fields, at: number): CpuInfoProcessor {
  const say = (key: string): string | undefined => fields.get(key) ?? shared.get(key);
  const flags = say('Features') ?? fields.get('flags');
  return {
    index: integer(fields.get('processor')) ?? at,
    bogoMips: decimal(fields.get('BogoMIPS') ?? fields.get('bogomips') ?? shared.get('BogoMIPS')),
    features: flags === undefined ? [] : flags.split(/\s+/).filter((flag) => flag !== ''),
    implementer: integer(say('CPU implementer')),
    architecture: say('CPU architecture'),
    variant: integer(say('CPU variant')),
    part: integer(say('CPU part')),
    revision: integer(say('CPU revision') ?? fields.get('stepping')),
    vendorId: fields.get('vendor_id'),
    modelName: say('model name'),
  };
}

function integer(text: string | undefined): number | undefined {
  if (text === undefined || !/^(0x[0-9a-f]{1,8}|\d{1,9})$/i.test(text)) return undefined;
  return Number(text);
}

function decimal(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}(\.\d{1,9})?$/.test(text) ? Number(text) : undefined;
}
