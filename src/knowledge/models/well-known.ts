/** Phones by the model codes that they print, where one name was sold with several chips. Codes as in the recordings (pytorch/cpuinfo@d6108819) and as their makers sold them. */
import type { Model } from '../types.ts';
import { type ModelLine, modelOf } from './build.ts';

const SOURCES = [
  'recordings of phones in pytorch/cpuinfo@d6108819 test/mock (model code, device, chip)',
  "maker's published specification, from general knowledge; not checked line by line",
];

type SamsungLine = readonly [
  names: string,
  launch: string,
  attests: boolean,
  skus: readonly (readonly [codes: string, soc: string, memory: readonly number[], storage: readonly number[]])[],
];

/** Samsung prints a code whose last letters are the market; the codes here are without them. */
const samsung: readonly SamsungLine[] = [
  [
    'Galaxy S3',
    '4.0',
    false,
    [
      ['GT-I9300', 'EXYNOS4412', [1], [16, 32, 64]],
      ['GT-I9305', 'EXYNOS4412', [2], [16, 32]],
      ['SGH-I747|SAMSUNG-SGH-I747|SGH-T999|SCH-I535', 'MSM8960', [2], [16, 32]],
    ],
  ],
  [
    'Galaxy S4',
    '4.2',
    false,
    [
      ['GT-I9500', 'EXYNOS5410', [2], [16, 32, 64]],
      ['GT-I9505|SGH-I337|SAMSUNG-SGH-I337|SGH-M919|SCH-I545', 'APQ8064', [2], [16, 32]],
      ['GT-I9506', 'MSM8974', [2], [16, 32]],
    ],
  ],
  [
    'Galaxy S5',
    '4.4',
    false,
    [
      ['SM-G900H', 'EXYNOS5422', [2], [16, 32]],
      ['SM-G900|SAMSUNG-SM-G900A', 'MSM8974AC', [2], [16, 32]],
    ],
  ],
  ['Galaxy S6', '5.0', false, [['SM-G920|SAMSUNG-SM-G920A', 'EXYNOS7420', [3], [32, 64, 128]]]],
  ['Galaxy S6 edge', '5.0', false, [['SM-G925|SAMSUNG-SM-G925A', 'EXYNOS7420', [3], [32, 64, 128]]]],
  [
    'Galaxy S7',
    '6.0',
    false,
    [
      ['SM-G930|SM-G930F', 'EXYNOS8890', [4], [32, 64]],
      ['SM-G930A|SAMSUNG-SM-G930A|SM-G930T|SM-G930V|SM-G930U|SM-G930P|SM-G9300', 'MSM8996', [4], [32, 64]],
    ],
  ],
  [
    'Galaxy S8',
    '7.0',
    false,
    [
      ['SM-G950F|SM-G950N', 'EXYNOS8895', [4], [64]],
      ['SM-G950U|SM-G950U1|SM-G9500|SM-G950W', 'MSM8998', [4], [64]],
    ],
  ],
  [
    'Galaxy S9',
    '8.0',
    true,
    [
      ['SM-G960F|SM-G960N', 'EXYNOS9810', [4], [64, 128, 256]],
      ['SM-G960U|SM-G960U1|SM-G9600|SM-G960W', 'SDM845', [4], [64, 128, 256]],
    ],
  ],
  [
    'Galaxy S10',
    '9',
    true,
    [
      ['SM-G973F|SM-G973N', 'EXYNOS9820', [8], [128, 512]],
      ['SM-G973U|SM-G973U1|SM-G9730|SM-G973W', 'SM8150', [8], [128, 512]],
    ],
  ],
  [
    'Galaxy S20',
    '10',
    true,
    [
      ['SM-G980F|SM-G981B|SM-G981N', 'EXYNOS990', [8, 12], [128]],
      ['SM-G981U|SM-G981U1|SM-G9810|SM-G981W', 'SM8250', [8, 12], [128]],
    ],
  ],
  [
    'Galaxy S21',
    '11',
    true,
    [
      ['SM-G991B|SM-G991N', 'EXYNOS2100', [8], [128, 256]],
      ['SM-G991U|SM-G991U1|SM-G9910|SM-G991W', 'SM8350', [8], [128, 256]],
    ],
  ],
  [
    'Galaxy S22',
    '12',
    true,
    [
      ['SM-S901B', 'EXYNOS2200', [8], [128, 256]],
      ['SM-S901U|SM-S901U1|SM-S9010|SM-S901W|SM-S901N|SM-S901E', 'SM8450', [8], [128, 256]],
    ],
  ],
  [
    'Galaxy S22 Ultra',
    '12',
    true,
    [
      ['SM-S908B', 'EXYNOS2200', [8, 12], [128, 256, 512, 1024]],
      ['SM-S908U|SM-S908U1|SM-S9080|SM-S908W|SM-S908N|SM-S908E', 'SM8450', [8, 12], [128, 256, 512, 1024]],
    ],
  ],
  ['Galaxy S23', '13', true, [['SM-S911', 'SM8550', [8], [128, 256]]]],
  ['Galaxy S23+', '13', true, [['SM-S916', 'SM8550', [8], [256, 512]]]],
  ['Galaxy S23 Ultra', '13', true, [['SM-S918', 'SM8550', [8, 12], [256, 512, 1024]]]],
  [
    'Galaxy S24',
    '14',
    true,
    [
      ['SM-S921B|SM-S921N', 'EXYNOS2400', [8], [128, 256]],
      ['SM-S921U|SM-S921U1|SM-S9210|SM-S921W', 'SM8650', [8], [128, 256]],
    ],
  ],
  ['Galaxy S24 Ultra', '14', true, [['SM-S928', 'SM8650', [12], [256, 512, 1024]]]],
  ['Galaxy S25 Ultra', '15', true, [['SM-S938', 'SM8750', [12, 16], [256, 512, 1024]]]],
  ['Galaxy A8', '6.0', false, [['SM-A8000', 'MSM8939', [2], [16, 32]]]],
];

const others: readonly ModelLine[] = [
  ['Google', 'Pixel', 'Pixel', 'sailfish', 'MSM8996PRO', [4], [32, 128], '7.1', true],
  ['Google', 'Pixel XL', 'Pixel XL', 'marlin', 'MSM8996PRO', [4], [32, 128], '7.1', true],
  ['Google', 'Pixel 8', 'Pixel 8', 'shiba', 'ZUMA', [8], [128, 256], '14', true],
  ['Google', 'Nexus 5X', 'Nexus 5X', 'bullhead', 'MSM8992', [2], [16, 32], '6.0', false],
  ['Google', 'Nexus 6', 'Nexus 6', 'shamu', 'APQ8084', [3], [32, 64], '5.0', false],
  ['Google', 'Nexus 4', 'Nexus 4', 'mako', 'APQ8064', [2], [8, 16], '4.2', false],
  ['Google', 'Nexus 5', 'Nexus 5', 'hammerhead', 'MSM8974', [2], [16, 32], '4.4', false],
  ['HUAWEI', 'Mate 8', 'HUAWEI NXT-L09|HUAWEI NXT-L29|HUAWEI NXT-AL10', 'HWNXT', 'KIRIN950', [3, 4], [32, 64, 128], '6.0', false],
  ['HUAWEI', 'Mate 9', 'MHA-L29|MHA-L09|MHA-AL00', 'HWMHA', 'KIRIN960', [4, 6], [64, 128], '7.0', false],
  ['HUAWEI', 'Mate 10', 'ALP-L29|ALP-L09|ALP-AL00', 'HWALP', 'KIRIN970', [4, 6], [64, 128], '8.0', true],
  ['HUAWEI', 'P20 Pro', 'CLT-L29|CLT-L09|CLT-AL00', 'HWCLT', 'KIRIN970', [6], [128], '8.1', true],
  ['HUAWEI', 'P8 Lite', 'ALE-L21|ALE-L23|ALE-L02', 'hwALE-H hi6210sft', 'KIRIN620', [2], [16], '5.0', false],
  [
    'OnePlus',
    'OnePlus 3T',
    'ONEPLUS A3000|ONEPLUS A3003|ONEPLUS A3010',
    'OnePlus3T OnePlus3',
    'MSM8996PRO MSM8996',
    [6],
    [64, 128],
    '6.0',
    false,
  ],
  ['OnePlus', 'OnePlus 5', 'ONEPLUS A5000', 'OnePlus5', 'MSM8998', [6, 8], [64, 128], '7.1', false],
  ['motorola', 'edge 20', 'motorola edge 20', 'berlin', 'SM7325', [6, 8], [128, 256], '11', true],
].map(
  ([brand, name, models, devices, socs, memory, storage, launchAndroid, attests]): ModelLine => ({
    // The rows above are tuples of these types in this order; the compiler sees only their union.
    brand: brand as string,
    names: [name as string, `${brand as string} ${name as string}`],
    skus: [
      {
        models: models as string,
        devices: devices as string,
        socs: socs as string,
        memory: memory as number[],
        storage: storage as number[],
      },
    ],
    launchAndroid: launchAndroid as string,
    attests: attests as boolean,
  }),
);

export const wellKnownModels: readonly Model[] = [
  ...samsung.map(([name, launchAndroid, attests, skus]) =>
    modelOf(
      {
        brand: 'samsung',
        names: [name, `Samsung ${name}`],
        skus: skus.map(([models, socs, memory, storage]) => ({ models, devices: '', socs, memory, storage })),
        launchAndroid,
        attests,
      },
      SOURCES,
    ),
  ),
  ...others.map((line) => modelOf(line, SOURCES)),
];
