import type { SocVendor } from '../../knowledge/index.ts';

/**
 * Words in names of drivers, interrupts, modules, HALs, partitions and processes that belong to one maker's chips.
 * Left out on purpose: modems, radios and codecs, which are bought from others (Qualcomm modems and Wi-Fi stand beside Exynos and Tensor, Samsung's power chips in Tensor).
 */
const WORDS: readonly (readonly [SocVendor, RegExp])[] = [
  [
    'qualcomm',
    /kgsl|\bmsm[_-]?(?:gpio|drm|vidc|serial|sdcc|thermal|otg|hsusb|cpufreq|dwc3)|\bmsm$|msm_tlmm|qpnp|\bpm8[0-9]{3}|pmi8\d{3}|qcom[,_-]|\bqcom\b|smp2p|apps_rsc|mdss|qseecom|vendor\.qti\.|\bqti\b/i,
  ],
  ['mediatek', /\bmtk|mediatek|\bmt[68]\d{3}|\bmt-(?:cpufreq|i2c|wdt|spi|msdc)|ccci|mtkfb|pmic_wrap|pwrap|vendor\.mediatek/i],
  ['samsung', /exynos|\bs3c|\bs5p|\bmct_tick|mct_comp|\bs2mp[su]|decon\d?\b|\bs5pv|slsi/i],
  ['google', /\bgs[12]01|\bzuma|edgetpu|google[_,-]?gsa|\bs2mpg|\bgxp\b/i],
  ['hisilicon', /\bhisi|hisilicon|\bhi[36]\d{3}|kirin|balong|k3v2/i],
  ['unisoc', /\bsprd|unisoc|spreadtrum|\bsc27\d\d|ump9620|sprd_/i],
  ['nvidia', /tegra|nvhost|nvmap|nvidia/i],
  ['intel', /\bintel|\bsfi-cpufreq|\bi915|baytrail|cherryview|pmic_ccsm|\bmsic|acpi-cpufreq/i],
  ['rockchip', /rockchip|\brk\d{3,4}|\brk_/i],
  ['allwinner', /sunxi|\bsun\d{1,2}i|allwinner/i],
  ['marvell', /\bpxa\d|\bmmp[-_]|marvell/i],
  ['texas-instruments', /\bomap|twl6|gpmc/i],
  ['xiaomi', /pinecone|\bxring/i],
  ['leadcore', /leadcore|\blc18/i],
  ['actions', /leopard_|\batm70|actions,/i],
  ['amlogic', /\bmeson|amlogic/i],
];

/** Names of partitions that one maker's boot chain reads. */
const PARTITIONS: readonly (readonly [SocVendor, RegExp])[] = [
  [
    'qualcomm',
    /^(?:xbl|abl|tz|rpm|sbl1|aboot|modemst[12]|fsg|hyp|devcfg|keymaster|cmnlib(?:64)?|aop|qupfw|uefisecapp|featenabler|apdp|msadp|multiimgoem)(?:_[ab])?$/i,
  ],
  [
    'mediatek',
    /^(?:preloader|lk2?|nvram|proinfo|protect[12f_s]*|seccfg|tee[12]|md1img|scp[12]?|sspm_?[12]?|spmfw|gz[12]?|nvcfg|para|secro|tinysys-.*|expdb)(?:_[ab])?$/i,
  ],
  [
    'unisoc',
    /^(?:prodnv|miscdata|l_(?:fixnv[12]|runtimenv[12]|modem|ldsp|gdsp|agdsp|cdsp|deltanv|warm)|nr_.*|wcnmodem|wcnfdl|trustos|sml|uboot_(?:a|b|log)|w_(?:fixnv|modem|gdsp).*|pm_sys|fbootlogo)(?:_[ab])?$/i,
  ],
  [
    'hisilicon',
    /^(?:xloader|fastboot|hisee_.*|vrl(?:_backup)?|oeminfo|modem_om|modemnvm_.*|fw_lpm3|trustfirmware|bl2_hisi|ptable|nvme|reserved\d+|teeos|splash2)$/i,
  ],
  ['samsung', /^(?:sboot|tzsw|ldfw|keystorage|bl1|epbl|el3_mon|cpefs)(?:_[ab])?$/i],
];

export interface WordCount {
  readonly vendor: SocVendor;
  /** Different names in which one of its words stood. */
  readonly names: readonly string[];
}

/** Whose words stand in the names, most first. */
export function vendorsOfNames(names: readonly string[], surface: string): readonly WordCount[] {
  const table = surface === 'partitions' ? PARTITIONS : WORDS;
  return table
    .map(([vendor, pattern]): WordCount => ({ vendor, names: [...new Set(names.filter((name) => pattern.test(name.slice(0, 200))))] }))
    .filter(({ names: found }) => found.length > 0)
    .toSorted((a, b) => b.names.length - a.names.length);
}

/** Keys of properties that one maker's platform code sets: what stays when somebody edits the values. */
const KEYS: readonly (readonly [SocVendor, RegExp])[] = [
  ['mediatek', /^(?:ro|persist|vendor)\.(?:vendor\.)?(?:mtk|mediatek)[._]/],
  [
    'qualcomm',
    /^(?:ro|persist)\.(?:vendor\.)?(?:qcom|qualcomm|qti|qc)\.|^(?:ro\.)?vendor\.qti\.|^persist\.vendor\.qti\.|^ro\.qcom|^ril\.qcril|^debug\.mdpcomp|^persist\.hwc\.mdpcomp/,
  ],
  ['unisoc', /^(?:ro|persist)\.(?:vendor\.)?(?:sprd|unisoc)\./],
  ['hisilicon', /^(?:ro|persist)\.(?:vendor\.)?(?:hisi|balong|connectivity\.chiptype$)/],
  ['samsung', /^(?:ro|persist)\.(?:vendor\.)?exynos\./],
];

/** Whose platform keys are set. */
export function vendorsOfKeys(keys: readonly string[]): readonly WordCount[] {
  return KEYS.map(
    ([vendor, pattern]): WordCount => ({ vendor, names: [...new Set(keys.filter((key) => pattern.test(key.slice(0, 200))))] }),
  )
    .filter(({ names }) => names.length > 0)
    .toSorted((a, b) => b.names.length - a.names.length);
}

/** Makers of chips as vendors of sensors: their hubs compute steps, rotation and motion, and MediaTek's framework names even bought ones after itself. Makers of phones are left out. */
const SENSOR_VENDORS: readonly (readonly [SocVendor, RegExp])[] = [
  ['qualcomm', /^(?:qti|qualcomm)\b/i],
  ['mediatek', /^(?:mtk|mediatek)\b/i],
  ['unisoc', /^(?:sprd|spreadtrum|unisoc)\b/i],
];

/** Whose sensors there are, most first. */
export function vendorsOfSensors(sensors: readonly { readonly name: string; readonly vendor: string }[]): readonly WordCount[] {
  return SENSOR_VENDORS.map(
    ([vendor, pattern]): WordCount => ({
      vendor,
      names: [...new Set(sensors.filter((sensor) => pattern.test(sensor.vendor.slice(0, 200).trim())).map(({ name }) => name))],
    }),
  )
    .filter(({ names }) => names.length > 0)
    .toSorted((a, b) => b.names.length - a.names.length);
}
