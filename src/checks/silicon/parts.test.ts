import { describe, expect, test } from 'vitest';
import { contextOf, fact, outcomeOf, placeOf, properties, runOne } from '../../../test/support/check-facts.ts';
import type { Fact } from '../../evidence/index.ts';
import { builtinKnowledge, PART_NAMES, parseSpecTable } from '../../knowledge/index.ts';
import { declaredParts } from './declared-parts.ts';
import { PARTS } from './parts.ts';
import { requiredParts } from './required-parts.ts';

const features = (...names: readonly string[]) =>
  fact(
    'features',
    names.map((name, at) => ({ value: `android.hardware.${name}`, place: placeOf('features', at) })),
    'told',
  );
const sensors = (...types: readonly string[]) =>
  fact(
    'sensors',
    types.map((type) => ({ name: `a ${type}`, vendor: 'a vendor', type: `android.sensor.${type}` })),
    'told',
  );
const cameras = (...sides: readonly (string | undefined)[]) =>
  fact(
    'cameras',
    sides.map((facing, at) => ({ id: `${at}`, facing, pixelArrayWidth: 4000, pixelArrayHeight: 3000, hardwareLevel: 'FULL' })),
    'told',
  );
const said = (names: readonly string[]) => names.map((value, at) => ({ value, place: placeOf('names', at) }));
const hals = (...names: readonly string[]): readonly Fact[] => [
  fact('driver-names', {
    surface: 'hals',
    names: said([...names, ...Array.from({ length: 30 }, (_, at) => `vendor.a${at}@1.0::IA/default`)]),
  }),
  fact('services', said(['fingerprint', 'nfc', 'activity'])),
];

describe('silicon.declared-parts', () => {
  const all = features('sensor.gyroscope', 'sensor.barometer', 'camera', 'camera.front', 'fingerprint', 'nfc', 'wifi');
  test.each<[string, readonly Fact[], string]>([
    ['all that is declared is listed', [all, sensors('gyroscope', 'pressure', 'light'), cameras('back', 'front', 'back')], 'pass'],
    [
      'HALs of AOSP',
      [all, ...hals('android.hardware.nfc@1.2::INfc/default', 'android.hardware.biometrics.fingerprint@2.1::I/default')],
      'pass',
    ],
    [
      'HALs of a maker',
      [all, ...hals('vendor.samsung.hardware.nfc@2.0::ISecNfc/default', 'vendor.oplus.fingerprint@2.1::I/default')],
      'pass',
    ],
    ['more sensors than are declared', [features('sensor.light'), sensors('gyroscope', 'light')], 'pass'],
    ['a gyroscope that is not there', [all, sensors('pressure', 'light')], 'fail weak'],
    [
      'a placeholder in the place of a gyroscope',
      [features('sensor.gyroscope'), fact('sensors', [{ name: 'NULL Sensor', vendor: 'Null', type: 'android.sensor.gyroscope' }], 'told')],
      'fail weak',
    ],
    ['no front camera', [all, cameras('back')], 'fail weak'],
    ['no fingerprint reader among HALs', [all, ...hals('android.hardware.nfc@1.2::INfc/default')], 'fail weak'],
    ['a camera whose side is not told', [all, cameras('back', undefined)], 'not-checked'],
    [
      'a list of HALs that was cut',
      [all, fact('driver-names', { surface: 'hals', names: said(['a@1.0::IA/x']) }), fact('services', said(['nfc']))],
      'not-checked',
    ],
    ['HALs without the services that the newer kind are', [all, ...hals().slice(0, 1)], 'not-checked'],
    ['nothing listed', [all], 'not-checked'],
    [
      'sensors of Android 4.4, whose types are not told',
      [features('sensor.gyroscope'), fact('sensors', [{ name: 'MPU6515 Gyro', vendor: 'Invensense', type: '0x00000004' }], 'told')],
      'not-checked',
    ],
    ['nothing declared', [sensors('light'), cameras('back')], 'not-checked'],
    ['nothing that is compared', [features('wifi'), sensors('light')], 'not-checked'],
  ])('%s', (_name, facts, outcome) => expect(outcomeOf(declaredParts, facts)).toBe(outcome));

  test('each part that is missing is a finding of its own, with both places', () => {
    const { findings } = runOne(declaredParts, [all, sensors('light'), cameras('back', 'front')]);
    expect(findings.map(({ claimed }) => claimed)).toEqual([
      'the feature android.hardware.sensor.gyroscope',
      'the feature android.hardware.sensor.barometer',
    ]);
    expect(findings[0]?.evidence.map(({ artefact }) => artefact)).toEqual(['features', 'sensors']);
  });

  test('every part has a feature of its own, and one way to be seen', () => {
    expect(new Set(PART_NAMES.map((name) => PARTS[name].feature)).size).toBe(PART_NAMES.length);
    for (const { sensor, facing, hal } of Object.values(PARTS))
      expect([sensor, facing, hal].filter((one) => one !== undefined)).toHaveLength(1);
  });
});

describe('silicon.required-parts', () => {
  const table = [
    'brand,model,device,sensors,cameras',
    'Example,One,one,"Accelerometer, gyro; compass | NFC, fingerprint (under display)",rear; front',
    'Example,One,one_in,"accelerometer, gyro, compass, no barometer",rear; front',
    'Example,Bare,bare,,',
    'Example,Odd,odd,"virtual gyro, tricorder",periscope',
  ].join('\n');
  const { models } = parseSpecTable(table, 'a table', builtinKnowledge.socs);
  const knowledge = { ...builtinKnowledge, models: [...builtinKnowledge.models, ...models] };
  const outcome = (facts: readonly Fact[], model = 'Example One') =>
    requiredParts.run({ ...contextOf({ list: facts, unread: [] }), claims: { model }, knowledge });
  const whole = sensors('accelerometer', 'gyroscope', 'magnetic_field');

  test('a table’s words become parts; what names none is left out', () => {
    expect(models.flatMap(({ skus }) => skus.map(({ parts }) => parts))).toEqual([
      ['accelerometer', 'gyroscope', 'compass', 'NFC', 'fingerprint reader', 'rear camera', 'front camera'],
      ['accelerometer', 'gyroscope', 'compass', 'rear camera', 'front camera'],
      undefined,
      [],
    ]);
  });

  test('all of it there: a pass; what no list speaks of is said', () => {
    expect(outcome([whole, cameras('back', 'front')])).toMatchObject({ outcome: 'pass' });
    expect(outcome([whole])).toMatchObject({ outcome: 'pass', beyond: [{ what: 'Whether it has a rear camera, a front camera' }] });
  });

  test('what every variant has and the phone lacks is found; what only one has is not asked for', () => {
    expect(outcome([sensors('accelerometer'), cameras('back', 'front'), ...hals()])).toMatchObject({
      outcome: 'fail',
      findings: [{ claimed: expect.stringContaining('a gyroscope') }, { claimed: expect.stringContaining('a compass') }],
    });
  });

  test.each([
    ['a model whose table says nothing', [whole], 'Example Bare'],
    ['a model whose table names nothing that we know', [whole], 'Example Odd'],
    ['a model of nobody’s', [whole], 'Nobody'],
    ['a model of our own tables, which have no such column', [whole, properties({})], 'MI 4'],
    ['no list', [], 'Example One'],
  ])('%s: not examined', (_name, facts, model) => expect(outcome(facts, model).outcome).toBe('not-checked'));
});
