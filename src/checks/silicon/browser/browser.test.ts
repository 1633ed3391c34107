import { describe, expect, test } from 'vitest';
import { browserNonce, honestExchanges, SHORT_PLAN } from '../../../../test/support/browser-transcript.ts';
import { cpuinfo, fact, gpu, outcomeOf, placeOf, properties, runOne } from '../../../../test/support/check-facts.ts';
import { motionExchange } from '../../../../test/support/motion-exchange.ts';
import type { BrowserRun, BrowserSurfaces, Fact } from '../../../evidence/index.ts';
import { movedPhone } from '../../../forge/index.ts';
import { browserChecks } from './index.ts';
import { gpuOfAdapter, gpuOfStrings } from './shared.ts';

const checkOf = (id: string) => {
  const found = browserChecks.find((check) => check.id === `silicon.browser-${id}`);
  if (found === undefined) throw new Error(id);
  return found;
};

const NOTHING: BrowserSurfaces = {
  browser: undefined,
  screen: undefined,
  graphics: undefined,
  media: undefined,
  touch: undefined,
  camera: undefined,
  pattern: undefined,
  refusals: [],
};
const exchange = { nonce: new Uint8Array(16), question: '{"ask":"screen"}', answer: '{}', sentNs: 0, receivedNs: 1 };
const RUN: BrowserRun = { carrier: 'tunnel', outcome: 'done', note: undefined, opened: 1, turnedAway: 0, exchanges: [exchange] };

const page = (said: Partial<BrowserSurfaces>, run: Partial<BrowserRun> = {}): readonly Fact[] => [
  fact('browser-run', { ...RUN, ...run }),
  fact('browser-surfaces', { ...NOTHING, ...said }, 'told'),
];
const graphics = (renderer: string | null, adapter?: string): Partial<BrowserSurfaces> => ({
  graphics: {
    webgl: { vendor: 'a vendor', renderer, version: 'WebGL 2.0', textureMax: 4096, extensions: 30 },
    webgpu: adapter === undefined ? null : { vendor: adapter, architecture: '', device: '', description: '' },
  },
});
const screen = (width: number | null, height: number | null, ratio: number | null): Partial<BrowserSurfaces> => ({
  screen: { width, height, ratio, depth: 24, touchPoints: 5, orientation: null },
});
const hints = (model: string | null, platformVersion: string | null, platform = 'Android'): Partial<BrowserSurfaces> => ({
  browser: {
    userAgent: null,
    platform: null,
    cores: null,
    memoryGib: null,
    secure: true,
    isolated: true,
    hints: { mobile: true, model, platform, platformVersion, architecture: null, bitness: null },
  },
});
const display = (width: number, height: number): Fact =>
  fact('display', {
    physicalWidth: width,
    physicalHeight: height,
    overrideWidth: undefined,
    overrideHeight: undefined,
    physicalDensity: undefined,
    overrideDensity: undefined,
    xDpi: undefined,
    yDpi: undefined,
  });

describe('GPUs as browsers name them', () => {
  test.each([
    ['Adreno (TM) 730', 'Adreno', 'adreno 730'],
    ['ANGLE (Qualcomm, Adreno (TM) 650, OpenGL ES 3.2 V@0502.0)', 'Adreno', 'adreno 650'],
    ['ANGLE (ARM, Vulkan 1.3.247 (Mali-G715 (0xB8A21000)), Mali-G715 driver)', 'Mali', 'mali g715'],
    ['Mali-G57', 'Mali', 'mali g57'],
    ['Adreno (TM) 540, or similar', 'Adreno', undefined],
    ['PowerVR Rogue GE8320', 'PowerVR', 'powervr ge8320'],
    ['Samsung Xclipse 920', 'Xclipse', undefined],
  ])('%s', (renderer, family, model) => {
    expect(gpuOfStrings('a vendor', renderer)).toMatchObject({ family: { name: family } });
    expect(gpuOfStrings('a vendor', renderer)?.model).toBe(model);
  });

  test.each([
    'ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero) (0x0000C0DE)), SwiftShader driver)',
    'WebKit WebGL',
    'Mozilla',
    'ANGLE (',
    '',
  ])('none: %s', (renderer) => expect(gpuOfStrings('a vendor', renderer)).toBeUndefined());

  test('an adapter by its maker alone, whatever its name is', () => {
    const adapter = (vendor: string | null) => gpuOfAdapter({ vendor, architecture: 'x', device: null, description: null })?.family.name;
    expect(['qualcomm', 'arm', 'img-tec', 'google', '', '__proto__', 'constructor', null].map(adapter)).toEqual([
      'Adreno',
      'Mali',
      'PowerVR',
      ...Array.from({ length: 5 }, () => undefined),
    ]);
  });
});

describe('silicon.browser-executed', () => {
  const check = checkOf('executed');
  const exchanges = honestExchanges(SHORT_PLAN);
  const withAnswer = (at: number, answer: string) => exchanges.map((one, place) => (place === at ? { ...one, answer } : one));
  test.each([
    ['every answer right', { exchanges }, 'pass'],
    ['one engine that is not there', { exchanges: withAnswer(5, '{"refused":"no WebGPU"}') }, 'pass'],
    ['silence after half of the questions', { exchanges: exchanges.slice(0, 3), outcome: 'timed out' }, 'not-checked'],
    ['wrong numbers of a drawing, which a driver’s fault explains', { exchanges: withAnswer(4, '{"fold":1}') }, 'not-checked'],
    ['a wrong number of WebAssembly', { exchanges: withAnswer(2, '{"value":1}') }, 'fail weak'],
    ['nothing but refusals', { exchanges: exchanges.map((one) => ({ ...one, answer: '{"refused":"no"}' })) }, 'not-checked'],
    ['no program asked for', { exchanges: exchanges.slice(0, 1) }, 'not-checked'],
    ['questions of another nonce', { exchanges: exchanges.map((one) => ({ ...one, nonce: new Uint8Array(16) })) }, 'not-checked'],
  ] as const)('%s', (_name, run, outcome) => expect(outcomeOf(check, page({}, run))).toBe(outcome));

  test('what right answers do not say is said, with the times', () => {
    const because = runOne(check, page({}, { exchanges, carrier: 'network' }))
      .notExamined.map((one) => one.because)
      .join('\n');
    expect(because).toContain('only that some browser computed them: whoever had the page’s address');
    expect(because).toMatch(/not judged: 10\.0 ns a step at 0 KiB/);
  });
});

describe('silicon.browser-gpu', () => {
  const check = checkOf('gpu');
  const qualcomm = [
    properties({ 'ro.board.platform': 'msm8974', 'ro.hardware': 'qcom' }),
    cpuinfo({ hardware: 'Qualcomm MSM8974PRO-AC', cores: [{ count: 4, implementer: 0x51, part: 0x06f }] }),
  ];

  test.each([
    ['the driver’s own line', [...page(graphics('Adreno (TM) 330')), gpu('Qualcomm', 'Adreno (TM) 330')], 'pass'],
    [
      'the same through ANGLE',
      [...page(graphics('ANGLE (Qualcomm, Adreno (TM) 330, OpenGL ES 3.0)')), gpu('Qualcomm', 'Adreno (TM) 330')],
      'pass',
    ],
    [
      'the nearest of a few, as Firefox does',
      [...page(graphics('Adreno (TM) 225, or similar')), gpu('Qualcomm', 'Adreno (TM) 330')],
      'pass',
    ],
    ['the family of the chip', [...page(graphics('Adreno (TM) 330')), ...qualcomm], 'pass'],
    ['WebGPU of one maker', page(graphics('Mali-G57', 'arm')), 'pass'],
    ['another driver’s line', [...page(graphics('Mali-G57')), gpu('Qualcomm', 'Adreno (TM) 330')], 'fail weak'],
    ['another model of the family', [...page(graphics('Adreno (TM) 730')), gpu('Qualcomm', 'Adreno (TM) 330')], 'fail weak'],
    ['WebGPU of another maker', page(graphics('Mali-G57', 'qualcomm')), 'fail weak'],
    ['a family that the chip never held', [...page(graphics('Mali-G57')), ...qualcomm], 'fail weak'],
    ['a GPU that the model it names never had', page({ ...graphics('Adreno (TM) 740'), ...hints('Pixel 8 Pro', '14.0.0') }), 'fail weak'],
    ['nothing to hold it against', page(graphics('Mali-G57')), 'not-checked'],
    ['a browser that hides', [...page(graphics('Mozilla')), gpu('Qualcomm', 'Adreno (TM) 330')], 'not-checked'],
    ['no WebGL', [...page({ graphics: { webgl: null, webgpu: null } }), gpu('Qualcomm', 'Adreno (TM) 330')], 'not-checked'],
    ['no page', [gpu('Qualcomm', 'Adreno (TM) 330')], 'not-checked'],
    ['a name made to break it', [...page(graphics(`ANGLE (${'(('.repeat(150)}`)), gpu('Qualcomm', 'Adreno (TM) 330')], 'not-checked'],
  ])('%s', (_name, facts, outcome) => expect(outcomeOf(check, facts)).toBe(outcome));
});

describe('silicon.browser-claim', () => {
  const check = checkOf('claim');
  test.each([
    ['the GPU of the claimed model', page(graphics('Adreno (TM) 330')), { model: 'MI 4' }, 'pass'],
    ['another maker’s', page(graphics('Mali-450 MP')), { model: 'MI 4' }, 'fail weak'],
    ['WebGPU alone', page(graphics('Mozilla', 'arm')), { model: 'MI 4' }, 'fail weak'],
    ['nothing claimed', page(graphics('Mali-450 MP')), {}, 'not-checked'],
    ['a model that nobody knows', page(graphics('Mali-450 MP')), { model: 'no such phone' }, 'not-checked'],
    ['a browser that hides', page(graphics(null)), { model: 'MI 4' }, 'not-checked'],
  ])('%s', (_name, facts, claims, outcome) => expect(outcomeOf(check, facts, claims)).toBe(outcome));
});

describe('silicon.browser-screen', () => {
  const check = checkOf('screen');
  test.each([
    ['the size that Android states', [...page(screen(360, 640, 3)), display(1080, 1920)], 'pass'],
    ['a lower resolution of the same shape', [...page(screen(360, 640, 2)), display(1080, 1920)], 'pass'],
    ['on its side', [...page(screen(640, 360, 3)), display(1080, 1920)], 'pass'],
    ['less the bar of buttons', [...page(screen(360, 592, 3)), display(1080, 1920)], 'pass'],
    ['another shape', [...page(screen(360, 800, 3)), display(1080, 1920)], 'fail weak'],
    ['nothing to hold it against', page(screen(360, 640, 3)), 'not-checked'],
    ['no size', [...page(screen(null, 640, 3)), display(1080, 1920)], 'not-checked'],
    ['sizes that are none', [...page(screen(0, -1, 0)), display(1080, 1920)], 'not-checked'],
  ])('%s', (_name, facts, outcome) => expect(outcomeOf(check, facts)).toBe(outcome));

  test('the panel of the claimed model', () => {
    expect(outcomeOf(check, page(screen(448, 997, 3)), { model: 'Pixel 8 Pro' })).toBe('pass');
    expect(outcomeOf(check, page(screen(360, 640, 3)), { model: 'Pixel 8 Pro' })).toBe('fail weak');
  });
});

describe('silicon.browser-identity', () => {
  const check = checkOf('identity');
  const own = properties({ 'ro.product.model': 'Pixel 8 Pro', 'ro.build.version.release': '14' });
  test.each([
    ['the same', page(hints('Pixel 8 Pro', '14.0.0')), 'pass'],
    ['the same, written otherwise', page(hints('pixel-8 pro', '14')), 'pass'],
    ['no model, as a desktop’s pages', page(hints('', '14.0.0')), 'pass'],
    ['another model', page(hints('SM-S918B', '14.0.0')), 'fail weak'],
    ['an older Android', page(hints('Pixel 8 Pro', '8.1.0')), 'fail weak'],
    ['another system', page(hints('Pixel 8 Pro', '14.0.0', 'Windows')), 'not-checked'],
    ['no hints', page({ browser: undefined }), 'not-checked'],
  ] as const)('%s', (_name, facts, outcome) => expect(outcomeOf(check, [...facts, own])).toBe(outcome));

  test('two names of one model', () => {
    const mi4 = properties({ 'ro.product.model': 'MI 4LTE' });
    expect(outcomeOf(check, [...page(hints('MI 4W', '4.4.4')), mi4])).toBe('pass');
  });

  test('nothing to hold it against', () => expect(outcomeOf(check, page(hints('Pixel 8 Pro', '14.0.0')))).toBe('not-checked'));
});

describe('silicon.browser-memory', () => {
  const check = checkOf('memory');
  const counts = (memoryGib: number | null, cores: number | null) =>
    page({
      browser: { userAgent: null, platform: null, cores, memoryGib, secure: true, isolated: true, hints: null },
    });
  const kernel = (gib: number) => fact('memory', { totalBytes: gib * 2 ** 30, availableBytes: undefined, swapTotalBytes: undefined });
  const possible = (list: string) => fact('cpu-topology', { possible: list, present: undefined, cores: [] });

  test.each([
    ['the power below', [...counts(2, null), kernel(2.7)], {}, 'pass'],
    ['the power above', [...counts(4, null), kernel(3.6)], {}, 'pass'],
    ['where browsers stop', [...counts(8, null), kernel(15.1)], {}, 'pass'],
    ['more than where browsers once stopped', [...counts(16, null), kernel(15.1)], {}, 'pass'],
    ['where browsers begin', [...counts(2, null), kernel(0.9)], {}, 'pass'],
    ['a claim of which little is left', counts(2, null), { memoryBytes: 4 * 2 ** 30 }, 'pass'],
    ['all cores', [...counts(null, 8), possible('0-7')], {}, 'pass'],
    ['cores that are switched off', [...counts(null, 4), possible('0-7')], {}, 'pass'],
    ['less than the kernel prints', [...counts(2, null), kernel(7.5)], {}, 'fail weak'],
    ['more than the kernel prints', [...counts(8, null), kernel(3.6)], {}, 'fail weak'],
    ['less than the claim', counts(1, null), { memoryBytes: 6 * 2 ** 30 }, 'fail weak'],
    ['more cores than there are', [...counts(null, 10), possible('0-7')], {}, 'fail weak'],
    ['nothing to hold it against', counts(4, 8), {}, 'not-checked'],
    ['nothing said', [...counts(null, null), kernel(4), possible('0-7')], {}, 'not-checked'],
    ['nonsense', [...counts(-4, 0), kernel(4), possible('0-7')], {}, 'not-checked'],
  ] as const)('%s', (_name, facts, claims, outcome) => expect(outcomeOf(check, facts, claims)).toBe(outcome));
});

describe('silicon.browser-motion', () => {
  const check = checkOf('motion');
  const nonce = browserNonce(5);
  const motion = (answer: unknown) => page({}, { exchanges: [motionExchange(nonce, answer)] });
  const features = (...names: readonly string[]) =>
    fact(
      'features',
      names.map((name, at) => ({ value: `android.hardware.sensor.${name}`, place: placeOf('features', at) })),
      'told',
    );
  const sensors = (type: string) => fact('sensors', [{ name: 'a sensor', vendor: 'a vendor', type: `android.sensor.${type}` }], 'told');
  const both = features('accelerometer', 'gyroscope');
  /** The first two tenths of a second of each step without rotation: the turn is still seen. */
  const pausing = (answer: ReturnType<typeof movedPhone>): typeof answer => ({
    ...answer,
    samples: answer.samples.map(([ms, x, y, z, ...rotation]) =>
      answer.starts.some((start) => ms >= start && ms < start + 200) ? [ms, x, y, z, null, null, null] : [ms, x, y, z, ...rotation],
    ),
  });

  test.each([
    ['moved as asked', [...motion(movedPhone(nonce)), both], 'pass'],
    ['moved as asked, without a gyroscope that nobody declares', [...motion(movedPhone(nonce, { stated: null })), features()], 'pass'],
    ['a gyroscope that is declared, and silent', [...motion(movedPhone(nonce, { stated: null })), both], 'fail weak'],
    ['a gyroscope that the service lists, and silent', [...motion(movedPhone(nonce, { stated: null })), sensors('gyroscope')], 'fail weak'],
    ['another sensor that the service lists', [...motion(movedPhone(nonce, { stated: null })), sensors('light')], 'pass'],
    ['an accelerometer that is declared, and silent', [...motion(movedPhone(nonce, { accelerometer: false })), both], 'fail weak'],
    ['a gyroscope that is made up', [...motion(movedPhone(nonce, { stated: () => [0, 0, 0] })), both], 'fail weak'],
    ['everything silent, which a permission explains', [...motion({ ...movedPhone(nonce), samples: [] }), both], 'not-checked'],
    [
      'silent after a few samples',
      [...motion({ ...movedPhone(nonce), samples: movedPhone(nonce, { stated: null }).samples.slice(0, 9) }), both],
      'not-checked',
    ],
    [
      'a gyroscope that pauses at every step, so that nothing can be compared',
      [...motion(pausing(movedPhone(nonce))), both],
      'not-checked',
    ],
    ['moved otherwise', [...motion(movedPhone(nonce, { nonce: browserNonce(6) })), both], 'not-checked'],
    ['no gravity', [...motion(movedPhone(nonce, { gravity: 8 })), both], 'not-checked'],
    ['samples of an earlier question', [...motion(movedPhone(browserNonce(6))), both], 'not-checked'],
    ['skipped', [...motion({ refused: 'whoever held the phone skipped it' }), both], 'not-checked'],
    ['never asked', [...page({}), both], 'not-checked'],
  ] as const)('%s', (_name, facts, outcome) => expect(outcomeOf(check, facts)).toBe(outcome));

  test('what a pass does not say is said', () => {
    const { notExamined } = runOne(check, motion(movedPhone(nonce)));
    expect(notExamined[0]?.because).toMatch(/5 of 5 steps.*gravity 9\.8 m\/s².*agrees in 3 of 3.*only that a browser behind the cable/);
  });
});

describe('silicon.browser-camera', () => {
  const check = checkOf('camera');
  const frame = (width: number, height: number) =>
    page({ camera: { width, height, facing: 'environment', sha256: '0'.repeat(64), cameras: [] } });
  const cameras = (...sizes: readonly (readonly [number, number] | undefined)[]) =>
    fact(
      'cameras',
      sizes.map((size, at) => ({
        id: `${at}`,
        facing: 'back',
        pixelArrayWidth: size?.[0],
        pixelArrayHeight: size?.[1],
        hardwareLevel: undefined,
      })),
      'told',
    );

  test.each([
    ['cut down', [...frame(1920, 1080), cameras([4080, 3072], [2592, 1944])], 'pass'],
    ['turned', [...frame(3072, 4080), cameras([4080, 3072])], 'pass'],
    ['larger than every sensor', [...frame(4096, 3072), cameras([2592, 1944], [1600, 1200])], 'fail weak'],
    ['wider than every sensor', [...frame(2700, 1080), cameras([2592, 1944])], 'fail weak'],
    ['a camera whose array is not told', [...frame(4096, 3072), cameras([2592, 1944], undefined)], 'not-checked'],
    ['no frame', [...page({}), cameras([2592, 1944])], 'not-checked'],
    ['an empty frame', [...frame(0, 0), cameras([2592, 1944])], 'not-checked'],
    ['no list of cameras', frame(4096, 3072), 'not-checked'],
  ] as const)('%s', (_name, facts, outcome) => expect(outcomeOf(check, facts)).toBe(outcome));
});

describe('silicon.browser-touch', () => {
  const check = checkOf('touch');
  type Tap = NonNullable<BrowserSurfaces['touch']>['taps'][number];
  const points = [
    [0.5, 0.5],
    [0.2, 0.2],
    [0.8, 0.8],
  ] as const;
  const honest: readonly Tap[] = points.map(([x, y], at) => ({ x: x * 360 + 9, y: y * 700 - 9, kind: 'touch', radius: 10, ms: 900 * at }));
  const tapped = (taps: readonly Tap[], width: number | null = 360) => page({ touch: { width, height: 700, points, taps } });
  const but = (change: Partial<Tap>) => tapped(honest.map((tap, at) => (at === 1 ? { ...tap, ...change } : tap)));

  test('every dot with a finger, in order: a pass that says whose it is not', () => {
    expect(outcomeOf(check, tapped(honest))).toBe('pass');
    expect(runOne(check, tapped(honest)).notExamined[0]?.because).toContain('3 of 3 dots were hit (touch), by somebody at a browser');
  });

  test.each<[string, readonly Fact[], string]>([
    ['another order', tapped(honest.map((tap, at) => ({ ...tap, ...honest[2 - at], ms: tap.ms }))), '1 of 3 dots were hit'],
    ['beside a dot', but({ x: 200 }), '2 of 3 dots were hit'],
    ['by a mouse', but({ kind: 'mouse' }), '3 of 3 dots were hit (touch, mouse)'],
    ['broken off', tapped(honest.slice(0, 2)), '2 of 3 dots were hit'],
    ['nothing', tapped([]), '0 of 3 dots were hit'],
    ['more taps than dots', tapped([...honest, ...honest]), '6 taps on 3 dots'],
    ['times backwards', but({ ms: -0.5 }), 'tap 2 has a negative time'],
    ['out of order', tapped(honest.map((tap) => ({ ...tap, ms: 900 - (tap.ms ?? 0) / 2 }))), 'tap 2 is earlier than the one before it'],
    ['no place', but({ x: null }), 'tap 2 has no place'],
    ['outside of the screen', but({ y: 701 }), 'tap 2 lies outside'],
    ['no area', tapped(honest, null), 'no area'],
    ['no dots', page({ touch: { width: 360, height: 700, points: [], taps: [] } }), 'no dot was shown'],
    ['skipped', page({ refusals: [{ what: 'touch', because: 'whoever held the phone skipped it' }] }), 'skipped it'],
  ])('%s: not examined, and no finding', (_name, facts, because) => {
    const { findings, passed, notExamined } = runOne(check, facts);
    expect([findings, passed]).toEqual([[], []]);
    expect(notExamined[0]?.because).toContain(because);
  });
});

describe('silicon.browser-parts', () => {
  test('what was refused is said with the page’s reason, and nothing ever passes or fails', () => {
    const { findings, passed, notExamined } = runOne(
      checkOf('parts'),
      page({ refusals: [{ what: 'camera', because: 'NotAllowedError' }] }),
    );
    expect([findings, passed, notExamined.length]).toEqual([[], [], 2]);
    expect(notExamined.find(({ what }) => what.startsWith('Camera'))?.because).toBe('NotAllowedError');
  });
});

test('a page that was never opened: each check says so', () => {
  const facts = page({}, { outcome: 'never opened', note: 'nobody pressed the button', exchanges: [] });
  for (const check of browserChecks) {
    const { findings, passed, notExamined } = runOne(check, facts, { model: 'MI 4' });
    expect([findings, passed]).toEqual([[], []]);
    expect(notExamined[0]?.because).toContain('never opened');
  }
});

test('none of these checks is more than weak, catches anybody, or clears', () => {
  for (const { strength, catches } of browserChecks) {
    expect(['weak', 'note']).toContain(strength);
    expect(catches).toBeUndefined();
  }
});
