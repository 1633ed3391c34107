/** What facts about the metal hold: processors, memory, graphics, display, cameras, sensors, and the names of their drivers. */
import type { Place } from '../fact.ts';
import type { Said } from './said.ts';

/** One `processor` block of /proc/cpuinfo; on old 32-bit kernels all share the fields at the end of the file. */
export interface CpuInfoProcessor {
  readonly index: number;
  readonly bogoMips: number | undefined;
  readonly features: readonly string[];
  /** `CPU implementer`, as in 0x41. */
  readonly implementer: number | undefined;
  readonly architecture: string | undefined;
  readonly variant: number | undefined;
  readonly part: number | undefined;
  readonly revision: number | undefined;
  /** x86: `vendor_id` and `model name`. */
  readonly vendorId: string | undefined;
  readonly modelName: string | undefined;
}

export interface CpuInfo {
  readonly processors: readonly CpuInfoProcessor[];
  /** The `Hardware` line, which newer arm64 kernels do not print. */
  readonly hardware: Said<string> | undefined;
  readonly revision: string | undefined;
  readonly serial: string | undefined;
  /** The first line of old kernels: `Processor : ARMv7 Processor rev 1 (v7l)`. */
  readonly processorName: string | undefined;
}

/** /sys/devices/system/cpu, one entry a core that has a folder. Frequencies in kHz, cache sizes in bytes. */
export interface CpuTopology {
  readonly possible: string | undefined;
  readonly present: string | undefined;
  readonly cores: readonly {
    readonly index: number;
    /** MIDR_EL1 from regs/identification, a 64-bit register. */
    readonly midr: bigint | undefined;
    readonly maxFrequencyKiloHertz: number | undefined;
    readonly minFrequencyKiloHertz: number | undefined;
    readonly capacity: number | undefined;
    readonly packageId: number | undefined;
    readonly caches: readonly { readonly level: number; readonly type: string; readonly sizeBytes: number | undefined }[];
  }[];
}

/** A file under /sys that names the silicon, as in /sys/devices/soc0/soc_id or /sys/class/kgsl/kgsl-3d0/gpu_model. */
export interface SocNode {
  readonly path: string;
  /** Without white space at its ends. */
  readonly value: string;
  readonly place: Place;
}

export interface MemoryInfo {
  readonly totalBytes: number | undefined;
  readonly availableBytes: number | undefined;
  readonly swapTotalBytes: number | undefined;
}

/** The OpenGL line of `dumpsys SurfaceFlinger`. */
export interface Gpu {
  readonly vendor: string | undefined;
  readonly renderer: string | undefined;
  readonly version: string | undefined;
  readonly extensions: readonly string[];
}

/** What names of drivers, interrupts, modules, HALs, device nodes and processes there are: the part that forgers forget. */
export interface DriverNames {
  readonly surface:
    | 'interrupts'
    | 'modules'
    | 'hals'
    | 'input'
    | 'asound'
    | 'devices'
    | 'partitions'
    | 'services'
    | 'processes'
    | 'thermal'
    | 'clocks';
  readonly names: readonly Said<string>[];
}

export interface Display {
  /** Pixels, in natural orientation. */
  readonly physicalWidth: number | undefined;
  readonly physicalHeight: number | undefined;
  readonly overrideWidth: number | undefined;
  readonly overrideHeight: number | undefined;
  readonly physicalDensity: number | undefined;
  readonly overrideDensity: number | undefined;
  readonly xDpi: number | undefined;
  readonly yDpi: number | undefined;
}

/** What the fuel gauge says. */
export interface BatteryState {
  /** 0 to 1. */
  readonly charged: number;
  /** As said; some gauges count in another unit. */
  readonly chargeMicroampHours: number | undefined;
}

export interface Camera {
  readonly id: string;
  readonly facing: string | undefined;
  readonly pixelArrayWidth: number | undefined;
  readonly pixelArrayHeight: number | undefined;
  readonly hardwareLevel: string | undefined;
}

export interface Sensor {
  readonly name: string;
  readonly vendor: string;
  readonly type: string;
}
