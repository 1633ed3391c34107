/** The identity in a conversation with a boot ROM: what each answer says, and which answers could not be read. */
import { FormatError, type Oddity } from '../../bytes/index.ts';
import {
  type MediatekTargetConfig,
  type MediatekVersions,
  readBootLoaderVersion,
  readHwCode,
  readHwSwVersions,
  readMediatekId,
  readTargetConfig,
} from './mediatek.ts';
import {
  readSahara,
  readSaharaChipIdV3,
  readSaharaHardwareId,
  readSaharaKeyHash,
  readSaharaSerial,
  SAHARA_MODE,
  type SaharaHardwareId,
} from './sahara.ts';
import type { RomExchange, RomProtocol } from './transcript.ts';
import { readBslVersion } from './unisoc.ts';

export interface MediatekIdentity {
  readonly protocol: 'mediatek';
  readonly stage: RomStage;
  readonly hwCode: number | undefined;
  readonly versions: MediatekVersions | undefined;
  readonly targetConfig: MediatekTargetConfig | undefined;
  /** Hex. These tell units apart. */
  readonly meId: string | undefined;
  readonly socId: string | undefined;
}

export interface SaharaIdentity {
  readonly protocol: 'sahara';
  readonly stage: RomStage;
  readonly version: number | undefined;
  /** Hex; tells units apart. */
  readonly serial: string | undefined;
  readonly hardware: SaharaHardwareId | undefined;
  /** Hex digest of the root key in the fuses; all zeros where nobody fused one. */
  readonly keyHash: string | undefined;
}

export interface UnisocIdentity {
  readonly protocol: 'unisoc';
  readonly stage: RomStage;
  readonly version: string | undefined;
}

/** Who answered: code that nobody can replace, or a boot stage that is flashed. */
export type RomStage = 'mask-rom' | 'bootloader' | 'unknown';
export type RomIdentity = MediatekIdentity | SaharaIdentity | UnisocIdentity;

/** Reads all answers; one that is malformed costs itself and is an oddity with its question. */
export function readRomIdentity(
  protocol: RomProtocol,
  exchanges: readonly RomExchange[],
): { readonly value: RomIdentity; readonly oddities: readonly Oddity[] } {
  const oddities: Oddity[] = [];
  const answer = <T>(ask: string, read: (bytes: Uint8Array) => T): T | undefined => {
    const exchange = exchanges.find((one) => one.ask === ask);
    if (exchange === undefined || exchange.received.length === 0) return undefined;
    try {
      return read(exchange.received);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      oddities.push({ code: 'malformed-answer', format: error.format, field: ask, at: error.at, detail: error.message });
      return undefined;
    }
  };
  return { value: identityOf(protocol, answer), oddities };
}

type Answer = <T>(ask: string, read: (bytes: Uint8Array) => T) => T | undefined;

function identityOf(protocol: RomProtocol, answer: Answer): RomIdentity {
  switch (protocol) {
    case 'mediatek': {
      const boot = answer('GET_BL_VER', readBootLoaderVersion);
      return {
        protocol,
        stage: boot === undefined ? 'unknown' : boot.stage === 'mask-rom' ? 'mask-rom' : 'bootloader',
        hwCode: answer('GET_HW_CODE', readHwCode),
        versions: answer('GET_HW_SW_VER', readHwSwVersions),
        targetConfig: answer('GET_TARGET_CONFIG', readTargetConfig),
        meId: answer('GET_ME_ID', (bytes) => readMediatekId(bytes, 'GET_ME_ID')),
        socId: answer('GET_SOC_ID', (bytes) => readMediatekId(bytes, 'GET_SOC_ID')),
      };
    }
    case 'sahara': {
      const packet = answer('hello', readSahara);
      const hello = packet?.kind === 'hello' ? packet : undefined;
      const v3 = answer('chip-id-v3', readSaharaChipIdV3);
      return {
        protocol,
        // The ROM waits for its first image; a loader of later stages that speaks Sahara too is in memory debug.
        stage: hello === undefined ? 'unknown' : hello.mode === SAHARA_MODE.imagePending ? 'mask-rom' : 'bootloader',
        version: hello?.version,
        serial: answer('serial', readSaharaSerial),
        hardware: v3 ?? answer('hardware-id', readSaharaHardwareId),
        keyHash: answer('key-hash', readSaharaKeyHash),
      };
    }
    case 'unisoc': {
      const version = answer('check-baud', readBslVersion);
      return { protocol, stage: version === undefined ? 'unknown' : 'mask-rom', version };
    }
  }
}
