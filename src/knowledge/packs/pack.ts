/**
 * A pack: knowledge that somebody keeps outside of assay, with its version, its licence and where it came from (`assay.knowledge/1`).
 * Strict, because it is our own document. What a pack says is its author's word: the report names pack and version.
 */
import { z } from 'zod/mini';
import { FormatError } from '../../bytes/index.ts';
import { envelopeRowSchema } from '../envelopes/index.ts';
import { parsePattern } from '../stix/index.ts';

const FORMAT = 'knowledge pack';
const PACK_MAX = 256 << 20;
const ROWS_MAX = 2_000_000;
const text = (max: number) => z.string().check(z.minLength(1), z.maxLength(max));
const sources = z.array(text(4096)).check(z.maxLength(64));
/** When its author stops standing by a row. */
const until = z.optional(z.string().check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/)));
const rows = <T extends z.ZodMiniType>(row: T) => z.array(row).check(z.maxLength(ROWS_MAX));

/** What something bad does; as `Indicator` has it. */
export const INDICATOR_CLASSES = ['malware', 'adware', 'riskware', 'root', 'hooking', 'stalkerware'] as const;
const INDICATOR_TYPES = [
  'package',
  'signer-sha256',
  'signer-sha1',
  'sha256',
  'sha1',
  'md5',
  'path',
  'property',
  'process',
  'domain',
] as const;

export const packSchema = z.strictObject({
  format: z.literal('assay.knowledge/1'),
  /** Names the pack on disk and in reports. */
  id: z.string().check(z.regex(/^[a-z0-9][a-z0-9.-]{0,62}$/)),
  title: text(200),
  /** As its author counts: a date, a commit, a number. */
  version: text(100),
  /** SPDX where there is one; otherwise what its author says, or that nothing is said. */
  licence: text(200),
  /** Where it came from: an address, or a file's name. */
  source: text(2048),
  indicators: rows(
    z.strictObject({
      type: z.enum(INDICATOR_TYPES),
      value: text(4096),
      family: text(400),
      class: z.enum(INDICATOR_CLASSES),
      until,
      sources,
    }),
  ),
  /** STIX patterns that are more than one comparison. */
  patterns: rows(z.strictObject({ pattern: text(64 << 10), family: text(400), class: z.enum(INDICATOR_CLASSES), until, sources })),
  /** YARA rules, as written. */
  rules: rows(z.strictObject({ name: text(200), text: text(16 << 20) })),
  signers: rows(
    z.strictObject({
      sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
      owner: text(200),
      role: z.enum(['platform', 'app', 'test', 'leaked', 'ota']),
      packages: z.array(text(256)).check(z.maxLength(4096)),
      sources,
    }),
  ),
  vulnerabilities: rows(
    z.strictObject({
      id: text(64),
      part: z.enum([
        'platform',
        'kernel',
        'qualcomm',
        'mediatek',
        'nvidia',
        'broadcom',
        'synaptics',
        'htc',
        'lg',
        'motorola',
        'huawei',
        'samsung',
        'other-driver',
      ]),
      severity: z.optional(z.enum(['Critical', 'High', 'Moderate', 'Low'])),
      level: z.optional(z.string().check(z.regex(/^20\d\d-\d\d-\d\d$/))),
      versions: z.string().check(z.maxLength(1024)),
      fixedOn: z.string().check(z.maxLength(10)),
      fixedInStreams: z.optional(z.record(z.string(), z.string())),
      sources,
    }),
  ),
  kernelLevels: rows(z.strictObject({ level: text(10), versions: z.array(text(32)).check(z.maxLength(256)), source: text(4096) })),
  tacs: rows(z.strictObject({ tac: z.string().check(z.regex(/^\d{8}$/)), brand: z.string(), model: z.string() })),
  /** Spec tables as they were brought: they are read again with whatever silicon is known then. */
  specs: rows(z.strictObject({ name: text(200), text: text(64 << 20) })),
  /** Clones that were seen; packs of before may have none. */
  clones: z.optional(
    rows(
      z.strictObject({ claims: text(400), models: z.array(text(200)).check(z.maxLength(256)), is: text(1000), seen: text(400), sources }),
    ),
  ),
  /** What genuine units were measured to do. Packs of before envelopes have none. */
  envelopes: z.optional(rows(envelopeRowSchema)),
});

export type Pack = z.infer<typeof packSchema>;

/** What a pack is before anything is in it. */
export const emptyPack = (head: Pick<Pack, 'id' | 'title' | 'version' | 'licence' | 'source'>): Pack => ({
  format: 'assay.knowledge/1',
  ...head,
  indicators: [],
  patterns: [],
  rules: [],
  signers: [],
  vulnerabilities: [],
  kernelLevels: [],
  tacs: [],
  specs: [],
});

/** Reads a pack; its patterns parse. @throws FormatError */
export function readPack(bytes: Uint8Array): Pack {
  if (bytes.length > PACK_MAX)
    throw new FormatError({ format: FORMAT, field: 'size', at: 0 }, 'too-large', `${bytes.length} bytes, and ${PACK_MAX} is the most`);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new FormatError(
      { format: FORMAT, field: 'json', at: 0 },
      'bad-value',
      error instanceof Error ? error.message.slice(0, 200) : 'no JSON',
    );
  }
  const parsed = packSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new FormatError({ format: FORMAT, field: issue?.path.join('.') ?? 'pack', at: 0 }, 'bad-value', issue?.message ?? 'no pack');
  }
  for (const { pattern } of parsed.data.patterns) parsePattern(pattern);
  return parsed.data;
}

/** The bytes of a pack: one pack has one form. */
export const writePack = (pack: Pack): Uint8Array => new TextEncoder().encode(`${JSON.stringify(packSchema.parse(pack))}\n`);

const PARTS = /^v?(\d+(?:[.-]\d+)*)(?:T[\d:.]+Z)?$/;

/** Whether one version came before another. Only versions of one form compare, as dates and numbers do; of commits nobody can say. */
export function isOlderVersion(version: string, than: string): boolean {
  const [one, other] = [version, than].map((text) => PARTS.exec(text)?.[1]?.split(/[.-]/).map(Number));
  if (one === undefined || other === undefined) return false;
  for (let i = 0; i < Math.max(one.length, other.length); i++) {
    const difference = (one[i] ?? 0) - (other[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
