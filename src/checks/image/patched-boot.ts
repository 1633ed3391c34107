import { type BootImageFact, factsOf } from '../../evidence/index.ts';
import { claimsOf, natureOf } from '../boot/claims.ts';
import { type Draft, defineCheck, failOrPass, notApplicable } from '../define.ts';

type Row = BootImageFact['ramdisk'][number];

interface Patch {
  readonly tool: string;
  readonly observed: string;
  /** Shown by how it is made, not by a name alone. */
  readonly isStructural: boolean;
}

/** Where a ramdisk that is recovery's too has the second stage of init. */
const SECOND_STAGE = /(?:^|\/)s?bin\/init$/;
const OWN_MODULES = /(?:^|\/)lib\/modules\//;
/** A second first program that is kept beside init. Sources: topjohnwu/Magisk native/src/init, scripts/boot_patch.sh; tiann/KernelSU userspace/ksud boot_patch. */
const KEPT_INIT = /^(?:\.backup\/init(?:\.[a-z0-9]+)?|init\.(?:real|orig|original|bak|stock))$/;
const PAYLOAD = /^overlay\.d\/sbin\/[^/]+$/;

export const patchedBoot = defineCheck({
  id: 'image.patched-boot',
  axis: 'software',
  title: 'Boot images that were patched for root',
  what: 'Ramdisk and kernel of the boot images, files by what is in them and not by their names: an init kept aside beside another program that starts first, a rooting tool’s configuration and payload, programs packed one by one, a module loaded by no list, a kernel that begins by jumping into a program put behind it.',
  why: 'Magisk, KernelSU and APatch put themselves before init or into the kernel, where nothing on the phone can see them.',
  benign: ['An owner who roots his own phone.', 'Boot images of custom ROMs that come rooted, which call themselves so.'],
  confirm: 'Unpack the boot image (magiskboot, or assay firmware ls) and compare its ramdisk and kernel with the official package’s.',
  strength: 'conclusive',
  impossible:
    'A maker’s ramdisk has one init, and keeps no other aside with a rooting tool’s own configuration or payload, nor with a module or packed programs beside it; a maker’s kernel does not begin by jumping behind its own end into a program with a patcher’s header. A name alone, and texts alone, are weak.',
  standing: 'shown',
  needs: [],
  settledBy: 'the boot images, from a package or read through the mask ROM',
  group: 'boot-image',
  causes: ['root'],
  catches: 'kernel',
  spec: [
    'topjohnwu/Magisk scripts/boot_patch.sh',
    'tiann/KernelSU ksud boot-patch',
    'bmax121/KernelPatch tools/patch.c',
    'Linux Documentation/arch/arm64/booting.rst',
  ],
  run(context) {
    const boots = factsOf(context.facts, 'boot-images');
    if (boots.length === 0) return notApplicable;
    const nature = natureOf(claimsOf(context));
    const findings = boots.flatMap(({ value, standing }) =>
      value.flatMap((boot) =>
        patchesOf(boot).map(
          ({ tool, observed, isStructural }): Draft => ({
            claimed: `${boot.partition} as its maker built it`,
            observed,
            because: isStructural
              ? `This is how ${tool} patches a boot image.`
              : `It carries a mark of ${tool}, and not enough else to say that it was patched.`,
            standing,
            evidence: [boot.place],
            nature,
            names: tool,
            ...(isStructural ? {} : { strength: 'weak' as const }),
          }),
        ),
      ),
    );
    return failOrPass(findings, 'shown');
  },
});

function patchesOf({ ramdisk, kernel, configKeys }: BootImageFact): readonly Patch[] {
  const patches: Patch[] = [];
  const init = ramdisk.find(({ path }) => path === 'init');
  const hasInit = init !== undefined;
  // Whatever it is called: what starts first is no init, and there is one elsewhere.
  const isReplaced = init?.head === 'elf' && init.role !== 'init';
  const isKept = ({ path, role }: Row) => isReplaced && role === 'init' && path !== 'init' && !SECOND_STAGE.test(path);
  const kept = ramdisk.filter((file) => (KEPT_INIT.test(file.path) && (file.head === 'elf' || file.head === 'packed')) || isKept(file));
  const payload = ramdisk.filter(({ path, head }) => PAYLOAD.test(path) && (head === 'elf' || head === 'packed'));
  const config = configKeys.length > 0;
  const words = (files: readonly { readonly path: string }[]) =>
    files
      .slice(0, 4)
      .map(({ path }) => path)
      .join(', ');
  // Modules of a maker lie in lib/modules, beside the list of what is loaded.
  const modules = ramdisk.filter(
    ({ path, head, role }) => (/^[^/]+\.ko$/.test(path) && head === 'elf') || (role === 'kernel module' && !OWN_MODULES.test(path)),
  );
  // KernelSU puts its own beside init. A maker that keeps an init aside may keep a module in a folder of its own: that was measured on too few.
  const isBesideInit = modules.some(({ path }) => !path.includes('/'));
  // Makers pack a ramdisk as a whole, and no program of it once more.
  const packed = ramdisk.filter((file) => file.head === 'packed' && file.role === 'program' && !kept.includes(file));
  if (config || payload.length > 0) {
    const parts = [
      ...(config ? [`its configuration (${configKeys.slice(0, 4).join(', ')})`] : []),
      ...(payload.length > 0 ? [`its payload (${words(payload)})`] : []),
      ...(kept.length > 0 ? [`the maker’s init kept aside (${words(kept)})`] : []),
    ];
    patches.push({ tool: 'Magisk', observed: parts.join(', '), isStructural: hasInit && parts.length > 1 });
  } else if (kept.length > 0)
    patches.push({
      tool: modules.length > 0 ? 'KernelSU' : packed.length > 0 && kept.some(isKept) ? 'Magisk, under other names,' : 'a rooting tool',
      observed: [
        `init replaced and the maker’s kept aside (${words(kept)})`,
        ...(modules.length > 0 ? [`a module that no list loads (${words(modules)})`] : []),
        ...(packed.length > 0 ? [`programs that are packed one by one (${words(packed)})`] : []),
      ].join(', and '),
      isStructural: hasInit && (isBesideInit || (packed.length > 0 && kept.some(isKept))),
    });
  if (kernel?.patch !== undefined) {
    const { name, at, isEntered } = kernel.patch;
    patches.push({
      tool: name,
      observed: `a program with a patcher’s header ${at} bytes into the kernel${isEntered ? ', which the kernel’s first instruction jumps into' : ''}`,
      isStructural: isEntered,
    });
  }
  if (kernel !== undefined && kernel.kernelSuTexts > 0)
    patches.push({
      tool: 'KernelSU',
      observed: `${kernel.kernelSuTexts} texts of KernelSU’s own in the kernel`,
      isStructural: false,
    });
  return patches;
}
