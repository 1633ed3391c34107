/**
 * A few type allocations: of the phones that were recorded (pytorch/cpuinfo@d6108819, properties with the IMEI’s tail masked), and of Xiaomi’s and some Nexus and Moto from Osmocom’s table of 2018
 * (rows as facts, tacdb.osmocom.org). For anything more a table is imported with parseTacCsv.
 */
import type { Tac } from '../types.ts';

const rows: readonly (readonly [tac: string, brand: string, model: string])[] = [
  ['86901502', 'Meizu', 'PRO 6'],
  ['86245203', 'Meizu', 'PRO 6s'],
  ['01483600', 'OnePlus', 'ONEPLUS A3000'],
  ['86463003', 'OnePlus', 'ONEPLUS A5000'],
  ['86526603', 'OPPO', 'A37fw'],
  ['86230503', 'Xiaomi', 'Redmi Note 3'],
  ['35779807', 'asus', 'ASUS_Z00AD'],
  ['35706706', 'asus', 'ASUS_Z007'],
  ['86489502', 'Xiaomi', 'MI 4W'],
  ['86464502', 'Xiaomi', 'Mi (2013023)'],
  ['86745102', 'Xiaomi', 'MI NOTE LTE'],
  ['86751502', 'Xiaomi', 'Redmi Note 2'],
  ['86763402', 'Xiaomi', 'Mi 4i'],
  ['86867902', 'Xiaomi', 'Redmi 3'],
  ['86927102', 'Xiaomi', 'Redmi Note 3'],
  ['86963302', 'Xiaomi', 'Redmi Note 2'],
  ['86173503', 'Xiaomi', 'Redmi Note 3'],
  ['86365703', 'Xiaomi', 'Redmi 3S'],
  ['35258406', 'LG', 'Nexus 5'],
  ['35362707', 'LG', 'Nexus 5X'],
  ['35513605', 'LG', 'Nexus 4'],
  ['35547006', 'Motorola', 'Nexus 6'],
  ['35549906', 'Motorola', 'Nexus 6'],
  ['35592104', 'Samsung', 'Nexus S'],
  ['35331006', 'Motorola', 'Moto G 2014 LTE'],
  ['35332606', 'Motorola', 'Moto G 2014'],
  ['35414807', 'Motorola', 'MotoG3'],
  ['35548906', 'Motorola', 'MotoG3'],
  ['35500205', 'Motorola', 'Moto G'],
  ['35216705', 'Samsung', 'Galaxy Note N7000'],
  ['35170507', 'Samsung', 'SM-G530FZ'],
  ['35246707', 'Samsung', 'SM-G318HZ'],
  ['35435007', 'Samsung', 'SM-G361F'],
  ['35460907', 'Samsung', 'SM-G531F'],
  ['35530806', 'Samsung', 'SM-G313HZ'],
];

export const tacs: readonly Tac[] = rows.map(([tac, brand, model]) => ({ tac, brand, model }));
