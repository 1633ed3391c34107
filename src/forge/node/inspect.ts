/** A virtual phone, judged live: opened, read over ADB as any phone is, and weighed. */
import { type CanaryRequest, joinCaptures } from '../../acquire/index.ts';
import { type AnswerTrust, givenAnchor, parseStatusList } from '../../checks/attestation/index.ts';
import type { Capture, Claims, History } from '../../evidence/index.ts';
import { readCertificate } from '../../formats/x509/index.ts';
import { builtinKnowledge } from '../../knowledge/index.ts';
import { acquireLive } from '../../platform/node/adb/index.ts';
import { nodeClock, nodeCodec, nodeHash, nodeVerify } from '../../platform/node/index.ts';
import type { Reference } from '../../references/index.ts';
import { judge, type Report } from '../../report/index.ts';
import type { Policy } from '../../verdict/index.ts';
import { forgeStatusList } from '../cert.ts';
import type { VirtualPhone } from '../phone.ts';
import { REVOKED_SERIAL } from '../secure-world.ts';
import { browse } from './browser.ts';
import { openVirtualPhone } from './device.ts';
import { openFastboot } from './fastboot.ts';
import { makeWorld, type World } from './world.ts';

export interface VirtualInspection {
  readonly policy: Policy;
  readonly claims: Claims;
  readonly depth: 'quick' | 'full';
  readonly version: string;
  /** What the report calls the source. */
  readonly source: string;
  /** Milliseconds a shell round trip; 0 where only the verdict counts. */
  readonly latencyMs: number;
  /** Whether to send install canaries, as an operator who said yes. */
  readonly canaries: boolean;
  /** Whether to run challenges, as an operator who said yes; they need qemu-user-static on this machine. */
  readonly challenge?: boolean;
  /** Whether they write to its storage too. */
  readonly storage?: boolean;
  /** Whether to ask the phone's secure world over ADB, as an operator who said yes. */
  readonly attest?: boolean;
  /** Whether its bootloader is heard too. */
  readonly bootloader?: boolean;
  /** Whether its browser is asked too, by a page at this machine's own address. */
  readonly browser?: boolean;
  /** Whether asking its secure world over ADB counts as proven: what a real phone would be judged by, once it is. */
  readonly proven?: boolean;
  readonly world?: World;
  /** Builds that makers vouch for. */
  readonly references?: readonly Reference[];
  /** Phones that were inspected before. */
  readonly history?: History;
}

/** A virtual phone's storage is this machine's own: little is reserved of it, and just enough written for a store that wraps to do so. */
const TRIAL = { reserved: 2 ** 30, written: 2 ** 27 } as const;

/** Inspects a virtual phone. Everything between it and the report is what a real phone meets. */
export async function inspectVirtual(phone: VirtualPhone, options: VirtualInspection): Promise<Report> {
  const world = options.world ?? makeWorld();
  const open = await openVirtualPhone(phone, {
    latencyMs: options.latencyMs,
    bytesPerSecond: options.latencyMs === 0 ? 0 : 30_000_000,
    makeApk: await world.apksOf(phone),
    // The built-in shell answers alike on every machine, and hundreds of phones in the time that a real one takes for ten.
    shell: 'built-in',
    secureWorld: world.secureWorldOf(phone, nodeClock.now()),
  });
  try {
    const read = await acquireLive({
      address: `${open.host}:${open.port}`,
      depth: options.depth,
      claims: options.storage === true ? { ...options.claims, storageBytes: TRIAL.reserved } : options.claims,
      tool: `assay ${options.version}`,
      ...(options.challenge === true ? { challenge: 'instructions' as const } : {}),
      ...(options.storage === true ? { challengeStorageBytes: TRIAL.written } : {}),
      ...(options.attest === true ? { attest: 'adb' as const } : {}),
      ...(options.canaries ? { canaries: await canaries(world) } : {}),
    });
    const claimed = { ...read, claims: options.claims };
    const heard = options.bootloader === true ? await withBootloader(phone, claimed) : claimed;
    const capture = options.browser === true ? await withBrowser(phone, heard) : heard;
    const bench = {
      knowledge: await world.knowledge(builtinKnowledge),
      references: options.references ?? [],
      history: options.history ?? { sightings: [] },
      policy: options.policy,
      hash: nodeHash,
      verify: nodeVerify,
      codec: nodeCodec,
      version: options.version,
      asOf: nodeClock.now(),
      ...(options.attest === true ? { attestation: await trustOf(world, options.proven === true) } : {}),
    };
    return await judge(capture, bench, { source: options.source, redact: false });
  } finally {
    await open.close();
  }
}

/** Together with what its bootloader answers, where it has one that speaks. */
async function withBootloader(phone: VirtualPhone, capture: Capture): Promise<Capture> {
  if (phone.fastboot.length === 0) return capture;
  const bootloader = await openFastboot(phone);
  try {
    return joinCaptures(capture, await acquireLive({ address: `fastboot:${bootloader.host}:${bootloader.port}`, depth: 'quick' }));
  } finally {
    await bootloader.close();
  }
}

/** Together with what its browser answers to a page of ours. */
async function withBrowser(phone: VirtualPhone, capture: Capture): Promise<Capture> {
  let opened: Promise<void> | undefined;
  const said = await acquireLive({
    address: 'browser:127.0.0.1',
    depth: 'quick',
    onEvent: (event) => {
      if (event.kind === 'page') opened = browse(phone, event.url);
    },
  });
  await opened;
  return joinCaptures(capture, said);
}

/** The forged world's root, and its revocation list of today. */
async function trustOf(world: World, proven: boolean): Promise<AnswerTrust> {
  return {
    roots: [givenAnchor(readCertificate(await world.attestationRoot()).value, 0)],
    status: parseStatusList(forgeStatusList({ [REVOKED_SERIAL]: 'REVOKED' }), nodeClock.now()).value,
    ...(proven ? { provenCarriers: ['adb'] as const } : {}),
  };
}

/** Canaries under our own key: under names of checkers, of which a phone may have some already, and under a name that nobody knows. */
async function canaries(world: World): Promise<readonly CanaryRequest[]> {
  const make = async (packageName: string, role: CanaryRequest['role']): Promise<CanaryRequest> => {
    const recipe = {
      package: packageName,
      versionCode: 1,
      versionName: '1.0',
      signer: 'assay-canary',
      seed: `canary ${packageName}`,
      fill: 2000,
    };
    const file = { type: 'file', mode: 0o644, uid: 0, gid: 0, context: '', mtime: 0, content: { kind: 'apk', apk: recipe } } as const;
    const maker = await world.apksOf({ files: new Map([['/canary', file]]) });
    return { package: packageName, role, apk: maker(recipe), signers: [await world.certificateOf('assay-canary')] };
  };
  const checkers = ['com.xiaomi.miverify', 'com.antutu.ABenchMark', 'com.cpuid.cpu_z'];
  return [...(await Promise.all(checkers.map((name) => make(name, 'checker-name')))), await make('org.assay.canary.q7x2', 'random')];
}
