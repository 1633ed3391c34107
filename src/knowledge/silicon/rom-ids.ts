/**
 * Numbers that boot ROMs state, and which chips have them.
 * Sources: bkerler/mtkclient mtkclient/config/brom_config.py at 0fdbe498 (hw_code); bkerler/edl edlclient/Config/qualcomm_config.py at 1702fa90 (MSM ids, OEM ids, digests of test keys).
 * A number that is not here is unknown, never against a phone. Several chips share a number where they are one die.
 */
import type { Soc, SocVendor } from '../types.ts';
import type { NamedSoc } from './names.ts';

type Row = readonly [id: number, platforms: string];

/** hw_code of GET_HW_CODE. */
const MEDIATEK: readonly Row[] = [
  [0x0279, 'mt6797 mt6767'],
  [0x0321, 'mt6735'],
  [0x0326, 'mt6755 mt6750'],
  [0x0335, 'mt6737 mt6735'],
  [0x0337, 'mt6753'],
  [0x0551, 'mt6757'],
  [0x0562, 'mt6799'],
  [0x0601, 'mt6750 mt6755'],
  [0x0633, 'mt6570'],
  [0x0688, 'mt6758'],
  [0x0690, 'mt6763'],
  [0x0699, 'mt6739'],
  [0x0707, 'mt6768 mt6769'],
  [0x0717, 'mt6761 mt6762'],
  [0x0725, 'mt6779'],
  [0x0766, 'mt6765 mt6762'],
  [0x0788, 'mt6771 mt8183'],
  [0x0813, 'mt6785'],
  [0x0816, 'mt6885 mt6889 mt6883'],
  [0x0886, 'mt6873'],
  [0x0907, 'mt6983'],
  [0x0950, 'mt6893 mt6891'],
  [0x0959, 'mt6877'],
  [0x0989, 'mt6833'],
  [0x0996, 'mt6853'],
  [0x1066, 'mt6781'],
  [0x1129, 'mt6855'],
  [0x1172, 'mt6895'],
  [0x1203, 'mt6897'],
  [0x1208, 'mt6789'],
  [0x1209, 'mt6835'],
  [0x1229, 'mt6886'],
  [0x1236, 'mt6989'],
  [0x1296, 'mt6985'],
  [0x1375, 'mt6878'],
  [0x1471, 'mt6993'],
  [0x6572, 'mt6572'],
  [0x6573, 'mt6573'],
  [0x6575, 'mt6575'],
  [0x6577, 'mt6577'],
  [0x6580, 'mt6580'],
  [0x6582, 'mt6582'],
  [0x6583, 'mt6589'],
  [0x6592, 'mt6592'],
  [0x6595, 'mt6595'],
  [0x6752, 'mt6752'],
  [0x6795, 'mt6795'],
  [0x8127, 'mt8127'],
  [0x8135, 'mt8135'],
  [0x8163, 'mt8163'],
  [0x8167, 'mt8167'],
  [0x8168, 'mt8168'],
  [0x8172, 'mt8173'],
  [0x8176, 'mt8176'],
];

/** The 24 bits of MSM_HW_ID that name the chip. */
const QUALCOMM: readonly Row[] = [
  [0x9600e1, 'msm8909'],
  [0x9680e1, 'apq8009 msm8909'],
  [0x7050e1, 'msm8916'],
  [0x7060e1, 'apq8016 msm8916'],
  [0x0560e1, 'msm8917'],
  [0x0860e1, 'msm8920'],
  [0x91b0e1, 'msm8929'],
  [0x04f0e1, 'msm8937'],
  [0x90b0e1, 'msm8939'],
  [0x06b0e1, 'msm8940'],
  [0x9720e1, 'msm8952'],
  [0x0460e1, 'msm8953'],
  [0x0660e1, 'apq8053 msm8953'],
  [0x9b00e1, 'msm8956'],
  [0x9900e1, 'msm8976'],
  [0x9690e1, 'msm8992'],
  [0x9400e1, 'msm8994'],
  [0x9470e1, 'msm8996'],
  [0x05f0e1, 'msm8996pro msm8996'],
  [0x05e0e1, 'msm8998'],
  [0x0620e1, 'apq8098 msm8998'],
  [0x6220e1, 'msm7227a msm7x27a'],
  [0x7190e1, 'apq8064'],
  [0x7210e1, 'msm8930'],
  [0x72c0e1, 'msm8960'],
  [0x8110e1, 'msm8210 msm8610'],
  [0x8140e1, 'msm8212 msm8610'],
  [0x8120e1, 'msm8610'],
  [0x8150e1, 'msm8612 msm8610'],
  [0x8010e1, 'msm8626 msm8226'],
  [0x8050e1, 'msm8926 msm8226'],
  [0x9180e1, 'msm8928 msm8226'],
  [0x9000e1, 'apq8084'],
  [0x9010e1, 'apq8084'],
  [0x7b00e1, 'msm8974'],
  [0x7b30e1, 'msm8974'],
  [0x7b40e1, 'msm8974ab msm8974'],
  [0x7b80e1, 'msm8974pro msm8974'],
  [0x7bc0e1, 'msm8974ab msm8974'],
  [0x6b10e1, 'msm8974ac msm8974'],
  [0x1060e1, 'qm215'],
  [0x0be0e1, 'sdm429'],
  [0x0bf0e1, 'sdm439'],
  [0x09a0e1, 'sdm450 msm8953'],
  [0x0ac0e1, 'sdm630'],
  [0x0ba0e1, 'sdm632'],
  [0x0cc0e1, 'sdm636'],
  [0x08c0e1, 'sdm660'],
  [0x0910e1, 'sdm670'],
  [0x0db0e1, 'sdm710'],
  [0x08b0e1, 'sdm845'],
  [0x0950e1, 'sm6150'],
  [0x0e60e1, 'sm7150'],
  [0x0a50e1, 'sm8150 msmnile'],
  [0x0c30e1, 'sm8250 kona'],
  [0x0ce0e1, 'sm8250 kona'],
  [0x11e0e1, 'sm7250 lito'],
  [0x12a0e1, 'sm7125'],
  [0x1350e1, 'sm8350 lahaina'],
  [0x1420e1, 'sm8350 lahaina'],
  [0x13f0e1, 'sm6350 lagoon'],
  [0x14d0e1, 'sm6115 bengal'],
  [0x1b80e1, 'sm6225 khaje'],
  [0x1590e1, 'sm7350'],
  [0x1920e1, 'sm7325 yupik'],
];

/** OEM_ID of the fuses, and whose brands use it. 0: nobody fused it. */
const OEMS: readonly (readonly [id: number, brands: readonly string[]])[] = [
  [0x0001, ['sony']],
  [0x0004, ['zte']],
  [0x0015, ['huawei', 'honor']],
  [0x0017, ['lenovo']],
  [0x0020, ['samsung']],
  [0x0029, ['asus']],
  [0x0031, ['lge', 'lg']],
  [0x0035, ['nokia']],
  [0x0042, ['alcatel', 'tcl']],
  [0x0045, ['nokia']],
  [0x0048, ['coolpad', 'yulong']],
  [0x0051, ['oppo', 'oneplus', 'realme']],
  [0x0072, ['xiaomi', 'redmi', 'poco']],
  [0x0073, ['vivo', 'iqoo']],
  [0x0168, ['motorola']],
  [0x02e8, ['lenovo', 'motorola']],
];

/** Root keys whose private half is in everybody's hands, or that stand in unfused chips: such a chip starts what anybody signs. */
const TEST_KEY_HASHES: readonly string[] = [
  'afca69d4235117e5bfc21467068b20df85e0115d7413d5821883a6d244961581',
  'd40eee56f3194665574109a39267724ae7944134cd53cb767e293d3c40497955bc8a4519ff992b031fadc6355015ac87',
  'cc3153a80293939b90d02d3bf8b23e0292e452fef662c74998421adad42a380f',
  '7be49b72f9e4337223ccb84d6eccca4e61ce16e3602ac2008cb18b75babe6d09',
  '36c886068d9a6634e9c55185044344e9e756dcc3b5960874942c7a1a1550dee0',
];

function named(vendor: SocVendor, rows: readonly Row[], id: number, socs: readonly Soc[]): NamedSoc {
  const platforms = rows.find(([known]) => known === id)?.[1].split(' ');
  // Whatever the number, only a chip of this maker speaks its protocol.
  if (platforms === undefined) return { vendor, name: undefined, socs: [] };
  const found = socs.filter(
    (soc) => soc.vendor === vendor && platforms.some((name) => soc.platforms.includes(name) || soc.id.toLowerCase() === name),
  );
  return { vendor, name: platforms[0], socs: found };
}

/** The chip of a MediaTek hw_code. */
export const mediatekChipOf = (hwCode: number, socs: readonly Soc[]): NamedSoc => named('mediatek', MEDIATEK, hwCode, socs);
/** The chip of a Qualcomm MSM id. */
export const qualcommChipOf = (msmId: number, socs: readonly Soc[]): NamedSoc => named('qualcomm', QUALCOMM, msmId, socs);
/** Brands, in lower case, of a fused OEM id; undefined where it is not known. */
export const brandsOfOem = (oemId: number): readonly string[] | undefined => OEMS.find(([id]) => id === oemId)?.[1];
/** Whether a fused key digest is none, or one of published test keys. */
export const isOpenKeyHash = (keyHash: string): boolean => /^0*$/.test(keyHash) || TEST_KEY_HASHES.includes(keyHash);
