import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes } from '../bytes/index.ts';
import { DeviceError, type TimerPort } from './device-port.ts';
import { fakeDevice, type Scripted } from './fake-device.ts';
import { FASTBOOT_ANSWER_MAX, fastbootCommand } from './fastboot.ts';
import { openShell, runShell } from './shell.ts';
import { list, openSync, push, stat } from './sync.ts';

const text = (value: string) => new TextEncoder().encode(value);
const read = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const timer: TimerPort = (ms, call) => {
  const handle = setTimeout(call, ms);
  return () => clearTimeout(handle);
};
const never: TimerPort = () => () => undefined;

function frame(id: number, body: Uint8Array, length = body.length): Uint8Array {
  const bytes = new Uint8Array(5 + body.length);
  bytes[0] = id;
  new DataView(bytes.buffer).setUint32(1, length, true);
  bytes.set(body, 5);
  return bytes;
}
function message(id: string, count: number, body = new Uint8Array(0)): Uint8Array {
  const bytes = new Uint8Array(8 + body.length);
  bytes.set(text(id));
  new DataView(bytes.buffer).setUint32(4, count, true);
  bytes.set(body, 8);
  return bytes;
}
const pieces = (bytes: Uint8Array, size: number) =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.slice(i * size, (i + 1) * size));

describe('shell v2', () => {
  test('keeps output, errors and status apart however the frames are cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string(), fc.nat(255), fc.integer({ min: 1, max: 9 }), async (out, err, status, size) => {
        const wire = concatBytes([frame(1, text(out)), frame(2, text(err)), frame(3, Uint8Array.of(status))]);
        const answer = await runShell(
          fakeDevice(() => pieces(wire, size)),
          'x',
          { timer: never, timeMs: 1, bytes: 10_000 },
        );
        expect([read(answer.stdout), read(answer.stderr), answer.status, answer.outcome]).toEqual([out, err, status, 'done']);
      }),
    );
  });

  test('a frame that promises four gigabytes gives what came, and says that it was cut', async () => {
    const answer = await runShell(
      fakeDevice(() => [frame(1, text('short'), 0xffffffff)]),
      'x',
      { timer: never, timeMs: 1, bytes: 1000 },
    );
    expect([read(answer.stdout), answer.outcome]).toEqual(['short', 'cut']);
  });

  test('a flood stops at its limit', async () => {
    const flood = Array.from({ length: 100 }, () => frame(1, new Uint8Array(1000)));
    const answer = await runShell(
      fakeDevice(() => flood),
      'yes',
      { timer: never, timeMs: 1, bytes: 5000 },
    );
    expect(answer.outcome).toBe('flooded');
    expect(answer.stdout.length).toBeLessThanOrEqual(5000);
  });

  test('a command that hangs ends at its time', async () => {
    const answer = await runShell(
      fakeDevice(() => [frame(1, text('a')), 'hang']),
      'sleep',
      { timer, timeMs: 20, bytes: 1000 },
    );
    expect([read(answer.stdout), answer.outcome]).toEqual(['a', 'timed out']);
  });

  test('a cable that breaks is told', async () => {
    await expect(
      runShell(
        fakeDevice(() => [frame(1, text('a')), 'break']),
        'x',
        { timer: never, timeMs: 1, bytes: 1000 },
      ),
    ).rejects.toThrow('the cable broke');
  });

  test('old phones have the plain service', async () => {
    let asked = '';
    const device = fakeDevice((service) => {
      asked = service;
      return [text('hi')];
    }, []);
    const session = await openShell(device, 'id');
    expect(await session.next()).toEqual({ kind: 'stdout', bytes: text('hi') });
    expect(await session.next()).toEqual({ kind: 'end', complete: true });
    expect(asked).toBe('shell:id');
  });
});

describe('sync', () => {
  const pullOf = async (chunks: Scripted, ceiling = 1000) => {
    const session = await openSync(fakeDevice(() => chunks));
    const got: Uint8Array[] = [];
    for await (const piece of session.pull('/x', ceiling)) got.push(piece.slice());
    return read(concatBytes(got));
  };

  test('pulls a file in pieces', async () => {
    const wire = concatBytes([message('DATA', 3, text('abc')), message('DATA', 2, text('de')), message('DONE', 0)]);
    for (const size of [1, 3, 8, 100]) expect(await pullOf(pieces(wire, size))).toBe('abcde');
  });

  test.each<[string, Scripted, string]>([
    ['a chunk longer than the protocol has', [message('DATA', 0xffffffff)], 'a chunk of 4294967295 bytes'],
    ['a chunk that ends early', [message('DATA', 10, text('abc'))], 'the stream ended 7 bytes before'],
    ['an answer of another kind', [message('OKAY', 0)], '"OKAY" instead of DATA'],
    ['an end without DONE', [message('DATA', 1, text('a'))], 'the stream ended 8 bytes before'],
    ['a refusal', [message('FAIL', 4, text('nope'))], 'nope'],
    ['a refusal of four gigabytes', [message('FAIL', 0xffffffff)], 'in a message of 4294967295 bytes'],
    ['a file above the ceiling', [message('DATA', 1001, new Uint8Array(1001))], 'more than 1000 bytes'],
    ['a cable that breaks', [message('DATA', 10, text('abc')), 'break'], 'the cable broke'],
  ])('%s is told', async (_, chunks, why) => {
    const error = await pullOf(chunks).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(DeviceError);
    expect(String(error)).toContain(why);
  });

  test('a path too long for the protocol is not sent', async () => {
    const device = fakeDevice(() => []);
    await expect(push(device, `/${'x'.repeat(2000)}`, text('a'), 0o644)).rejects.toThrow('longer than 1024');
    expect(device.written).toHaveLength(0);
  });

  test('pushes in chunks and reads the answer', async () => {
    const device = fakeDevice(() => [message('OKAY', 0)]);
    await push(device, '/data/local/tmp/a', new Uint8Array(70_000), 0o644);
    expect(read(device.written[0] ?? new Uint8Array(0)).slice(8)).toBe('/data/local/tmp/a,33188');
    expect(device.written.map(({ length }) => length)).toEqual([31, 65_544, 4472, 8]);
    await expect(
      push(
        fakeDevice(() => [message('FAIL', 2, text('no'))]),
        '/a',
        text('a'),
        0o644,
      ),
    ).rejects.toThrow('no');
  });

  test('stat of a path that is not there is none, by both versions', async () => {
    const second = new Uint8Array(72);
    second.set(text('LST2'));
    new DataView(second.buffer).setUint32(4, 2, true);
    expect(
      await stat(
        fakeDevice(() => [second]),
        '/none',
      ),
    ).toBeUndefined();
    expect(
      await stat(
        fakeDevice(() => [message('STAT', 0, new Uint8Array(8))], []),
        '/none',
      ),
    ).toBeUndefined();
  });

  test('a folder whose names are longer than any is refused, and one without end is cut off', async () => {
    const entry = (length: number, name: string) => {
      const bytes = new Uint8Array(20 + name.length);
      bytes.set(text('DENT'));
      new DataView(bytes.buffer).setUint32(16, length, true);
      bytes.set(text(name), 20);
      return bytes;
    };
    await expect(
      list(
        fakeDevice(() => [entry(0xffffffff, 'a')]),
        '/',
        10,
      ),
    ).rejects.toThrow('a name of 4294967295 bytes');
    await expect(
      list(
        fakeDevice(() => Array.from({ length: 20 }, () => entry(1, 'a'))),
        '/',
        10,
      ),
    ).rejects.toThrow('more than 10 entries');
  });
});

describe('fastboot', () => {
  const linkOf = (answers: readonly string[]) => {
    const queue = answers.map(text);
    return {
      send: async () => undefined,
      receive: async () => queue.shift() ?? new Promise<Uint8Array>(() => undefined),
      close: async () => undefined,
    };
  };
  const ports = { timer, limitMs: 50 };

  test('gathers what comes before the end', async () => {
    expect(await fastbootCommand(linkOf(['INFOproduct:cancro', 'TEXTa', 'OKAYdone\0\0']), 'getvar:all', ports)).toEqual({
      info: ['product:cancro', 'a'],
      status: 'OKAY',
      text: 'done',
    });
  });

  test.each([
    ['silence', [], 'no answer within 50 ms'],
    ['another protocol', ['HTTP/1.1'], '"HTTP" is no fastboot answer'],
    ['a flood', Array.from({ length: 20_001 }, () => 'INFOx'), 'more than 20000 lines'],
  ])('%s is an error', async (_, answers, why) => {
    await expect(fastbootCommand(linkOf(answers), 'getvar:all', ports)).rejects.toThrow(why);
  });

  test('an answer is short', () => expect(FASTBOOT_ANSWER_MAX).toBeLessThanOrEqual(4096));
});
