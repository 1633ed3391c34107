/** Makers with few phones, and tablets' makers. */
import type { Soc, SocVendor } from '../types.ts';
import { CATALOGUE, PUBLISHED, RECORDINGS, type SocRow, socRows } from './soc-rows.ts';

const sources = [RECORDINGS, CATALOGUE, PUBLISHED];
const of = (vendor: SocVendor, counterHertz: number | undefined, rows: readonly SocRow[]) =>
  socRows(rows, { vendor, counterHertz, sources });

export const otherSocs: readonly Soc[] = [
  ...of('nvidia', undefined, [
    ['TEGRA2', 'tegra2 tegra20 ventana', 'Tegra 2', '2 Cortex-A9 1000', 'GeForce ULP'],
    ['TEGRA3', 'tegra3 tegra30 tegra cardhu', 'Tegra 3', '4 Cortex-A9 1700', 'GeForce ULP'],
    ['TEGRA4', 'tegra4 tegra114 tegra macallan', 'Tegra 4', '4 Cortex-A15 1800', 'GeForce ULP'],
  ]),
  ...of('nvidia', 12_000_000, [
    ['TEGRA124', 'tegra124 tegra12 tegrak1', 'Tegra K1', '4 Cortex-A15 2300', 'Tegra'],
    ['TEGRA132', 'tegra132', 'Tegra K1', '2 Denver 2499', 'Tegra'],
  ]),
  ...of('nvidia', 19_200_000, [['TEGRA210', 'tegra210 tegra210_dragon', 'Tegra X1', '4 Cortex-A57 1912', 'Tegra']]),
  ...of('intel', undefined, [
    ['Z2460', 'medfield', 'Atom Z2460', '1 Saltwell 1600', 'PowerVR SGX540'],
    ['Z2580', 'clovertrail redhookbay', 'Atom Z2520, Atom Z2560, Atom Z2580', '4 Saltwell 2000', 'PowerVR SGX544MP2'],
    ['Z3480', 'merrifield', 'Atom Z3460, Atom Z3480', '2 Silvermont-M 2130', 'PowerVR G6400'],
    ['Z3580', 'moorefield mofd_v1', 'Atom Z3530, Atom Z3560, Atom Z3580, Atom Z3590', '4 Silvermont-Z 2333', 'PowerVR G6430'],
    ['Z3745', 'baytrail byt_t_ffrd8 byt', 'Atom Z3735, Atom Z3745', '4 Silvermont 1862', 'Intel HD Graphics'],
    ['X5-Z8350', 'cherrytrail cht gmin cht_cr_mrd', 'Atom x5-Z8300, Atom x5-Z8350', '4 Airmont 1920', 'Intel HD Graphics'],
    ['C3230RK', 'sofia3gr sofia3g sofia rk618', 'Atom x3-C3230RK', '4 SoFIA 1200', 'Mali-450'],
  ]),
  ...of('rockchip', 24_000_000, [
    ['RK3066', 'rk3066 rk30xx rk30sdk rk30board', '', '2 Cortex-A9 1600', 'Mali-400'],
    ['RK3126', 'rk3126 rk312x rk3126c', '', '4 Cortex-A7 1200', 'Mali-400'],
    ['RK3188', 'rk3188 rk30board', '', '4 Cortex-A9 1600', 'Mali-400'],
    ['RK3288', 'rk3288', '', '4 Cortex-A12 1800', 'Mali-T760'],
    ['RK3326', 'rk3326', '', '4 Cortex-A35 1500', 'Mali-G31'],
    ['RK3368', 'rk3368', '', '8 Cortex-A53 1500', 'PowerVR G6110'],
    ['RK3399', 'rk3399', '', '4 Cortex-A53 1500+2 Cortex-A72 2000', 'Mali-T860'],
    ['RK3562', 'rk3562', '', '4 Cortex-A53 2000', 'Mali-G52'],
    ['RK3566', 'rk356x rk3566 rk3568', '', '4 Cortex-A55 2000', 'Mali-G52'],
    ['RK3576', 'rk3576', '', '4 Cortex-A53 2000+4 Cortex-A72 2200', 'Mali-G52'],
    ['RK3588', 'rk3588', '', '4 Cortex-A55 1800+4 Cortex-A76 2400', 'Mali-G610'],
  ]),
  ...of('allwinner', 24_000_000, [
    ['A10', 'sun4i', '', '1 Cortex-A8 1000', 'Mali-400'],
    ['A13', 'sun5i nuclear', '', '1 Cortex-A8 1000', 'Mali-400'],
    ['A31', 'sun6i fiber', '', '4 Cortex-A7 1000', 'PowerVR SGX544'],
    ['A20', 'sun7i wing', '', '2 Cortex-A7 1000', 'Mali-400'],
    ['A33', 'sun8i polaris sun8iw5p1 astar', '', '4 Cortex-A7 1344', 'Mali-400'],
    ['A83T', 'sun8iw6p1 octopus', '', '8 Cortex-A7 1800', 'PowerVR SGX544'],
    ['A50', 'sun8iw15p1 sun8iw15', '', '4 Cortex-A7 1600', 'Mali-400'],
    ['A80', 'sun9i kylin', '', '4 Cortex-A7 1300+4 Cortex-A15 1800', 'PowerVR G6230'],
    ['A64', 'sun50i sun50iw1p1 tulip', '', '4 Cortex-A53 1152', 'Mali-400'],
    ['A100', 'sun50iw10p1 sun50iw10 ceres a133', 'A100, A133', '4 Cortex-A53 1600', 'PowerVR GE8300'],
    ['A523', 'sun55iw3p1 sun55iw3', 'A523, A527', '8 Cortex-A55 1800', 'Mali-G57'],
  ]),
  ...of('marvell', undefined, [
    ['PXA920', 'pxa920 mrvl', '', '1 PJ4 1000', 'Vivante GC530'],
    ['PXA986', 'pxa986 pxa988 mrvl', '', '2 Cortex-A9 1205', 'Vivante GC1000'],
    ['PXA1088', 'pxa1088 mrvl', '', '4 Cortex-A7 1200', 'Vivante GC1000'],
    ['PXA1908', 'pxa1908 mrvl pxa1936', '', '4 Cortex-A53 1248', 'Vivante GC7000UL'],
  ]),
  ...of('xiaomi', 26_080_000, [['SURGE-S1', 'song pinecone', 'Surge S1', '4 Cortex-A53 1400+4 Cortex-A53 2100', 'Mali-T860']]),
  ...of('xiaomi', undefined, [
    ['XRING-O1', 'xring o1', 'XRING O1', '2 Cortex-A520 1800+6 Cortex-A725 3400+2 Cortex-X925 3900', 'Mali-G925'],
  ]),
  ...of('texas-instruments', undefined, [
    ['OMAP3630', 'omap3 omap3630 omap36xx', '', '1 Cortex-A8 1000', 'PowerVR SGX530'],
    ['OMAP4430', 'omap4 omap4430', '', '2 Cortex-A9 1200', 'PowerVR SGX540'],
    ['OMAP4460', 'omap4 omap4460 tuna', '', '2 Cortex-A9 1200', 'PowerVR SGX540'],
    ['OMAP4470', 'omap4 omap4470', '', '2 Cortex-A9 1500', 'PowerVR SGX544'],
  ]),
  ...of('broadcom', undefined, [
    ['BCM21553', 'bcm21553', '', '1 ARM1136 832', 'VideoCore IV'],
    ['BCM21654', 'bcm21654 rhea', '', '1 Cortex-A9 850', 'VideoCore IV'],
    ['BCM21664', 'bcm21664 hawaii', '', '2 Cortex-A9 1200', 'VideoCore IV'],
    ['BCM23550', 'bcm23550 java', '', '4 Cortex-A7 1200', 'VideoCore IV'],
    ['BCM28155', 'bcm28155 capri', '', '2 Cortex-A9 1400', 'VideoCore IV'],
  ]),
  ...of('leadcore', undefined, [
    ['LC1813', 'lc1813', '', '4 Cortex-A7 1200', 'Mali-400'],
    ['LC1860', 'lc1860', '', '5 Cortex-A7 1495', 'Mali-T628'],
  ]),
  ...of('actions', undefined, [
    ['ATM7029', 'atm702x gs702c gs702a atm7029b atm7029c', '', '4 Cortex-A5 1320', 'PowerVR SGX540'],
    ['ATM7039', 'atm7039 gs703a', '', '4 Cortex-A9 1600', 'PowerVR SGX544'],
  ]),
  ...of('st-ericsson', undefined, [['U8500', 'montblanc u8500 db8500 u8420', 'NovaThor U8500', '2 Cortex-A9 1000', 'Mali-400']]),
  ...of('amlogic', 24_000_000, [
    ['AML8726', 'meson6 aml8726 meson3', '', '2 Cortex-A9 1500', 'Mali-400'],
    ['S905X', 'gxl gxbb meson8 s905 s905x', '', '4 Cortex-A53 1500', 'Mali-450'],
    ['A311D2', 't7 a311d2', '', '4 Cortex-A53 2000+4 Cortex-A73 2200', 'Mali-G52'],
  ]),
  ...of('nxp', undefined, [['IMX6', 'imx6 imx6q freescale', '', '4 Cortex-A9 1000', 'Vivante GC2000']]),
];
