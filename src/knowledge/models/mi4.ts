/**
 * The phone of the story and its relatives. One code name, `cancro`, is Mi 3 and Mi 4; `ro.product.model` tells them apart (MI 3W, MI 3C, MI 4W, MI 4C, MI 4LTE).
 * Sources disagree about the chip of the LTE for China Telecom: the Play catalogue says MSM8974AB for `MI 4LTE-CT`, the maker sold all Mi 4 as Snapdragon 801 at 2.5 GHz, which is MSM8974AC. Both are kept.
 * The Redmi and `Mi 4c`/`Mi 4i`/`Mi 4s` are other phones under a name that a seller may well shorten to Mi 4: they stand under their own names.
 */
import type { Model } from '../types.ts';
import { type ModelLine, modelOf } from './build.ts';

const SOURCES = [
  "maker's published specification (Mi 3, 2013; Mi 4, July 2014), from general knowledge; not checked line by line",
  'Google Play device catalogue of 2025-12-14 (hossain-khan/android-device-catalog-parser@abce7b50), row cancro',
  'getprop and build.prop of Mi 4LTE in public notes: ro.product.model=MI 4LTE, ro.product.device=cancro, ro.product.board=MSM8974',
];

const FULL_HD = [1080, 1920] as const;

const lines: readonly ModelLine[] = [
  {
    brand: 'Xiaomi',
    names: ['Mi 4', 'MI4', 'Xiaomi Mi 4', 'Mi 4 LTE', '小米4', '小米手机4'],
    skus: [
      {
        models: 'MI 4W|MI 4|Mi 4|2014215',
        devices: 'cancro',
        socs: 'MSM8974AC',
        memory: [2, 3],
        storage: [16, 64],
        display: FULL_HD,
        region: 'China Unicom, international',
      },
      {
        models: 'MI 4C|2014218',
        devices: 'cancro',
        socs: 'MSM8974AC',
        memory: [3],
        storage: [16, 64],
        display: FULL_HD,
        region: 'China Telecom',
      },
      {
        models: 'MI 4LTE|2014716|2014719',
        devices: 'cancro cancro_lte_ct',
        socs: 'MSM8974AC',
        memory: [2, 3],
        storage: [16, 64],
        display: FULL_HD,
        region: 'China, LTE',
      },
      {
        models: 'MI 4LTE-CT|2014218',
        devices: 'cancro',
        socs: 'MSM8974AC MSM8974AB',
        memory: [2, 3],
        storage: [16, 64],
        display: FULL_HD,
        region: 'China Telecom, LTE',
      },
    ],
    launchAndroid: '4.4',
    attests: false,
  },
  {
    brand: 'Xiaomi',
    names: ['Mi 3', 'MI3', 'Xiaomi Mi 3', '小米3'],
    skus: [
      {
        models: 'MI 3W|MI 3',
        devices: 'cancro',
        socs: 'MSM8974AB',
        memory: [2],
        storage: [16, 64],
        display: FULL_HD,
        region: 'China Unicom, international',
      },
      { models: 'MI 3C', devices: 'cancro', socs: 'MSM8974AB', memory: [2], storage: [16, 64], display: FULL_HD, region: 'China Telecom' },
      { models: 'MI 3', devices: 'pisces', socs: 'TEGRA4', memory: [2], storage: [16, 64], display: FULL_HD, region: 'China Mobile' },
    ],
    launchAndroid: '4.2',
    attests: false,
  },
  {
    brand: 'Xiaomi',
    names: ['Mi 4i', 'Xiaomi Mi 4i'],
    skus: [{ models: 'Mi 4i', devices: 'ferrari', socs: 'MSM8939', memory: [2], storage: [16, 32], display: FULL_HD }],
    launchAndroid: '5.0',
    attests: false,
  },
  {
    brand: 'Xiaomi',
    names: ['Mi 4c', 'Xiaomi Mi 4c'],
    skus: [{ models: 'Mi-4c|Mi 4c', devices: 'libra', socs: 'MSM8992', memory: [2, 3], storage: [16, 32], display: FULL_HD }],
    launchAndroid: '5.1',
    attests: false,
  },
  {
    brand: 'Xiaomi',
    names: ['Mi 4s', 'Xiaomi Mi 4s'],
    skus: [{ models: 'MI 4S|Mi 4S', devices: 'aqua', socs: 'MSM8992', memory: [2, 3], storage: [16, 64], display: FULL_HD }],
    launchAndroid: '5.1',
    attests: false,
  },
  {
    brand: 'Xiaomi',
    names: ['Mi Note', 'Xiaomi Mi Note'],
    skus: [{ models: 'MI NOTE LTE|MI NOTE', devices: 'virgo', socs: 'MSM8974AC', memory: [3], storage: [16, 64], display: FULL_HD }],
    launchAndroid: '4.4',
    attests: false,
  },
];

export const mi4Family: readonly Model[] = lines.map((line) => modelOf(line, SOURCES));
