/**
 * Another chip under the same software's words: what a clone's kernel says when nobody taught it to lie.
 * Facts: MT6592 (eight Cortex-A7, Mali-450 MP4, 13 MHz timer) and MT6765 (eight Cortex-A53, PowerVR GE8320, 13 MHz timer) as phones with them report.
 */
import { text } from '../content.ts';
import type { Alteration, PhoneFile, PhoneSilicon, VirtualPhone } from '../phone.ts';

/** A chip, and the texts in which kernel and drivers tell it. */
export interface Chip {
  readonly silicon: PhoneSilicon;
  readonly cpuinfo: string;
  readonly gpu: VirtualPhone['gpu'];
  readonly interrupts: string;
  readonly partitions: readonly string[];
  readonly modules: string;
}

const mediatekInterrupts = (timer: string) =>
  [
    '           CPU0       CPU1       CPU2       CPU3',
    ` 30:     123456     120000     119000     118000       GIC  ${timer}`,
    ' 89:          1          0          0          0       GIC  mtk-kpd',
    '115:       4402          0          0          0       GIC  mtk-msdc.0',
    '116:        812          0          0          0       GIC  mtk-msdc.1',
    '118:          2          0          0          0       GIC  mt-i2c.0',
    '140:        901          0          0          0       GIC  mtk_cmdq',
    '205:      10233          0          0          0       GIC  Mali_PP0',
    '',
  ].join('\n');

const processors = (count: number, each: (index: number) => string) => Array.from({ length: count }, (_, index) => each(index)).join('\n');

const mt6592: Chip = {
  silicon: {
    chip: 'MT6592',
    maker: 'MediaTek',
    counterHz: 13_000_000,
    bits: 32,
    cores: Array.from({ length: 8 }, () => ({ midr: 0x410fc073, maxKiloHertz: 1_664_000, minKiloHertz: 221_000 })),
    memoryBytes: 2 * 2 ** 30,
    storageBytes: 16e9,
  },
  cpuinfo: `Processor\t: ARMv7 Processor rev 3 (v7l)\n${processors(8, (index) => `processor\t: ${index}\nBogoMIPS\t: 26.00\n`)}\nFeatures\t: swp half thumb fastmult vfp edsp neon vfpv3 tls vfpv4 idiva idivt \nCPU implementer\t: 0x41\nCPU architecture: 7\nCPU variant\t: 0x0\nCPU part\t: 0xc07\nCPU revision\t: 3\n\nHardware\t: MT6592\nRevision\t: 0000\nSerial\t\t: 0000000000000000\n`,
  gpu: {
    vendor: 'ARM',
    renderer: 'Mali-450 MP',
    version: 'OpenGL ES 2.0',
    extensions: ['GL_OES_texture_npot', 'GL_ARM_mali_shader_binary', 'GL_ARM_rgba8'],
  },
  interrupts: mediatekInterrupts('mtk_gpt'),
  partitions: [
    'preloader',
    'pro_info',
    'nvram',
    'protect_f',
    'protect_s',
    'seccfg',
    'uboot',
    'bootimg',
    'recovery',
    'sec_ro',
    'misc',
    'logo',
    'android',
    'cache',
    'usrdata',
  ],
  modules: 'wlan_mt6628 812 0 - Live 0x00000000\nmtk_stp_wmt 410 0 - Live 0x00000000\n',
};

const mt6765: Chip = {
  silicon: {
    chip: 'MT6765',
    maker: 'MediaTek',
    counterHz: 13_000_000,
    bits: 64,
    cores: Array.from({ length: 8 }, (_, index) => ({
      midr: 0x410fd034,
      maxKiloHertz: index < 4 ? 1_800_000 : 2_300_000,
      minKiloHertz: 400_000,
    })),
    memoryBytes: 3 * 2 ** 30,
    storageBytes: 32e9,
  },
  cpuinfo: `${processors(8, (index) => `processor\t: ${index}\nBogoMIPS\t: 26.00\nFeatures\t: fp asimd evtstrm aes pmull sha1 sha2 crc32 cpuid\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU variant\t: 0x0\nCPU part\t: 0xd03\nCPU revision\t: 4\n`)}\nHardware\t: MT6765V/CB\n`,
  gpu: {
    vendor: 'Imagination Technologies',
    renderer: 'PowerVR Rogue GE8320',
    version: 'OpenGL ES 3.2 build 1.11@5425693',
    extensions: ['GL_IMG_texture_compression_pvrtc', 'GL_IMG_shader_binary', 'GL_OES_EGL_image'],
  },
  interrupts: mediatekInterrupts('arch_timer'),
  partitions: [
    'preloader_a',
    'lk_a',
    'tee_a',
    'nvram',
    'protect1',
    'protect2',
    'seccfg',
    'md1img_a',
    'spmfw_a',
    'scp_a',
    'sspm_a',
    'super',
    'userdata',
  ],
  modules: 'wlan_drv_gen4m 2101 0 - Live 0x0000000000000000\nwmt_drv 901 1 wlan_drv_gen4m, Live 0x0000000000000000\n',
};

/** Which parts of the chip are seen through the kernel. */
export type Surface = 'cpuinfo' | 'midr' | 'frequency' | 'gpu' | 'interrupts' | 'modules' | 'partitions' | 'memory';
export const SURFACES: readonly Surface[] = ['cpuinfo', 'midr', 'frequency', 'gpu', 'interrupts', 'modules', 'partitions', 'memory'];

const PROC: PhoneFile = { type: 'file', mode: 0o444, uid: 0, gid: 0, context: 'u:object_r:proc:s0', mtime: 1_420_070_400, statSize: 0 };

/**
 * Puts another chip into a phone. Surfaces in `hidden` keep what they said: an adversary forged them.
 * The phone's truth (`silicon`) changes always: no forgery reaches it.
 */
export const withChip =
  (chip: Chip, hidden: readonly Surface[] = []): Alteration =>
  (phone) => {
    const shows = (surface: Surface) => !hidden.includes(surface);
    const files = new Map(phone.files);
    const write = (path: string, content: string) => files.set(path, { ...PROC, ...files.get(path), content: text(content) });
    if (shows('cpuinfo')) write('/proc/cpuinfo', chip.cpuinfo);
    if (shows('interrupts')) write('/proc/interrupts', chip.interrupts);
    if (shows('modules')) write('/proc/modules', chip.modules);
    if (shows('midr') || shows('frequency')) {
      for (const path of phone.files.keys()) {
        const core = /^\/sys\/devices\/system\/cpu\/cpu(\d+)\/(regs\/identification\/midr_el1|cpufreq\/cpuinfo_max_freq)$/.exec(path);
        const truth = chip.silicon.cores[Number(core?.[1])];
        if (core === null) continue;
        if (truth === undefined) files.delete(path);
        else if (core[2]?.startsWith('regs') && shows('midr')) write(path, `0x${truth.midr.toString(16).padStart(16, '0')}\n`);
        else if (core[2]?.startsWith('cpufreq') && shows('frequency')) write(path, `${truth.maxKiloHertz}\n`);
      }
      const last = chip.silicon.cores.length - 1;
      for (const name of ['possible', 'present'])
        if (files.has(`/sys/devices/system/cpu/${name}`)) write(`/sys/devices/system/cpu/${name}`, `0-${last}\n`);
    }
    if (shows('partitions')) {
      for (const path of phone.files.keys()) if (/^\/dev\/block\/(?:.*\/)?by-name\/[^/]+$/.test(path)) files.delete(path);
      for (const name of chip.partitions)
        files.set(`/dev/block/platform/mtk-msdc.0/by-name/${name}`, {
          ...PROC,
          type: 'link',
          target: '/dev/block/mmcblk0',
          context: 'u:object_r:block_device:s0',
        });
    }
    if (shows('memory')) {
      const meminfo = files.get('/proc/meminfo')?.content;
      if (meminfo?.kind === 'text')
        write(
          '/proc/meminfo',
          meminfo.text.replace(/MemTotal: +\d+/, `MemTotal:  ${String(Math.round((chip.silicon.memoryBytes / 1024) * 0.94)).padStart(12)}`),
        );
    }
    return { ...phone, files, silicon: chip.silicon, ...(shows('gpu') ? { gpu: chip.gpu } : {}) };
  };

/** The chip that clones of a phone's time have. */
export const cloneChip = (phone: VirtualPhone): Chip => (phone.sdk < 24 ? mt6592 : mt6765);
