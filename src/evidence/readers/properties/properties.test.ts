import { describe, expect, test } from 'vitest';
import { contradictedKeys, property } from '../../properties.ts';
import { HOSTILE, readSample } from '../sample.ts';
import { layerOf } from './build-prop.ts';

const getprop = (text: string) => readSample('getprop', text).values('properties')[0];

describe('getprop', () => {
  test('keeps what others drop: empty values, values of several lines, the same key twice', () => {
    const found = getprop('[ro.a]: []\n[ro.b]: [one\ntwo\n]\n[ro.a]: [x]\n[ro.c]: [d]\n');
    expect(found?.entries.map(({ key, value }) => [key, value])).toEqual([
      ['ro.a', ''],
      ['ro.b', 'one\ntwo\n'],
      ['ro.a', 'x'],
      ['ro.c', 'd'],
    ]);
    expect([...contradictedKeys(found ?? { layer: 'runtime', entries: [] }).keys()]).toEqual(['ro.a']);
  });

  test('a place is the bytes of the property', () => {
    const sample = readSample('getprop', '[é]: [1]\n[ro.b]: [two\nlines]\n');
    expect(sample.values('properties')[0]?.entries.map(({ place }) => sample.at(place))).toEqual(['[é]: [1]', '[ro.b]: [two\nlines]']);
  });

  test('hostile values are data', () => {
    expect(getprop(`[ro.x]: [${HOSTILE}]\n`)?.entries[0]?.value).toBe(HOSTILE);
  });

  test('a value that is never closed ends with the artefact, and that is an oddity', () => {
    const [fact] = readSample('getprop', '[ro.x]: [a\nb\n').facts;
    expect(fact?.oddities.map(({ code }) => code)).toEqual(['unclosed-value']);
  });

  test.each(['', 'Dienst nicht gefunden\n', '/system/bin/sh: getprop: not found'])('no property: %j', (text) => {
    expect(readSample('getprop', text)).toMatchObject({ facts: [], unread: ['it holds no `[key]: [value]` line'] });
  });

  test('a flood is cut', () => {
    expect(getprop('[a]: [b]\n'.repeat(250_000))?.entries).toHaveLength(200_000);
  });
});

describe('build.prop', () => {
  test('comments, imports and residue are no properties', () => {
    const sample = readSample('build.prop', '# c\nimport /vendor/x.prop\nro.a = b=c \n\nnonsense\n=x\nro.e=\n', '/vendor/build.prop');
    const [value] = sample.values('properties');
    expect(value?.layer).toBe('vendor');
    expect(value?.entries.map(({ key, value: said }) => [key, said])).toEqual([
      ['ro.a', 'b=c'],
      ['ro.e', ''],
    ]);
    expect(sample.facts[0]?.oddities.map(({ code }) => code)).toEqual(['import', 'not-a-property', 'not-a-property']);
  });

  test.each([
    ['/system/build.prop', 'system'],
    ['/system/vendor/build.prop', 'vendor'],
    ['/vendor/odm/etc/build.prop', 'odm'],
    ['/system/system_ext/etc/build.prop', 'system_ext'],
    ['/product/etc/build.prop', 'product'],
    ['/vendor_dlkm/etc/build.prop', 'vendor_dlkm'],
    ['/default.prop', 'boot'],
    ['dump/vendor.prop', 'vendor'],
    ['dump/build.prop', 'unknown'],
    ['../../etc/passwd', 'unknown'],
    [undefined, 'unknown'],
  ])('%s is of %s', (origin, layer) => {
    expect(layerOf(origin)).toBe(layer);
  });

  test('the first of an ro. key counts, the last of any other', () => {
    const [value] = readSample('build.prop', 'ro.a=1\nro.a=2\nb=1\nb=2\n').values('properties');
    expect([value && property(value, 'ro.a')?.value, value && property(value, 'b')?.value]).toEqual(['1', '2']);
  });
});
