/** Samsung Exynos and Google Tensor, which descends from it. Counters: 24 MHz to 7420, 26 MHz from 7570 to 990, 25.6 MHz from 2200 (hrw/arm-socs-table), 24.576 MHz Tensor. */
import type { Soc } from '../types.ts';
import { CATALOGUE, DUMPS, PUBLISHED, RECORDINGS, type SocRow, socRows } from './soc-rows.ts';

const sources = [RECORDINGS, CATALOGUE, DUMPS, PUBLISHED];

const old: readonly SocRow[] = [
  ['S5PC110', 's5pc110 s5pv210 herring aries', 'Exynos 3110, Hummingbird', '1 Cortex-A8 1000', 'PowerVR SGX540'],
  ['EXYNOS4210', 'exynos4210 exynos4 smdkc210 smdkv310', 'Exynos 4 Dual', '2 Cortex-A9 1400', 'Mali-400'],
  ['EXYNOS4212', 'exynos4212 exynos4', 'Exynos 4 Dual', '2 Cortex-A9 1500', 'Mali-400'],
  ['EXYNOS4412', 'exynos4412 exynos4 smdk4x12', 'Exynos 4 Quad', '4 Cortex-A9 1600', 'Mali-400'],
  ['EXYNOS4415', 'exynos4415 exynos4', '', '4 Cortex-A9 1500', 'Mali-400'],
];
const with24: readonly SocRow[] = [
  ['EXYNOS3470', 'exynos3470 exynos3', '', '4 Cortex-A7 1400', 'Mali-400'],
  ['EXYNOS3475', 'exynos3475 exynos3', '', '4 Cortex-A7 1300', 'Mali-T720'],
  ['EXYNOS5250', 'exynos5250 exynos5 manta', 'Exynos 5 Dual', '2 Cortex-A15 1700', 'Mali-T604'],
  ['EXYNOS5260', 'exynos5260 exynos5', 'Exynos 5 Hexa', '4 Cortex-A7 1300+2 Cortex-A15 1700', 'Mali-T624'],
  ['EXYNOS5410', 'exynos5410 exynos5', 'Exynos 5 Octa', '4 Cortex-A7 1200+4 Cortex-A15 1600', 'PowerVR SGX544'],
  ['EXYNOS5420', 'exynos5420 exynos5', 'Exynos 5 Octa', '4 Cortex-A7 1300+4 Cortex-A15 1900', 'Mali-T628'],
  ['EXYNOS5422', 'exynos5422 exynos5', 'Exynos 5 Octa', '4 Cortex-A7 1300+4 Cortex-A15 1900', 'Mali-T628'],
  ['EXYNOS5430', 'exynos5430 exynos5', 'Exynos 5 Octa', '4 Cortex-A7 1300+4 Cortex-A15 1800', 'Mali-T628'],
  ['EXYNOS5433', 'exynos5433 exynos5', 'Exynos 7 Octa', '4 Cortex-A53 1300+4 Cortex-A57 1900', 'Mali-T760'],
  ['EXYNOS7420', 'exynos7420 exynos5', 'Exynos 7 Octa', '4 Cortex-A53 1500+4 Cortex-A57 2100', 'Mali-T760'],
];
const with26: readonly SocRow[] = [
  ['EXYNOS7570', 'exynos7570 exynos5', 'Exynos 7 Quad', '4 Cortex-A53 1400', 'Mali-T720'],
  ['EXYNOS7580', 'exynos7580 exynos5 exynos7578', 'Exynos 7 Octa', '8 Cortex-A53 1600', 'Mali-T720'],
  ['EXYNOS7870', 'exynos7870 exynos5', 'Exynos 7 Octa', '8 Cortex-A53 1586', 'Mali-T830'],
  ['EXYNOS7872', 'exynos7872', 'Exynos 5 Series', '4 Cortex-A53 1600+2 Cortex-A73 2000', 'Mali-G71'],
  ['EXYNOS7880', 'exynos7880 exynos5', 'Exynos 7 Octa', '8 Cortex-A53 1900', 'Mali-T830'],
  ['EXYNOS7884', 'exynos7884 exynos7884a exynos7884b exynos7885', '', '6 Cortex-A53 1600+2 Cortex-A73 1600', 'Mali-G71'],
  ['EXYNOS7885', 'exynos7885 exynos5', 'Exynos 7 Octa', '6 Cortex-A53 1586+2 Cortex-A73 2184', 'Mali-G71'],
  ['EXYNOS7904', 'exynos7904', '', '6 Cortex-A53 1600+2 Cortex-A73 1800', 'Mali-G71'],
  ['EXYNOS850', 'exynos850 s5e3830 exynos3830 erd3830', 'Exynos 850', '8 Cortex-A55 2002', 'Mali-G52'],
  ['EXYNOS880', 'exynos880 s5e8805 exynos8805', 'Exynos 880', '6 Cortex-A55 1800+2 Cortex-A77 2000', 'Mali-G76'],
  ['EXYNOS8890', 'exynos8890 exynos5', 'Exynos 8 Octa', '4 Cortex-A53 1586+4 Exynos-M1 2600', 'Mali-T880'],
  ['EXYNOS8895', 'exynos8895 exynos5', 'Exynos 9 Series', '4 Cortex-A53 1690+4 Exynos-M1 2314', 'Mali-G71'],
  ['EXYNOS9609', 'exynos9609', '', '4 Cortex-A53 1600+4 Cortex-A73 2200', 'Mali-G72'],
  ['EXYNOS9610', 'exynos9610', '', '4 Cortex-A53 1700+4 Cortex-A73 2300', 'Mali-G72'],
  ['EXYNOS9611', 'exynos9611', '', '4 Cortex-A53 1700+4 Cortex-A73 2300', 'Mali-G72'],
  ['EXYNOS980', 'exynos980 exynos9630', 'Exynos 980', '6 Cortex-A55 1800+2 Cortex-A77 2200', 'Mali-G76'],
  ['EXYNOS9810', 'exynos9810 exynos5', 'Exynos 9 Series', '4 Cortex-A55 1794+4 Exynos-M3 2704', 'Mali-G72'],
  ['EXYNOS9820', 'exynos9820', 'Exynos 9 Series', '4 Cortex-A55 1950+2 Cortex-A75 2310+2 Exynos-M4 2730', 'Mali-G76'],
  ['EXYNOS9825', 'exynos9825', 'Exynos 9 Series', '4 Cortex-A55 1950+2 Cortex-A75 2400+2 Exynos-M4 2730', 'Mali-G76'],
  ['EXYNOS990', 'exynos990 exynos9830', 'Exynos 990', '4 Cortex-A55 2002+2 Cortex-A76 2504+2 Exynos-M5 2730', 'Mali-G77'],
  ['EXYNOS1080', 'exynos1080 exynos9815 s5e9815', 'Exynos 1080', '4 Cortex-A55 2000+4 Cortex-A78 2800', 'Mali-G78'],
];
const unmeasured: readonly SocRow[] = [
  ['EXYNOS1280', 'exynos1280 s5e8825', 'Exynos 1280', '6 Cortex-A55 2002+2 Cortex-A78 2400', 'Mali-G68'],
  ['EXYNOS1330', 'exynos1330 s5e8535', 'Exynos 1330', '6 Cortex-A55 2002+2 Cortex-A78 2400', 'Mali-G68'],
  ['EXYNOS1380', 'exynos1380 s5e8835', 'Exynos 1380', '4 Cortex-A55 2002+4 Cortex-A78 2400', 'Mali-G68'],
  ['EXYNOS1480', 'exynos1480 s5e8845', 'Exynos 1480', '4 Cortex-A55 2050+4 Cortex-A78 2750', 'Xclipse 530'],
  ['EXYNOS1580', 'exynos1580 s5e8855', 'Exynos 1580', '4 Cortex-A520 1950+4 Cortex-A720 2900', 'Xclipse 540'],
  ['EXYNOS2100', 'exynos2100 exynos9840', 'Exynos 2100', '4 Cortex-A55 2210+3 Cortex-A78 2810+1 Cortex-X1 2910', 'Mali-G78'],
];
const with256: readonly SocRow[] = [
  ['EXYNOS2200', 'exynos2200 s5e9925', 'Exynos 2200', '4 Cortex-A510 1820+3 Cortex-A710 2520+1 Cortex-X2 2800', 'Xclipse 920'],
  ['EXYNOS2400', 'exynos2400 s5e9945', 'Exynos 2400', '4 Cortex-A520 1950+5 Cortex-A720 2900+1 Cortex-X4 3210', 'Xclipse 940'],
  ['EXYNOS2500', 'exynos2500 s5e9955', 'Exynos 2500', '2 Cortex-A520 1800+7 Cortex-A725 2750+1 Cortex-X925 3300', 'Xclipse 950'],
];
const tensor: readonly SocRow[] = [
  ['GS101', 'gs101 whitechapel slider', 'Tensor', '4 Cortex-A55 1803+2 Cortex-A76 2253+2 Cortex-X1 2802', 'Mali-G78'],
  ['GS201', 'gs201 cloudripper', 'Tensor G2', '4 Cortex-A55 1803+2 Cortex-A78 2348+2 Cortex-X1 2850', 'Mali-G710'],
  ['ZUMA', 'zuma ripcurrent', 'Tensor G3', '4 Cortex-A510 1704+4 Cortex-A715 2367+1 Cortex-X3 2914', 'Mali-G715'],
  ['ZUMAPRO', 'zumapro', 'Tensor G4', '4 Cortex-A520 1950+3 Cortex-A720 2600+1 Cortex-X4 3105', 'Mali-G715'],
  ['LAGUNA', 'laguna', 'Tensor G5', '2 Cortex-A520 2250+5 Cortex-A725 3050+1 Cortex-X4 3780', 'DXT-48-1536'],
];

export const samsungSocs: readonly Soc[] = [
  ...socRows(old, { vendor: 'samsung', counterHertz: undefined, sources }),
  ...socRows(with24, { vendor: 'samsung', counterHertz: 24_000_000, sources }),
  ...socRows(with26, { vendor: 'samsung', counterHertz: 26_000_000, sources }),
  ...socRows(unmeasured, { vendor: 'samsung', counterHertz: undefined, sources }),
  ...socRows(with256, {
    vendor: 'samsung',
    counterHertz: 25_600_000,
    sources: [...sources, 'hrw/arm-socs-table cpuinfo-data/exynos-2400 (BogoMIPS)'],
  }),
];

export const googleSocs: readonly Soc[] = socRows(tensor, { vendor: 'google', counterHertz: 24_576_000, sources });
