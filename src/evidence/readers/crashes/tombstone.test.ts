import { expect, test } from 'vitest';
import { HOSTILE, readSample } from '../sample.ts';

test('a tombstone as text', () => {
  const [traces] = readSample(
    'tombstone',
    `*** *** ***\nBuild fingerprint: 'x'\nTimestamp: 2023-04-12 12:32:40.5+0200\nCmdline: /vendor/bin/made -x\npid: 25541, tid: 21307, name: made  >>> ${HOSTILE} <<<\nuid: 1046\nsignal 11 (SIGSEGV), code 1 (SEGV_MAPERR), fault addr 0x0\nCause: null pointer dereference\n`,
  ).values('package-traces');
  expect(traces).toMatchObject([
    {
      source: 'tombstone',
      package: HOSTILE,
      event: 'SIGSEGV',
      when: '2023-04-12 12:32:40.5+0200',
      uid: 1046,
      detail: 'null pointer dereference',
    },
  ]);
});

test('a tombstone as protobuf', () => {
  const text = (field: number, value: string) => [(field << 3) | 2, value.length, ...new TextEncoder().encode(value)];
  const bytes = Uint8Array.from([
    0x08,
    1,
    ...text(4, '2024-01-01'),
    (7 << 3) | 0,
    0xe8,
    0x07,
    ...text(9, '/system/bin/made'),
    ...text(9, '-x'),
    ...text(10, '\u0012\u0007SIGSEGV'),
    ...text(14, 'abort'),
  ]);
  expect(readSample('tombstone', bytes).values('package-traces')).toMatchObject([
    [{ package: '/system/bin/made', event: 'SIGSEGV', when: '2024-01-01', uid: 1000, detail: 'abort' }],
  ]);
  expect(() => readSample('tombstone', bytes.subarray(0, 9))).toThrow('tombstone @0x');
  expect(() => readSample('tombstone', Uint8Array.of(0x08, ...Array.from({ length: 12 }, () => 0xff)))).toThrow('varint');
});

test.each(['', '*** ***\npid: 1\n', 'nothing'])('no process: %j', (text) => expect(readSample('tombstone', text).facts).toEqual([]));
