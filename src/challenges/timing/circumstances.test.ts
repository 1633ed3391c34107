import { expect, test } from 'vitest';
import { isTooHot, parseCircumstances, slowedBy } from './circumstances.ts';

const said = `3.21 2.99 2.50 2/1893 4211
/sys/devices/system/cpu/cpu0/cpufreq schedutil 1098000
/sys/devices/system/cpu/cpu4/cpufreq performance 2253000
cpu-thermal 41000
Current Battery Service state:
  level: 80
  temperature: 312
low_power 0
  Thermal Status: 0
`;

test('what a phone says of itself', () => {
  expect(parseCircumstances(said)).toEqual({
    governors: ['performance', 'schedutil'],
    batteryCelsius: 31.2,
    load: 3.21,
    savesPower: false,
    thermalStatus: 0,
  });
  expect(slowedBy(said.replaceAll('\n', '\r\n'))).toBeUndefined();
});

test.each([
  [/temperature: 312/, 'temperature: 470', 'hot'],
  [/low_power 0/, 'low_power 1', 'battery saver'],
  [/Status: 0/, 'Status: 3', 'throttled'],
  [/schedutil/, 'powersave', 'lowest clock'],
])('%s %s is a reason', (from, to, reason) => expect(slowedBy(said.replace(from, to))).toContain(reason));

test.each(['', 'temperature: hot', 'temperature: 99999999', 'cpu temperature: 900', 'not read: timed out', 'x'.repeat(16_384)])(
  'nothing is read out of %s',
  (text) => {
    expect(parseCircumstances(text)).toEqual({ governors: [], savesPower: false });
    expect([isTooHot(text), slowedBy(text)]).toEqual([false, undefined]);
  },
);
