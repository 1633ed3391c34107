/** Alterations of the hardware axis (story: master table rows 3 to 10, 13, 23). The box claims the model; the silicon is another. */
import { text } from '../content.ts';
import type { Alteration, VirtualPhone } from '../phone.ts';
import type { AlterationEntry } from './catalogue.ts';
import { all, withFile, withText } from './edit.ts';
import { cloneChip, SURFACES, type Surface, withChip } from './silicon.ts';

const isMediatek = (phone: VirtualPhone) => phone.silicon.maker === 'MediaTek';
const otherChip = (phone: VirtualPhone) => !isMediatek(phone);

/** Cores of Armv8.2 and later, by their part numbers: those that have instructions which an A53 has not. */
const hasNewCores = ({ silicon }: VirtualPhone) =>
  silicon.bits === 64 && silicon.cores.every(({ midr }) => ![0xd03, 0xd07, 0xd08, 0xd09].includes((midr >>> 4) & 0xfff));
const withSilicon =
  (changes: Partial<VirtualPhone['silicon']>): Alteration =>
  (phone) => ({ ...phone, silicon: { ...phone.silicon, ...changes } });

const clone =
  (...hidden: readonly Surface[]): Alteration =>
  (phone) =>
    withChip(cloneChip(phone), hidden)(phone);

export const hardwareAlterations: readonly AlterationEntry[] = [
  {
    id: 'clone-bare',
    title: 'Another chip, and only the properties say otherwise',
    level: 'framework',
    axis: 'hardware',
    fits: otherChip,
    apply: clone(),
  },
  {
    id: 'clone-cpuinfo',
    title: 'Another chip behind a forged /proc/cpuinfo',
    level: 'kernel',
    axis: 'hardware',
    fits: otherChip,
    apply: clone('cpuinfo'),
  },
  {
    id: 'clone-cpuinfo-redirected',
    title: 'Another chip, /proc/cpuinfo redirected to a file that lies elsewhere',
    level: 'kernel',
    axis: 'hardware',
    fits: otherChip,
    apply: (phone) => {
      const genuine = phone.files.get('/proc/cpuinfo');
      const altered = clone()(phone);
      if (genuine?.content === undefined) return altered;
      const path = '/dev/.zc7h4u';
      const planted = withFile(path, { content: genuine.content, context: 'u:object_r:device:s0' })(altered);
      return {
        ...planted,
        behaviours: {
          ...planted.behaviours,
          redirections: [...planted.behaviours.redirections, { path: '/proc/cpuinfo', to: path, seenByStat: true }],
        },
      };
    },
  },
  {
    id: 'clone-gpu-string',
    title: 'Another chip with the claimed GPU’s name',
    level: 'framework',
    axis: 'hardware',
    fits: otherChip,
    apply: clone('gpu'),
  },
  {
    id: 'clone-cpuinfo-and-gpu',
    title: 'Another chip, cpuinfo and GPU name forged',
    level: 'kernel',
    axis: 'hardware',
    fits: otherChip,
    apply: clone('cpuinfo', 'gpu'),
  },
  {
    id: 'clone-cpuinfo-midr-gpu',
    title: 'Another chip; cpuinfo, MIDR, clock and GPU name forged, drivers forgotten',
    level: 'kernel',
    axis: 'hardware',
    fits: otherChip,
    apply: clone('cpuinfo', 'midr', 'frequency', 'gpu'),
  },
  {
    id: 'clone-memory',
    title: 'Another chip and the claimed memory',
    level: 'kernel',
    axis: 'hardware',
    fits: otherChip,
    apply: clone('memory'),
  },
  {
    id: 'clone-display',
    title: 'Another chip and a smaller panel, stretched by an override',
    level: 'framework',
    axis: 'hardware',
    fits: otherChip,
    apply: all(clone(), (phone) => ({
      ...phone,
      display: {
        ...phone.display,
        width: 720,
        height: phone.sdk < 26 ? 1280 : 1600,
        xDpi: 294,
        yDpi: 295,
        overrideSize: [phone.display.width, phone.display.height] as const,
      },
    })),
  },
  {
    id: 'clone-storage',
    title: 'Another chip and an inflated storage size',
    level: 'framework',
    axis: 'hardware',
    fits: otherChip,
    apply: all(clone(), (phone) => ({
      ...phone,
      mounts: phone.mounts.map((mount) => (mount.mountPoint === '/data' ? { ...mount, sizeBytes: 512e9 } : mount)),
    })),
  },
  {
    id: 'clone-everything-but-interrupts',
    title: 'Another chip that forgot only the names of its interrupts and partitions',
    level: 'kernel',
    axis: 'hardware',
    fits: otherChip,
    apply: clone(...SURFACES.filter((surface) => surface !== 'interrupts' && surface !== 'partitions')),
  },
  {
    id: 'clone-kernel-text',
    title: 'Another chip whose kernel names its board',
    level: 'kernel',
    axis: 'hardware',
    fits: otherChip,
    apply: all(
      clone('cpuinfo', 'gpu'),
      withText('/proc/version', (before) => before.replace(/\(([^)]*)\)/, '(mediatek@mtk-build)')),
      withFile('/proc/mtk_dump', { content: text('') }),
    ),
  },
  {
    id: 'clone-usb',
    title: 'Another chip, seen by its preloader on the cable',
    level: 'bootloader',
    axis: 'hardware',
    fits: otherChip,
    apply: all(clone('cpuinfo', 'gpu'), (phone) => ({
      ...phone,
      usb: [
        ...phone.usb,
        {
          mode: 'preloader' as const,
          vendorId: 0x0e8d,
          productId: 0x2000,
          manufacturer: 'MediaTek',
          product: 'MT65xx Preloader',
          serial: undefined,
        },
      ],
    })),
  },
  {
    id: 'silicon-behind-perfect-strings',
    title: 'Another chip, every surface of which says the claimed one',
    level: 'kernel',
    axis: 'hardware',
    fits: (phone) => otherChip(phone) && phone.silicon.bits === 64,
    apply: clone(...SURFACES),
    wantsChallenge: true,
  },
  {
    id: 'silicon-older-cores',
    title: 'Older cores of the same maker and crystal, cpuinfo and MIDR forged: only what is executed tells',
    level: 'kernel',
    axis: 'hardware',
    fits: hasNewCores,
    apply: withSilicon({ executes: 'cortex-a53' }),
    wantsChallenge: true,
  },
  {
    id: 'silicon-counter-emulated',
    title: 'Another chip behind perfect strings that emulates the claimed counter',
    level: 'kernel',
    axis: 'hardware',
    fits: (phone) => otherChip(phone) && hasNewCores(phone),
    apply: (phone) => withSilicon({ counterHz: phone.silicon.counterHz })(clone(...SURFACES)(phone)),
    wantsChallenge: true,
  },
  {
    id: 'silicon-clock-slowed',
    title: 'Another chip behind perfect strings, and a clock that runs slow so that everything seems fast',
    level: 'kernel',
    axis: 'hardware',
    fits: (phone) => otherChip(phone) && hasNewCores(phone),
    apply: all(clone(...SURFACES), (phone) => ({ ...phone, behaviours: { ...phone.behaviours, clockRate: 0.5 } })),
    wantsChallenge: true,
  },
  {
    id: 'storage-wraps',
    title: 'Storage that only claims its size: what is written lands on what was written before',
    level: 'bootloader',
    axis: 'hardware',
    fits: hasNewCores,
    apply: withSilicon({ store: 'wraps' }),
    wantsChallenge: true,
    wantsStorage: true,
    beyondUs:
      'writing to it and reading back (`--challenge --challenge-storage`) shows it, number for number, and stays weak: no phone’s flash was ever judged by that check, and reading back is one nature of evidence, which convicts nobody (decision 31). What would is its chip, read by who opens the phone',
  },
];
