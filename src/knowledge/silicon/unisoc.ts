/** Unisoc, formerly Spreadtrum. Counter 26 MHz: the same as many an Exynos, so that it never tells the two apart. */
import type { Soc } from '../types.ts';
import { CATALOGUE, PUBLISHED, RECORDINGS, type SocRow, socRows } from './soc-rows.ts';

const sources = [RECORDINGS, CATALOGUE, PUBLISHED];

const early: readonly SocRow[] = [
  ['SC6820', 'sc6820 sc8810', '', '1 Cortex-A5 1000', 'Mali-400'],
  ['SC8825', 'sc8825 sc6825', '', '2 Cortex-A5 1200', 'Mali-400'],
  ['SC7715', 'sc7715 scx15 sc7715a', '', '1 Cortex-A7 1200', 'Mali-400'],
  ['SC7727S', 'sc7727s sc7727se sc8830', '', '4 Cortex-A7 1200', 'Mali-400'],
  ['SC7730S', 'sc7730s sc7730se sc7730 sc8830 sc8835', '', '4 Cortex-A7 1300', 'Mali-400'],
  ['SC7731', 'sc7731 sc7731g sc7731c sc8830', '', '4 Cortex-A7 1300', 'Mali-400'],
  ['SC9830', 'sc9830 sc9832 sc9830i sc9830a sc9832a sc8830', '', '4 Cortex-A7 1500', 'Mali-400'],
];
const rows: readonly SocRow[] = [
  ['SC9838A', 'sc9838 sc9838a sc9836', '', '4 Cortex-A53 1500', 'Mali-T720'],
  ['SC7731E', 'sp7731e sc7731e', '', '4 Cortex-A7 1300', 'Mali-T820'],
  ['SC9832E', 'sp9832e sc9832e', '', '4 Cortex-A53 1400', 'Mali-T820'],
  ['SC9850', 'sp9850 sc9850 sc9850k sp9850k', '', '4 Cortex-A7 1300', 'Mali-T820'],
  ['SC9853I', 'sp9853i sc9853i sc9853', '', '8 Airmont-SC 1800', 'Mali-T820'],
  ['SC9863A', 's9863a sp9863a sc9863a s9863a1h10 sc9863', '', '4 Cortex-A55 1200+4 Cortex-A55 1600', 'PowerVR GE8322'],
  ['T310', 'ums312 t310', 'Tiger T310', '3 Cortex-A55 1800+1 Cortex-A75 2000', 'PowerVR GE8300'],
  ['T603', 't603', 'T603', '8 Cortex-A55 1800', 'PowerVR GE8322'],
  ['T606', 'ums9230 t606 ums9230t ums9230e', 'T606, T603', '6 Cortex-A55 1612+2 Cortex-A75 1612', 'Mali-G57'],
  ['T616', 'ums9230 t612 t616 t615 ums9230h', 'T612, T615, T616', '6 Cortex-A55 1820+2 Cortex-A75 2000', 'Mali-G57'],
  ['T610', 'ums512 t610 t618 t700', 'Tiger T610, Tiger T618', '6 Cortex-A55 2000+2 Cortex-A75 2000', 'Mali-G52'],
  ['T740', 'ud710 t740 t7510 ums9520', 'Tiger T740, T7510', '4 Cortex-A55 1800+4 Cortex-A75 1800', 'PowerVR GM9446'],
  ['T760', 'ums9620 t760 t765 t750 t770', 'T750, T760, T765, T770', '4 Cortex-A55 2000+4 Cortex-A76 2200', 'Mali-G57'],
  ['T820', 'ums9620 t820', 'T820', '4 Cortex-A55 2100+3 Cortex-A76 2300+1 Cortex-A76 2700', 'Mali-G57'],
];

export const unisocSocs: readonly Soc[] = [
  ...socRows(early, { vendor: 'unisoc', counterHertz: undefined, sources }),
  ...socRows(rows, { vendor: 'unisoc', counterHertz: 26_000_000, sources }),
];
