import { describe, expect, it } from 'vitest';
import {
  contextOf,
  cpuinfo,
  fact,
  factsOfAll,
  gpu,
  mi4Facts,
  mt6592Silicon,
  names,
  outcomeOf,
  placeOf,
  properties,
  replaced,
  runOne,
  topology,
} from '../../../test/support/check-facts.ts';
import type { Fact } from '../../evidence/index.ts';
import { builtinKnowledge } from '../../knowledge/index.ts';
import { bitsClaim } from './bits.ts';
import { claimedSilicon } from './claim.ts';
import { coreCount } from './cores.ts';
import { displayPanel } from './display.ts';
import { gpuAgainstChip } from './gpu.ts';
import { inferSoc, siliconChecks } from './index.ts';
import { memorySize } from './memory.ts';
import { midrAgainstCpuinfo } from './midr.ts';
import { siliconModel } from './own-model.ts';
import { siliconProperties } from './own-properties.ts';
import { procFiles } from './proc-files.ts';
import { readSurfaces } from './surfaces.ts';
import { surfacesAgree } from './surfaces-agree.ts';
import { timerAgainstVendor } from './timer.ts';

const [mi4Properties] = mi4Facts as readonly [Fact, ...Fact[]];
/** The story's phone: a Mi 4's properties on MediaTek's silicon. */
const counterfeit = [mi4Properties, ...mt6592Silicon];
const box = { model: 'MI 4' };
const infer = (...facts: readonly Fact[]) => inferSoc(factsOfAll(...facts), builtinKnowledge);

const A53 = { implementer: 0x41, part: 0xd03 };
const modern = (entries: Readonly<Record<string, string>>) => properties({ 'ro.product.cpu.abilist64': 'arm64-v8a', ...entries });

describe('inference of the chip', () => {
  it('names the chip of a genuine phone, and nothing disagrees', () => {
    const found = infer(...mi4Facts);
    expect(found?.vendor).toBe('qualcomm');
    expect(found?.family).toBe('msm8974');
    expect(found?.vendorProbability).toBeGreaterThan(0.99);
    expect(found?.surfaces.filter(({ disagrees }) => disagrees)).toEqual([]);
  });

  it('finds MediaTek under a Mi 4’s properties, and says which surfaces disagree', () => {
    const found = infer(...counterfeit);
    expect(found?.vendor).toBe('mediatek');
    expect(found?.family).toBe('mt6592');
    expect(found?.surfaces.filter(({ disagrees }) => disagrees).map(({ surface }) => surface)).toEqual([
      'ro.board.platform',
      'ro.hardware',
    ]);
  });

  it('names a chip that the table lacks by its pattern', () => {
    expect(infer(properties({ 'ro.board.platform': 'mt6999' }))).toMatchObject({ vendor: 'mediatek', family: 'mt6999' });
    expect(infer(properties({ 'ro.soc.model': 'SM8999', 'ro.soc.manufacturer': 'QTI' }))).toMatchObject({
      vendor: 'qualcomm',
      family: 'sm8999',
    });
  });

  it('does not tell Exynos from Unisoc by a counter of 26 MHz alone', () => {
    const found = infer(cpuinfo({ bogoMips: 52, cores: [{ count: 8, implementer: 0x41, part: 0xd05 }], arm64: true }));
    expect(found?.vendorProbability).toBeLessThan(0.9);
    expect(['samsung', 'unisoc']).toContain(found?.vendor);
  });

  it('says nothing where nothing is said', () => {
    expect(infer()).toBeUndefined();
    expect(infer(properties({ 'ro.product.model': 'MI 4LTE' }))).toBeUndefined();
  });

  it('survives names made to break it', () => {
    const hostile = 'msm'.repeat(100_000);
    expect(
      infer(properties({ 'ro.board.platform': hostile, 'ro.hardware': '(((((((', 'ro.soc.model': '\u0000\u001b[31m' })),
    ).toBeUndefined();
  });
});

describe('silicon.claim', () => {
  it('passes a genuine phone sold as what it is', () => expect(outcomeOf(claimedSilicon, mi4Facts, box)).toBe('pass'));
  it('convicts another chip, and names it', () => {
    const { findings } = runOne(claimedSilicon, counterfeit, box);
    expect(findings).toMatchObject([{ axis: 'hardware', strength: 'conclusive', names: 'MediaTek MT6592' }]);
  });
  it('convicts although /proc/cpuinfo and the GPU string were forged', () => {
    const forged = counterfeit.map((one) =>
      one.kind === 'cpuinfo' || one.kind === 'gpu' ? (mi4Facts.find(({ kind }) => kind === one.kind) ?? one) : one,
    );
    expect(outcomeOf(claimedSilicon, forged, box)).toBe('fail conclusive');
  });
  it('does not convict by one group of surfaces', () =>
    expect(outcomeOf(claimedSilicon, [properties({ 'ro.board.platform': 'mt6592' })], box)).toBe('fail weak'));
  it('convicts an ARMv7 chip of the same maker under a flagship’s name', () => {
    const facts = [
      properties({ 'ro.board.platform': 'msm8909' }),
      cpuinfo({ hardware: 'Qualcomm MSM8909', cores: [{ count: 4, implementer: 0x41, part: 0xc07 }] }),
    ];
    expect(outcomeOf(claimedSilicon, facts, { model: 'Galaxy S23 Ultra' })).toBe('fail conclusive');
  });
  it('knows that one name is sold with two makers’ chips', () => {
    const exynos = [
      properties({ 'ro.board.platform': 'exynos5', 'ro.hardware': 'samsungexynos9810' }),
      cpuinfo({
        bogoMips: 52,
        arm64: true,
        cores: [
          { count: 4, implementer: 0x41, part: 0xd05 },
          { count: 4, implementer: 0x53, part: 2 },
        ],
      }),
    ];
    const snapdragon = [
      properties({ 'ro.board.platform': 'sdm845', 'ro.hardware': 'qcom' }),
      cpuinfo({
        bogoMips: 38.4,
        arm64: true,
        cores: [
          { count: 4, implementer: 0x51, part: 0x803 },
          { count: 4, implementer: 0x51, part: 0x802 },
        ],
      }),
    ];
    for (const facts of [exynos, snapdragon]) expect(outcomeOf(claimedSilicon, facts, { model: 'Galaxy S9' })).toBe('pass');
  });
  it('examines nothing without a claim, with an unknown model, without surfaces', () => {
    expect(outcomeOf(claimedSilicon, mi4Facts)).toBe('not-checked');
    expect(outcomeOf(claimedSilicon, mi4Facts, { model: 'Nobody 99' })).toBe('not-checked');
    expect(outcomeOf(claimedSilicon, [], box)).toBe('not-checked');
  });
});

describe('silicon.own-properties', () => {
  it('passes a genuine phone', () => expect(outcomeOf(siliconProperties, mi4Facts)).toBe('pass'));
  it('convicts a spoofed platform', () => expect(outcomeOf(siliconProperties, counterfeit)).toBe('fail conclusive'));
  it('only lists one group that differs', () =>
    expect(outcomeOf(siliconProperties, [mi4Properties, names('interrupts', 'mtk-kpd', 'mtk_cmdq', 'mtk-msdc')])).toBe('fail weak'));
  it('examines nothing without properties or without anything beside them', () => {
    expect(outcomeOf(siliconProperties, [...mt6592Silicon])).toBe('not-checked');
    expect(outcomeOf(siliconProperties, [mi4Properties])).toBe('not-checked');
  });
});

describe('silicon.own-model', () => {
  it('passes a genuine phone', () => expect(outcomeOf(siliconModel, mi4Facts)).toBe('pass'));
  it('convicts a flagship’s name on a cheap chip of another maker', () => {
    const facts = [
      modern({ 'ro.product.model': 'SM-S918B', 'ro.product.brand': 'samsung', 'ro.board.platform': 'mt6765' }),
      cpuinfo({ hardware: 'MT6765V/CB', bogoMips: 26, arm64: true, cores: [{ count: 8, ...A53 }] }),
    ];
    expect(outcomeOf(siliconModel, facts)).toBe('fail conclusive');
  });
  it('convicts a flagship’s name on an older chip of the same maker', () =>
    expect(
      outcomeOf(
        siliconModel,
        replaced(
          mi4Facts,
          'properties',
          properties({ 'ro.product.model': 'SM-S918B', 'ro.product.brand': 'samsung', 'ro.board.platform': 'msm8974' }),
        ),
      ),
    ).toBe('fail conclusive'));
  it('examines nothing for a model that nobody knows', () =>
    expect(
      outcomeOf(siliconModel, replaced(mi4Facts, 'properties', properties({ 'ro.product.model': 'A1', 'ro.product.brand': 'nobody' }))),
    ).toBe('not-checked'));
});

describe('silicon.surfaces', () => {
  it('passes one kernel’s word', () => expect(outcomeOf(surfacesAgree, mi4Facts)).toBe('pass'));
  it('convicts a redirected /proc/cpuinfo', () => {
    const redirected = replaced(mt6592Silicon, 'cpuinfo', ...mi4Facts.filter(({ kind }) => kind === 'cpuinfo'));
    expect(outcomeOf(surfacesAgree, redirected)).toBe('fail conclusive');
  });
  it('does not count the names of a bought radio’s services', () =>
    expect(outcomeOf(surfacesAgree, [...mi4Facts, names('services', 'vendor.mediatek.a', 'vendor.mediatek.b', 'vendor.mediatek.c')])).toBe(
      'fail weak',
    ));
  it('examines nothing of one surface', () =>
    expect(outcomeOf(surfacesAgree, [names('interrupts', 'mtk-kpd', 'mtk_cmdq', 'mtk-msdc')])).toBe('not-checked'));
});

describe('silicon.gpu', () => {
  it('passes Adreno in a Snapdragon', () => expect(outcomeOf(gpuAgainstChip, mi4Facts)).toBe('pass'));
  it('convicts a forged Adreno string', () =>
    expect(
      outcomeOf(
        gpuAgainstChip,
        replaced([properties({ 'ro.board.platform': 'mt6592' }), ...mt6592Silicon], 'gpu', gpu('Qualcomm', 'Adreno (TM) 330')),
      ),
    ).toBe('fail conclusive'));
  it('says nothing of software rendering', () =>
    expect(outcomeOf(gpuAgainstChip, replaced(mi4Facts, 'gpu', gpu('Google', 'SwiftShader')))).toBe('not-checked'));
  it('says nothing of a name nobody knows', () =>
    expect(outcomeOf(gpuAgainstChip, replaced(mi4Facts, 'gpu', gpu('', '\u0000'.repeat(1000))))).toBe('not-checked'));
});

describe('silicon.timer', () => {
  const phone = (bogoMips: number) => [
    properties({ 'ro.board.platform': 'sdm845', 'ro.hardware': 'qcom' }),
    cpuinfo({ bogoMips, arm64: true, cores: [{ count: 8, ...A53 }] }),
  ];
  it('passes 19.2 MHz on a Snapdragon', () => expect(outcomeOf(timerAgainstVendor, phone(38.4))).toBe('pass'));
  it('passes a rounded 19.0', () => expect(outcomeOf(timerAgainstVendor, phone(38))).toBe('pass'));
  it('lists 13 MHz on what says Snapdragon', () => expect(outcomeOf(timerAgainstVendor, phone(26))).toBe('fail weak'));
  it('says nothing of a 32-bit kernel’s BogoMIPS', () => expect(outcomeOf(timerAgainstVendor, mi4Facts)).toBe('not-checked'));
});

describe('silicon.bits', () => {
  it('passes a 32-bit phone that says so', () => expect(outcomeOf(bitsClaim, mi4Facts)).toBe('pass'));
  it('passes a 64-bit phone', () =>
    expect(outcomeOf(bitsClaim, [modern({}), cpuinfo({ arm64: true, cores: [{ count: 8, ...A53 }] })])).toBe('pass'));
  it('convicts arm64 on Cortex-A7', () => expect(outcomeOf(bitsClaim, [modern({}), ...mt6592Silicon])).toBe('fail conclusive'));
  it('examines nothing without cores', () => expect(outcomeOf(bitsClaim, [modern({})])).toBe('not-checked'));
});

describe('silicon.cores', () => {
  it('passes four Krait', () => expect(outcomeOf(coreCount, mi4Facts)).toBe('pass'));
  it('lists eight cores of another type', () => expect(outcomeOf(coreCount, counterfeit)).toBe('fail weak'));
  it('examines nothing for a platform that nobody knows', () =>
    expect(outcomeOf(coreCount, [properties({ 'ro.board.platform': 'common' }), ...mt6592Silicon])).toBe('not-checked'));
  it('does not believe a hostile list of cores', () => {
    const hostile = fact('cpu-topology', { possible: '0-99999999999', present: '9-0', cores: [] });
    expect(outcomeOf(coreCount, [mi4Properties, hostile])).toBe('not-checked');
  });
});

describe('silicon.memory', () => {
  const memory = (gib: number) => fact('memory', { totalBytes: gib * 2 ** 30, availableBytes: undefined, swapTotalBytes: undefined });
  it('passes what a variant was sold with', () =>
    expect(outcomeOf(memorySize, [mi4Properties, memory(2.8)], { model: 'MI 4', memoryBytes: 3 * 2 ** 30 })).toBe('pass'));
  it('convicts a third of what was claimed, which no variant has', () =>
    expect(outcomeOf(memorySize, [memory(0.9)], { model: 'MI 4', memoryBytes: 3 * 2 ** 30 })).toBe('fail conclusive'));
  it('only lists another variant’s', () =>
    expect(outcomeOf(memorySize, [memory(1.8)], { model: 'MI 4', memoryBytes: 4 * 2 ** 30 })).toBe('fail weak'));
  it('only lists what no claim contradicts', () => expect(outcomeOf(memorySize, [mi4Properties, memory(7.5)])).toBe('fail weak'));
  it('examines nothing without claim and model', () => expect(outcomeOf(memorySize, [memory(4)])).toBe('not-checked'));
});

describe('silicon.display', () => {
  const display = (width: number, height: number, override?: readonly [number, number]) =>
    fact('display', {
      physicalWidth: width,
      physicalHeight: height,
      overrideWidth: override?.[0],
      overrideHeight: override?.[1],
      physicalDensity: 480,
      overrideDensity: undefined,
      xDpi: undefined,
      yDpi: undefined,
    });
  it('passes the model’s panel, and an owner’s lower resolution on it', () => {
    expect(outcomeOf(displayPanel, [mi4Properties, display(1080, 1920)])).toBe('pass');
    expect(outcomeOf(displayPanel, [mi4Properties, display(1080, 1920, [720, 1560])])).toBe('pass');
  });
  it('convicts a panel stretched to the model’s size', () =>
    expect(outcomeOf(displayPanel, [mi4Properties, display(720, 1280, [1080, 1920])])).toBe('fail conclusive'));
  it('only lists another panel', () => expect(outcomeOf(displayPanel, [mi4Properties, display(720, 1280)])).toBe('fail weak'));
  it('examines nothing for a model that nobody knows', () => expect(outcomeOf(displayPanel, [display(1080, 1920)])).toBe('not-checked'));
});

describe('silicon.proc-files', () => {
  const stat = (path: string, device: string, fileSystem?: string) => ({
    path,
    device,
    inode: '1',
    size: 0,
    mode: '0444',
    uid: 0,
    gid: 0,
    context: undefined,
    fileSystem,
    place: placeOf('stat'),
  });
  const genuine = ['/proc/cpuinfo', '/proc/version', '/proc/meminfo'].map((path) => stat(path, '4', 'proc'));
  const mount = (mountPoint: string, type: string) => ({
    device: type,
    mountPoint,
    type,
    options: [],
    root: '/x',
    deviceNumber: '0:4',
    place: placeOf('mounts'),
  });
  it('passes procfs', () =>
    expect(
      outcomeOf(procFiles, [fact('file-stats', genuine), fact('mounts', [mount('/sys/fs/selinux', 'selinuxfs'), mount('/data', 'ext4')])]),
    ).toBe('pass'));
  it('convicts a cpuinfo with another device number', () =>
    expect(outcomeOf(procFiles, [fact('file-stats', [stat('/proc/cpuinfo', '1f'), ...genuine.slice(1)])])).toBe('fail conclusive'));
  it('convicts a file on another file system', () =>
    expect(outcomeOf(procFiles, [fact('file-stats', [stat('/proc/cpuinfo', '1f', 'tmpfs')])])).toBe('fail conclusive'));
  it('convicts a bind mount', () =>
    expect(outcomeOf(procFiles, [fact('mounts', [mount('/proc/cpuinfo', 'tmpfs')])])).toBe('fail conclusive'));
  it('examines nothing that was not read', () => expect(outcomeOf(procFiles, mi4Facts)).toBe('not-checked'));
});

describe('silicon.midr', () => {
  const cores = [{ count: 4, ...A53 }];
  it('passes one register read twice', () =>
    expect(outcomeOf(midrAgainstCpuinfo, [cpuinfo({ arm64: true, cores }), topology(cores)])).toBe('pass'));
  it('convicts a forged cpuinfo', () =>
    expect(
      outcomeOf(midrAgainstCpuinfo, [cpuinfo({ arm64: true, cores: [{ count: 4, implementer: 0x41, part: 0xd4e }] }), topology(cores)]),
    ).toBe('fail conclusive'));
  it('examines nothing without registers', () =>
    expect(outcomeOf(midrAgainstCpuinfo, [cpuinfo({ cores }), topology(cores, false)])).toBe('not-checked'));
});

describe('every check of the family', () => {
  it('neither throws nor finds anything on no facts', () => {
    for (const check of siliconChecks) expect(outcomeOf(check, []), check.id).toBe('not-checked');
  });
  it('finds nothing on a genuine phone', () => {
    for (const check of siliconChecks) expect(['pass', 'not-checked'], check.id).toContain(outcomeOf(check, mi4Facts, box));
  });
  it('gives the same answer for the same facts', () => {
    for (const check of siliconChecks)
      expect(check.run(contextOf(factsOfAll(...counterfeit), box))).toEqual(check.run(contextOf(factsOfAll(...counterfeit), box)));
  });
});

describe('sensors', () => {
  const sensors = (...list: readonly (readonly [name: string, vendor: string])[]) =>
    fact(
      'sensors',
      list.map(([name, vendor]) => ({ name, vendor, type: 'android.sensor.any' })),
    );
  const surfacesOf = (...list: readonly (readonly [string, string])[]) =>
    readSurfaces({ list: [sensors(...list)], unread: [] }, builtinKnowledge).map(({ surface, named }) => [surface, named?.vendor]);
  it('of a chip’s own hub name its maker, once there are three', () => {
    expect(surfacesOf(['Step Counter', 'QTI'], ['Rotation', 'Qualcomm'], ['Motion', 'QTI'])).toEqual([['sensors', 'qualcomm']]);
    expect(surfacesOf(['MTK Light', 'MTK'])).toEqual([['sensors', undefined]]);
  });
  it('that were bought say nothing, nor does an empty or hostile name', () => {
    expect(surfacesOf(['BMP280', 'BOSCH'], ['x', ''], ['y', 'not qti'], ['z', '<script>'.repeat(1000)])).toEqual([]);
    expect(surfacesOf()).toEqual([]);
  });
});
