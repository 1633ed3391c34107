/** HiSilicon. Counter 1.92 MHz (seven recorded phones), 1.2 MHz on Kirin 620 (hrw/arm-socs-table). */
import type { Soc } from '../types.ts';
import { CATALOGUE, PUBLISHED, RECORDINGS, type SocRow, socRows } from './soc-rows.ts';

const sources = [RECORDINGS, CATALOGUE, PUBLISHED];

const early: readonly SocRow[] = [
  ['HI3620', 'hi3620 k3v2', 'K3V2', '4 Cortex-A9 1500', 'Vivante GC4000'],
  ['KIRIN910', 'hi6620 hi6620oem kirin910 k3v2oem1', 'Kirin 910', '4 Cortex-A9 1795', 'Mali-450'],
  ['KIRIN920', 'hi3630 kirin920 kirin925 kirin928', 'Kirin 920, Kirin 925', '4 Cortex-A7 1305+4 Cortex-A15 1805', 'Mali-T628'],
  ['KIRIN930', 'hi3635 kirin930 kirin935', 'Kirin 930, Kirin 935', '4 Cortex-A53 1516+4 Cortex-A53 2200', 'Mali-T628'],
];
const k620: readonly SocRow[] = [['KIRIN620', 'hi6210sft hi6220 kirin620', 'Kirin 620', '8 Cortex-A53 1200', 'Mali-450']];
const rows: readonly SocRow[] = [
  [
    'KIRIN650',
    'hi6250 kirin650 kirin655 kirin658 kirin659',
    'Kirin 650, Kirin 655, Kirin 658, Kirin 659',
    '4 Cortex-A53 1709+4 Cortex-A53 2362',
    'Mali-T830',
  ],
  ['KIRIN710', 'kirin710 kirin710a kirin710f hi6260', 'Kirin 710', '4 Cortex-A53 1709+4 Cortex-A73 2189', 'Mali-G51'],
  ['KIRIN810', 'kirin810 hi6280', 'Kirin 810', '6 Cortex-A55 1882+2 TaiShan-A76 2270', 'Mali-G52'],
  ['KIRIN820', 'kirin820', 'Kirin 820', '4 Cortex-A55 1840+4 TaiShan-A76 2360', 'Mali-G57'],
  ['KIRIN950', 'hi3650 kirin950 kirin955', 'Kirin 950, Kirin 955', '4 Cortex-A53 1805+4 Cortex-A72 2304', 'Mali-T880'],
  ['KIRIN960', 'hi3660 kirin960', 'Kirin 960', '4 Cortex-A53 1844+4 Cortex-A73 2362', 'Mali-G71'],
  ['KIRIN970', 'kirin970 hi3670', 'Kirin 970', '4 Cortex-A53 1844+4 Cortex-A73 2362', 'Mali-G72'],
  ['KIRIN980', 'kirin980 hi3680', 'Kirin 980', '4 Cortex-A55 1805+4 TaiShan-A76 2600', 'Mali-G76'],
  ['KIRIN985', 'kirin985', 'Kirin 985', '4 Cortex-A55 1840+4 TaiShan-A76 2580', 'Mali-G77'],
  ['KIRIN990', 'kirin990 hi3690', 'Kirin 990', '4 Cortex-A55 1950+4 TaiShan-A76 2860', 'Mali-G76'],
  ['KIRIN9000', 'kirin9000 kirin9000e', 'Kirin 9000', '4 Cortex-A55 2045+4 Cortex-A77 3130', 'Mali-G78'],
  ['KIRIN9000S', 'kirin9000s kirin9010 kirin9020', 'Kirin 9000S', '4 Cortex-A510 1530+4 TaiShan-V120 2620', 'Maleoon 910'],
];

export const hisiliconSocs: readonly Soc[] = [
  ...socRows(early, { vendor: 'hisilicon', counterHertz: undefined, sources }),
  ...socRows(k620, { vendor: 'hisilicon', counterHertz: 1_200_000, sources }),
  ...socRows(rows, { vendor: 'hisilicon', counterHertz: 1_920_000, sources }),
];
