/** What is known of models, silicon, signers and bad things: data, each row with its source. Imported packs add rows; nothing here is looked up on a network. */

import type { RuleSource } from '../bytes/index.ts';
import type { Envelope } from './envelopes/index.ts';
import type { ObservationExpression } from './stix/index.ts';
import type { KernelLevel, Vulnerability } from './vulnerabilities/types.ts';

/** Where a row's facts were seen: a repository with commit and path, a document, a page. */
export type SourceNote = string;

export type SocVendor =
  | 'qualcomm'
  | 'mediatek'
  | 'samsung'
  | 'hisilicon'
  | 'unisoc'
  | 'google'
  | 'nvidia'
  | 'intel'
  | 'rockchip'
  | 'allwinner'
  | 'marvell'
  | 'xiaomi'
  | 'texas-instruments'
  | 'broadcom'
  | 'leadcore'
  | 'actions'
  | 'st-ericsson'
  | 'amlogic'
  | 'nxp'
  | 'apple';

export interface Soc {
  /** As in `MSM8974AC`. Unique, upper case as its maker writes it. */
  readonly id: string;
  readonly vendor: SocVendor;
  /** Marketing names, as in `Snapdragon 801`. */
  readonly names: readonly string[];
  /** Values that `ro.board.platform`, `ro.soc.model`, `ro.hardware`, `Hardware` in cpuinfo take for this SoC, lower case. */
  readonly platforms: readonly string[];
  readonly cores: readonly {
    readonly name: string;
    readonly implementer: number;
    readonly part: number;
    readonly count: number;
    readonly maxMegaHertz: number | undefined;
  }[];
  /** System counter, in Hz. */
  readonly counterHertz: number | undefined;
  readonly gpu: string | undefined;
  /** `armv7`, `armv8.0`, `armv8.2`, `armv9.0`, `x86_64` …: the instruction set of its cores. */
  readonly isa: string;
  readonly bits: 32 | 64;
  readonly sources: readonly SourceNote[];
}

/** Parts that a phone has or has not, as tables of specifications name them. */
export const PART_NAMES = [
  'accelerometer',
  'gyroscope',
  'compass',
  'barometer',
  'light sensor',
  'proximity sensor',
  'step counter',
  'heart rate sensor',
  'thermometer',
  'hygrometer',
  'rear camera',
  'front camera',
  'fingerprint reader',
  'NFC',
] as const;
export type PartName = (typeof PART_NAMES)[number];

/** One variant of a model that its maker sold. */
export interface Sku {
  /** Marketing or regulatory name, as in `MI 4LTE`, `SM-G960U`. */
  readonly models: readonly string[];
  /** `ro.product.device` values. */
  readonly devices: readonly string[];
  /** Ids of `Soc` rows. Several where one name was sold with several. */
  readonly socs: readonly string[];
  readonly memoryBytes: readonly number[];
  readonly storageBytes: readonly number[];
  /** Panel in pixels, shorter side first. */
  readonly display: { readonly width: number; readonly height: number } | undefined;
  readonly region: string | undefined;
  /** What its battery is sold as. */
  readonly batteryMilliampHours?: number;
  /** The diagonal that it is sold with. */
  readonly screenInches?: number;
  /** What its sensors and cameras are said to be. Undefined: nothing says. */
  readonly parts?: readonly PartName[];
}

export interface Model {
  readonly id: string;
  readonly brand: string;
  /** Names a seller, a box or a property may call it, compared without case, spaces and hyphens. */
  readonly names: readonly string[];
  readonly skus: readonly Sku[];
  /** Android version at launch, as in `4.4`. */
  readonly launchAndroid: string | undefined;
  /** Whether it was launched with hardware key attestation. Undefined: not known. */
  readonly attests: boolean | undefined;
  readonly sources: readonly SourceNote[];
}

/** A signing certificate whose owner is known. */
export interface Signer {
  /** SHA-256 of the DER certificate, hex. */
  readonly sha256: string;
  readonly sha1?: string;
  readonly owner: string;
  /** `platform`: an Android platform key; `app`: an app developer; `test`: published with its private key; `leaked`: its private key got out. */
  readonly role: 'platform' | 'app' | 'test' | 'leaked' | 'ota';
  /** Packages it is known to sign; empty: any of its owner's. */
  readonly packages: readonly string[];
  readonly sources: readonly SourceNote[];
}

/** Something bad, or suspicious, by name, signer, digest or path. */
export interface Indicator {
  readonly type: 'package' | 'signer-sha256' | 'signer-sha1' | 'sha256' | 'sha1' | 'md5' | 'path' | 'property' | 'process' | 'domain';
  readonly value: string;
  readonly family: string;
  /** `malware`: does harm. `riskware`: may. `root`: gives root. `hooking`: changes other apps. `checker`: no harm, a checker that is known to be doctored. */
  readonly class: 'malware' | 'adware' | 'riskware' | 'root' | 'hooking' | 'stalkerware';
  /** From when on its author no longer stands by it, as an Instant. */
  readonly until?: string | undefined;
  readonly sources: readonly SourceNote[];
}

/** Something bad that more than one property tells: a STIX pattern of an imported pack. */
export interface PatternRow {
  /** As its author wrote it. */
  readonly source: string;
  readonly pattern: ObservationExpression;
  readonly family: string;
  readonly class: Indicator['class'];
  readonly until?: string | undefined;
  readonly sources: readonly SourceNote[];
}

/** A published checker app: what a doctored copy poses as. */
export interface CheckerApp {
  readonly package: string;
  readonly name: string;
  /** Certificates that its developer uses; empty: none known, which proves nothing about a copy. */
  readonly signers: readonly string[];
  readonly sources: readonly SourceNote[];
}

/** A Type Allocation Code: the first eight digits of an IMEI. */
export interface Tac {
  readonly tac: string;
  readonly brand: string;
  readonly model: string;
}

/** The digest of a maker's root key as it stands in the fuses of its phones' chips, lower-case hex. */
export interface FusedKey {
  readonly keyHash: string;
  /** Brands of that maker, lower case. */
  readonly brands: readonly string[];
  readonly sources: readonly SourceNote[];
}

/** Clones that were seen. */
export interface CloneFamily {
  /** What they claim to be, in words. */
  readonly claims: string;
  /** Names of models among that; empty where it is no model. */
  readonly models: readonly string[];
  readonly is: string;
  readonly seen: string;
  readonly sources: readonly SourceNote[];
}

/** An envelope with the pack that it stands in, as `id@version`. */
export interface KnownEnvelope extends Envelope {
  readonly pack: string;
}

export interface Knowledge {
  /** Says which tables these are: part of every report. */
  readonly version: string;
  readonly socs: readonly Soc[];
  readonly models: readonly Model[];
  readonly signers: readonly Signer[];
  readonly indicators: readonly Indicator[];
  readonly patterns: readonly PatternRow[];
  /** Indicators and patterns that were left out, because their authors no longer stood by them at the moment of the capture. */
  readonly ended?: number;
  /** YARA rules of imported packs; assay's own are apart. */
  readonly rules: readonly RuleSource[];
  readonly checkers: readonly CheckerApp[];
  /** Published holes of imported packs, besides the built-in bulletins. */
  readonly vulnerabilities: readonly Vulnerability[];
  readonly kernelLevels: readonly KernelLevel[];
  readonly tacs: readonly Tac[];
  /** None is built in: makers do not publish them, and no phone was at hand. */
  readonly fusedKeys?: readonly FusedKey[];
  readonly clones?: readonly CloneFamily[];
  /** Of imported packs that somebody vouches for; none is built in. */
  readonly envelopes?: readonly KnownEnvelope[];
}
