/** Names of chips in the strings that phones print, to a vendor and, as far as the string says, to rows of the table. By pattern first: a chip that the table lacks is still its vendor's. */
import type { Soc, SocVendor } from '../types.ts';
import { familyOf } from './soc-rows.ts';

/** What a string says of the chip. */
export interface NamedSoc {
  readonly vendor: SocVendor;
  /** The word that names a chip, lower case, as in `msm8974`; undefined where the string names its vendor only. */
  readonly name: string | undefined;
  /** Rows that print this word; empty where the table has none. */
  readonly socs: readonly Soc[];
}

/** Words that are a chip's number, by vendor. The word is kept as far as the pattern goes. */
const NUMBERED: readonly (readonly [SocVendor, RegExp])[] = [
  ['qualcomm', /^(?:msm|apq|mdm)\d{4}[a-z]{0,5}(?:-?a[abc])?$/],
  [
    'qualcomm',
    /^msm7x\d{2}a?$|^msm8x\d{2}$|^msm7k$|^msmnile$|^qsd8k?\d{0,4}$|^(?:sdm|sda)\d{3}[a-z]{0,3}$|^sm[4-8]\d{3}(?:p|ac|ab|pro)?$|^(?:qcm|qcs|sg|sxr|sa)\d{4}p?$|^qm215$|^sw\d{4}$/,
  ],
  ['mediatek', /^mt[5689]\d{3}[a-z]{0,4}$/],
  [
    'samsung',
    /^(?:samsung)?exynos\d{3,5}[a-z]?$|^universal\d{3,4}[a-z]?$|^erd\d{3,4}$|^s5e\d{4}$|^s5pc110$|^s5pv\d{3}$|^smdk[a-z]?\w{2,5}$/,
  ],
  ['hisilicon', /^hi[36]\d{3}(?:oem|sft|v\d{3})?$|^kirin\d{3,4}[a-z]?$|^k3v2(?:oem1)?$/],
  ['unisoc', /^(?:sc|sp)(?:6|7|8|9)\d{3}[a-z]{0,2}$|^s9863a\w{0,6}$|^ums\d{3,4}[a-z]?$|^ud710\w{0,5}$|^scx15$|^uis\d{4}[a-z]?$/],
  ['google', /^gs[12345]01$/],
  ['nvidia', /^tegra\w{0,12}$/],
  ['rockchip', /^rk\d{2}(?:\d{2}|xx|x\d|\dx)[a-z]{0,2}$|^rk30(?:sdk|board)$/],
  ['allwinner', /^sun\d{1,2}i(?:w\d{1,2}(?:p\d{1,2})?)?$/],
  ['marvell', /^pxa\d{3,4}(?:dkb)?$/],
  ['leadcore', /^lc1\d{3}[a-z]?$/],
  ['actions', /^atm70\d[\dx][a-z]?$|^gs70\d[a-z]$/],
  ['texas-instruments', /^omap\d{1,4}\w{0,2}$/],
  ['st-ericsson', /^(?:db|u)8[45]\d{2}$/],
  ['broadcom', /^bcm\d{4,5}$/],
  ['amlogic', /^meson\w{0,4}$|^aml\w{2,8}$|^gx(?:l|bb|tvbb|m)$/],
  ['nxp', /^imx\d\w{0,3}$/],
  ['intel', /^z[23]\d{3}[a-z]?$/],
];

/** Words that name a platform by a code name, or a vendor by itself. */
const WORDS: ReadonlyMap<string, SocVendor> = new Map([
  ...words(
    'qualcomm',
    'qcom qti qct qualcomm snapdragon adreno bengal khaje trinket lito lagoon kona lahaina yupik shima taro diwali cape waipio ukee kalama pineapple cliffs sun canoe holi blair parrot ravelin monaco volcano crow atoll talos sdmmagpie sdmshrike sdmsteppe scuba saipan bitra anorak niobe neo',
  ),
  ...words('mediatek', 'mediatek mtk helio dimensity kompanio'),
  ...words('samsung', 'exynos exynos3 exynos4 exynos5 exynos7 exynos9 manta herring aries samsungexynos slsi'),
  ...words('hisilicon', 'hisilicon kirin hisi balong'),
  ...words('unisoc', 'unisoc spreadtrum sprd tiger'),
  ...words('google', 'zuma zumapro laguna whitechapel slider cloudripper ripcurrent tensor'),
  ...words('nvidia', 'nvidia ventana cardhu macallan'),
  ...words(
    'intel',
    'intel baytrail cherrytrail cht cht_cr_mrd gmin moorefield merrifield clovertrail medfield redhookbay mofd_v1 mrfld sofia sofia3g sofia3gr byt_t_ffrd8',
  ),
  ...words('rockchip', 'rockchip'),
  ...words('allwinner', 'allwinner polaris astar octopus nuclear ceres'),
  ...words('marvell', 'marvell mrvl'),
  ...words('xiaomi', 'song pinecone xring'),
  ...words('leadcore', 'leadcore leadcoreinnopower innopower'),
  ...words('texas-instruments', 'tuna'),
  ...words('broadcom', 'broadcom rhea hawaii capri'),
  ...words('st-ericsson', 'montblanc novathor'),
  ...words('amlogic', 'amlogic'),
]);

function words(vendor: SocVendor, text: string): readonly (readonly [string, SocVendor])[] {
  return text.split(' ').map((word) => [word, vendor] as const);
}

/** No string that names a chip is longer. */
const TEXT_MAX = 400;

/** What a string says of the chip, or undefined where it says nothing. A number says more than a code name, a code name more than a vendor. */
export function namedSoc(text: string, socs: readonly Soc[]): NamedSoc | undefined {
  const lower = text.slice(0, TEXT_MAX).toLowerCase().trim();
  // `MSM 8974`, `APQ 8084`, `Exynos 7420`, `Kirin 970`: the number stands apart.
  const joined = lower.replace(/\b(msm|apq|exynos|kirin|tegra|mt|sm|sdm|omap|bcm)[ _-](?=\d)/g, '$1');
  const tokens = [...new Set(joined.split(/[^a-z0-9_-]+/).flatMap((token) => [token, ...token.split(/[-_]/)]))].filter((t) => t !== '');
  let vendorOnly: NamedSoc | undefined;
  let coded: NamedSoc | undefined;
  for (const token of tokens) {
    const numbered = NUMBERED.find(([, pattern]) => pattern.test(token));
    if (numbered !== undefined) {
      const found = rowsOf(token, numbered[0], socs);
      return { vendor: numbered[0], name: token, socs: found };
    }
    const vendor = WORDS.get(token);
    if (vendor === undefined) continue;
    const found = rowsOf(token, vendor, socs);
    if (found.length > 0) coded ??= { vendor, name: token, socs: found };
    else vendorOnly ??= { vendor, name: undefined, socs: [] };
  }
  return coded ?? byMarketingName(lower, socs) ?? vendorOnly;
}

/** Rows that print this word: by its whole, then without the letters that tell packages and speeds apart (`mt6737m`, `sdm845`, `samsungexynos7420`). */
function rowsOf(token: string, vendor: SocVendor, socs: readonly Soc[]): readonly Soc[] {
  const ofVendor = socs.filter((soc) => soc.vendor === vendor);
  const word = token.replace(/^samsungexynos|^universal(?=\d)/, 'exynos');
  const exact = ofVendor.filter((soc) => soc.id.toLowerCase() === word || soc.platforms.includes(word));
  if (exact.length > 0) return exact;
  const digits = /^[a-z]{1,6}\d{3,5}/.exec(word)?.[0];
  return digits === undefined || digits === word
    ? []
    : ofVendor.filter((soc) => soc.platforms.includes(digits) || soc.id.toLowerCase() === digits);
}

function byMarketingName(lower: string, socs: readonly Soc[]): NamedSoc | undefined {
  const found = socs.filter((soc) => soc.names.some((name) => standsIn(name.toLowerCase(), lower)));
  const [first] = found;
  return first === undefined ? undefined : { vendor: first.vendor, name: familyOf(first), socs: found };
}

/** Whether a name stands in a text as words of their own: `Helio G9` does not stand in `Helio G90`, nor `7 Gen 1` in `7+ Gen 1`. */
function standsIn(name: string, text: string): boolean {
  const at = text.indexOf(name);
  if (at < 0) return false;
  return !/[a-z0-9]/.test(text[at - 1] ?? '') && !/[a-z0-9+]/.test(text[at + name.length] ?? '');
}
