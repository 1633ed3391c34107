/** The adversary lab: every alteration on every phone that it fits, each judged live. */
import type { AttestedSighting, Claims, History } from '../../evidence/index.ts';
import type { Reference } from '../../references/index.ts';
import { labPolicy } from '../../verdict/index.ts';
import { alterations, benignVariants, browserSigns, CLONED_IMEI } from '../alterations/index.ts';
import type { VirtualPhone } from '../phone.ts';
import { honestSecureWorld } from '../secure-world.ts';
import { inspectVirtual } from './inspect.ts';
import { hasRomTools } from './inspect-rom.ts';
import { romJobs } from './lab-roms.ts';
import { checksOf, type LabRow, labAlterations } from './lab-row.ts';
import { makeWorld, type World } from './world.ts';

/** A genuine phone, and what its box says. */
export interface BasePhone {
  readonly phone: VirtualPhone;
  readonly claims: Claims;
}

/** The phone whose IMEI the cloned ones carry was inspected here before. */
const INSPECTED_BEFORE: History = {
  sightings: [
    {
      at: '2026-01-05T10:00:00Z',
      source: 'an earlier inspection',
      trust: 'live',
      imeis: [CLONED_IMEI.slice(0, 14)],
      serials: ['forged0001'],
      brand: 'asus',
      model: 'ASUS_Z00AD',
      fingerprint: undefined,
    },
  ],
};

export interface LabOptions {
  readonly version: string;
  /** Only rows whose phone and alteration this says yes to. */
  readonly only?: (phone: string, alteration: string | null) => boolean;
  /** Rows of firmware, too; by default where the tools that make images are here. */
  readonly roms?: boolean;
  readonly onRow?: (row: LabRow, done: number, total: number) => void;
}

interface Job {
  readonly base: BasePhone;
  readonly kind: LabRow['kind'];
  readonly alteration: string | null;
  readonly level: string | null;
  readonly axis: LabRow['axis'];
  readonly phone: () => VirtualPhone;
  readonly canaries: boolean;
  readonly challenge?: boolean;
  readonly storage?: boolean;
  readonly attestation?: boolean;
  readonly keySeenBefore?: 'own brand' | 'another brand' | undefined;
  readonly radiosOn?: boolean;
  readonly bootloader?: boolean;
  readonly browser?: boolean;
}

/** Rows in the order of phones, firmware behind them, then unaltered, benign, altered, signs. */
export async function runLab(bases: readonly BasePhone[], options: LabOptions): Promise<readonly LabRow[]> {
  const world = makeWorld();
  const { version } = options;
  const phones = bases.flatMap(jobsOf).map((job) => ({
    phone: job.base.phone.name,
    alteration: job.alteration,
    run: async () => runJob(job, world, { version, reference: await world.referenceOf(job.base.phone) }),
  }));
  const all = [...phones, ...((options.roms ?? hasRomTools()) ? romJobs(version) : [])];
  const jobs = all.filter(({ phone, alteration }) => options.only?.(phone, alteration) ?? true);
  const rows: LabRow[] = [];
  for (const { run } of jobs) {
    const row = await run();
    rows.push(row);
    options.onRow?.(row, rows.length, jobs.length);
  }
  return rows;
}

function jobsOf(base: BasePhone): readonly Job[] {
  const { phone } = base;
  const fitting = <T extends { readonly fits?: (phone: VirtualPhone) => boolean }>(all: readonly T[]) =>
    all.filter(({ fits }) => fits?.(phone) ?? true);
  return [
    { base, kind: 'unaltered', alteration: null, level: null, axis: null, phone: () => phone, canaries: false },
    ...fitting(benignVariants).map(
      ({ id, apply, wantsAttestation, keySeenBefore }): Job => ({
        base,
        kind: 'benign',
        alteration: id,
        level: null,
        axis: null,
        phone: () => apply(phone),
        canaries: false,
        attestation: wantsAttestation === true,
        keySeenBefore,
      }),
    ),
    ...fitting(alterations).map(
      ({
        id,
        level,
        axis,
        apply,
        wantsCanary,
        wantsChallenge,
        wantsStorage,
        wantsAttestation,
        wantsBootloader,
        radiosOn,
        keySeenBefore,
      }): Job => ({
        base,
        kind: 'altered',
        alteration: id,
        level,
        axis,
        phone: () => apply(phone),
        canaries: wantsCanary === true,
        challenge: wantsChallenge === true,
        storage: wantsStorage === true,
        attestation: wantsAttestation === true,
        radiosOn: radiosOn === true,
        keySeenBefore,
        bootloader: wantsBootloader === true,
      }),
    ),
    ...fitting(browserSigns).map(
      ({ id, apply }): Job => ({
        base,
        kind: 'sign',
        alteration: id,
        level: null,
        axis: null,
        phone: () => apply(phone),
        canaries: false,
        browser: true,
      }),
    ),
  ];
}

async function runJob(
  job: Job,
  world: World,
  { version, reference }: { readonly version: string; readonly reference: Reference },
): Promise<LabRow> {
  const report = await inspectVirtual(job.phone(), {
    policy: labPolicy,
    // Its radios are off by the operator's word, where the secure world is asked.
    claims: job.attestation === true && job.radiosOn !== true ? { ...job.base.claims, radios: 'off' } : job.base.claims,
    depth: 'full',
    version,
    source: job.base.phone.name,
    latencyMs: 0,
    canaries: job.canaries,
    challenge: job.challenge === true,
    storage: job.storage === true,
    ...(job.attestation === true ? { attest: true, proven: true } : {}),
    bootloader: job.attestation === true || job.bootloader === true,
    browser: job.browser === true,
    world,
    references: [job.attestation === true ? withVbmeta(reference, job.base.phone) : reference],
    history: job.keySeenBefore === undefined ? INSPECTED_BEFORE : await keySeen(job.base.phone, job.keySeenBefore, world),
  });
  return {
    phone: job.base.phone.name,
    kind: job.kind,
    alteration: job.alteration,
    level: job.level,
    axis: job.axis,
    verdict: report.verdict,
    checks: checksOf(report),
  };
}

/** Earlier inspections of phones whose statements the forged factory's batch key signed: twenty of the phone's own brand, or one of another's besides. */
async function keySeen(phone: VirtualPhone, whose: NonNullable<Job['keySeenBefore']>, world: World): Promise<History> {
  const issuerKey = await world.attestationBatch();
  const own = phone.properties['ro.product.brand'];
  const seen = (brand: string | undefined, index: number): History['sightings'][number] => {
    const attested: AttestedSighting = {
      issuerKey,
      brand,
      ids: [`serial mate${index}`],
      securityLevel: 'TRUSTED_ENVIRONMENT',
      attestationVersion: 3,
      verifiedBootState: 'VERIFIED',
      verifiedBootKey: undefined,
      osVersion: undefined,
      osPatchLevel: undefined,
      vendorPatchLevel: undefined,
      bootPatchLevel: undefined,
    };
    const base = { imeis: [], serials: [`mate${index}`], model: undefined, fingerprint: undefined, trust: 'live' } as const;
    return { ...base, at: '2026-01-05T10:00:00Z', source: `earlier ${index}`, brand, attested: [attested] };
  };
  const mates = Array.from({ length: 20 }, (_, index) => seen(own, index));
  return { sightings: [...INSPECTED_BEFORE.sightings, ...mates, ...(whose === 'another brand' ? [seen('Nokia', 99)] : [])] };
}

/** The maker's build with the vbmeta that its phones boot. */
function withVbmeta(reference: Reference, phone: VirtualPhone): Reference {
  const { verifiedBootHash, verifiedBootKey } = honestSecureWorld(phone);
  const avb = {
    by: 'root',
    in: null,
    outcome: 'intact',
    because: 'its signature holds',
    keySha256: verifiedBootKey,
    rollbackIndex: '0',
  } as const;
  const { manifest } = reference;
  return {
    ...reference,
    manifest: {
      ...manifest,
      vbmetaDigest: verifiedBootHash,
      partitions: [
        ...manifest.partitions.filter(({ name }) => name !== 'vbmeta'),
        { name: 'vbmeta', size: 4096, sha256: null, rootDigest: null, kind: 'vbmeta', avb },
      ],
    },
  };
}

/** Whether a row is as it should be: an attack convicts on its axis with the right nature; an unaltered phone and a benign variant are accused of nothing, but for a system of its owner's; so is a sign, and the check that shows it speaks. */
export function isRight(row: LabRow): boolean {
  const { verdict } = row;
  if (row.kind === 'altered') return against(row);
  const owners = benignVariants.find(({ id }) => id === row.alteration)?.nature;
  const isAlteredOtherwise = verdict.software === 'altered' && (owners === undefined || verdict.nature !== owners);
  const shows = row.kind === 'sign' ? browserSigns.find(({ id }) => id === row.alteration)?.shows : undefined;
  const isShown = shows === undefined || row.checks.includes(`(${shows})`);
  return verdict.hardware !== 'counterfeit' && !isAlteredOtherwise && verdict.custody !== 'broken' && isShown;
}

function against({ axis, verdict, alteration }: LabRow): boolean {
  if (axis === 'hardware') return verdict.hardware === 'counterfeit';
  if (axis === 'custody') return verdict.custody === 'broken';
  const nature = labAlterations.find(({ id }) => id === alteration)?.nature;
  return verdict.software === 'altered' && (nature === undefined || verdict.nature === nature);
}
