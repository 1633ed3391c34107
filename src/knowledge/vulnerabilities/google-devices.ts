/**
 * The devices that bulletins from May 2016 to May 2017 name, with what is inside: a hole of a driver or of the kernel is tied to the chip and to the kernel that a named device has.
 * Chips and kernels are those that are commonly known of these devices, and were not looked up again: where to check them are Google's pages of specifications, and the branches of
 * kernel/msm, kernel/tegra and kernel/x86_64 that source.android.com names for each.
 * Android One is many phones: which of them a bulletin means it does not say, so that it ties nothing.
 */
interface GoogleDevice {
  /** As `familyOf` names chips. */
  readonly families: readonly string[];
  /** Stream of its kernel. */
  readonly kernel: string;
}

const DEVICES: Readonly<Record<string, GoogleDevice>> = {
  'Nexus 5': { families: ['msm8974'], kernel: '3.4' },
  'Nexus 7': { families: ['apq8064'], kernel: '3.4' },
  'Nexus 6': { families: ['msm8084', 'apq8084'], kernel: '3.10' },
  'Nexus 5X': { families: ['msm8992'], kernel: '3.10' },
  'Nexus 6P': { families: ['msm8994'], kernel: '3.10' },
  'Nexus 9': { families: ['tegra132'], kernel: '3.10' },
  'Nexus Player': { families: [], kernel: '3.10' },
  'Pixel C': { families: ['tegra210'], kernel: '3.18' },
  Pixel: { families: ['msm8996'], kernel: '3.18' },
  'Pixel XL': { families: ['msm8996'], kernel: '3.18' },
};

/** Those that were supported when a bulletin said "All Nexus" (to October 2016) or "All" (since). */
const ALL_NEXUS = ['Nexus 5', 'Nexus 7', 'Nexus 6', 'Nexus 5X', 'Nexus 6P', 'Nexus 9', 'Nexus Player', 'Pixel C'];
const ALL = ['Nexus 6', 'Nexus 5X', 'Nexus 6P', 'Nexus 9', 'Nexus Player', 'Pixel C', 'Pixel', 'Pixel XL'];

const named = (names: readonly string[]): readonly GoogleDevice[] =>
  names.flatMap((name) => (name === 'All Nexus' ? ALL_NEXUS : name === 'All' ? ALL : [name])).flatMap((name) => DEVICES[name] ?? []);

/** Whether one of the devices has a chip of this family. Families of variants begin as their family does: `msm8974`, `msm8974pro`. */
export const isOfNamedChip = (devices: readonly string[], family: string): boolean =>
  named(devices).some(({ families }) => families.some((one) => family.toLowerCase().startsWith(one)));

/** Whether one of the devices has a kernel of this stream, as `3.4`. */
export const isOfNamedKernel = (devices: readonly string[], stream: string): boolean =>
  named(devices).some(({ kernel }) => kernel === stream);
