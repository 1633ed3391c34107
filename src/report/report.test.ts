import { describe, expect, test } from 'vitest';
import { type Report, redactReport, renderHtml, renderTerminal, reportSchema, visible } from './index.ts';

const HOSTILE = '<script>alert(1)</script>\u001b[2J\u202egnp.exe"; rm -rf / #\n& end';

const report = (text = 'MI 4'): Report => ({
  format: 'assay.report/1',
  subject: {
    kind: 'phone',
    origin: 'adb',
    source: text,
    takenAt: '2015-03-05T10:00:00Z',
    judgedAsOf: '2015-03-05T10:00:00Z',
    claims: { model: text },
    says: { model: text, brand: text, device: text, android: text, build: text, fingerprint: text, patchLevel: text },
  },
  verdict: {
    hardware: 'counterfeit',
    software: 'altered',
    custody: 'unproven',
    nature: 'modified',
    reach: { hardware: null, software: null, custody: 'framework' },
    decision: 'reject',
    policy: text,
    reason: text,
    nextStep: text,
    decidedBy: ['silicon.claim'],
  },
  posture: [{ what: text, observed: text, strength: 'weak', check: 'posture.x' }],
  findings: (['conclusive', 'strong', 'weak', 'note'] as const).flatMap((strength) =>
    (['hardware', 'posture'] as const).map((axis) => ({
      check: 'silicon.claim',
      title: 'Silicon against the model claimed',
      axis,
      strength,
      standing: 'shown' as const,
      claimed: text,
      observed: text,
      because: text,
      evidence: [{ artefact: text, at: 12, length: 30 }],
      benign: ['A replaced board.'],
      falsePositiveRate: { fails: 0, n: 159, upper: 0.019 },
      confirm: 'Look at the board.',
    })),
  ),
  passed: [{ check: 'properties.release-sdk', standing: 'told' }],
  notExamined: [{ what: text, because: text, settledBy: text }],
  evidence: [{ artefact: text, sha256: 'ab'.repeat(32), bytes: 1234, command: text, outcome: 'done' }],
  changes: [{ what: text, undone: false, undo: text }],
  expires: '2015-04-04T10:00:00Z',
  comparisons: [
    {
      reference: { digest: 'ab'.repeat(32), name: text, vouched: 'nobody', label: 'release' },
      reasons: ['said', 'nearest'],
      same: 3,
      compared: 4,
      counts: { added: 1, removed: 0, changed: 0, moved: 0 },
      coverage: [{ partition: text, files: 9, withDigest: 3, withoutDigest: 1, notSeen: 5, because: text }],
      groups: [null, text].map((expected) => ({
        kind: 'app' as const,
        change: 'added' as const,
        name: text,
        weight: 'app',
        title: 'Apps in the system',
        means: 'It cannot be uninstalled.',
        aspects: [],
        details: [text],
        files: 2,
        paths: [text, text],
        otherSigner: true,
        expected,
        elsewhere: text,
      })),
      groupsLeft: 7,
      properties: [{ path: text, key: text, before: null, after: text, matters: true }],
      propertiesLeft: 0,
      texts: [],
    },
  ],
  packages: {
    rows: [
      {
        name: text,
        label: text,
        version: text,
        users: [0, 10],
        paths: [text],
        inSystem: true,
        signers: [{ sha256: 'ab'.repeat(32), owner: text }],
        signer: 'other',
        schemes: ['v1', 'v2'],
        addedBy: 'retailer',
        addedBecause: text,
        granted: ['android.permission.READ_SMS', text],
        chosen: [],
        exported: 3,
        exportedOpen: 2,
        sharedUser: text,
        installer: text,
        firstSeen: text,
        abis: [text],
        targetSdk: 19,
        risk: 80,
        because: [{ points: 50, what: "another signer than its developer's" }],
      },
    ],
    preload: {
      release: '11',
      total: 9.5,
      most: 18.5,
      scores: [{ measure: 'platform-signature', score: 3, most: 6, added: [text] }],
    },
  },
  versions: { assay: '0.1.0', knowledge: 'k1', references: [] },
});

describe('the page', () => {
  const page = renderHtml(report(HOSTILE));

  test('runs nothing that a phone put into it', () => {
    expect(page).not.toContain('<script');
    expect(page).toContain('&lt;script');
    expect(page).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u202a-\u202e]/);
  });

  test('asks nobody for anything', () => {
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/\b(?:src|href|action)\s*=/);
    expect(page).not.toMatch(/url\(|@import/);
  });

  test('says verdict, contradiction, standing, rate, what was not examined and the evidence', () => {
    const plain = renderHtml(report());
    for (const part of [
      'REJECT',
      'counterfeit',
      'altered (modified)',
      'claimed',
      'observed',
      '0 of 159 genuine phones (95 % upper bound 1.9 %)',
      'A replaced board.',
      'Not examined',
      'whoever changed the system',
      'Against plain Android 11: 9.5 of 18.5',
      'user 0, 10',
      'ab'.repeat(32),
      'bytes 12 to 42',
    ]) {
      expect(plain).toContain(part);
    }
  });
});

describe('the terminal', () => {
  test('fits a screen and lets no escape code through', () => {
    const text = renderTerminal(report(HOSTILE), { width: 100, colour: false });
    expect(text).not.toContain('\u001b');
    expect(text).not.toContain('\u202e');
    expect(text.split('\n').length).toBeLessThan(45);
  });

  test('counts the contradictions that do not fit, and always shows one', () => {
    const [first] = report().findings;
    if (first === undefined) throw new Error('no finding');
    const many = { ...report(), findings: Array.from({ length: 30 }, (_, i) => ({ ...first, check: `made.check-${i}` })) };
    for (const height of [10, 24, 40, 60, 200]) {
      const text = renderTerminal(many, { width: 100, colour: false, height });
      const shown = text.split('\n').filter((line) => line.startsWith(' ✘ ') && !line.includes('REJECT')).length;
      expect(shown).toBeGreaterThan(0);
      if (height >= 24) expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(height);
      if (shown < 30) expect(text).toContain(`and ${30 - shown} more kinds in the full report`);
    }
  });

  test('says the verdict before anything else, also without colour', () => {
    const [, , decision = ''] = renderTerminal(report(), { width: 100, colour: false }).split('\n');
    expect(decision).toContain('REJECT');
  });

  test('no line is wider than the terminal', () => {
    for (const width of [60, 80, 120]) {
      for (const line of renderTerminal(report('a long claim '.repeat(20)), { width, colour: false }).split('\n'))
        expect(line.length).toBeLessThanOrEqual(width);
    }
  });
});

describe('redaction', () => {
  test('one identifier has one pseudonym everywhere, in every form', () => {
    const imei = '490154203237518';
    const clean = redactReport(
      report(`IMEI ${imei} serial ABC123XYZ`),
      new Map([
        [imei, '⟨imei 1⟩'],
        ['ABC123XYZ', '⟨serial 1⟩'],
      ]),
    );
    for (const form of [JSON.stringify(clean), renderHtml(clean), renderTerminal(clean, { width: 100, colour: false })]) {
      expect(form).not.toContain(imei);
      expect(form).not.toContain('ABC123XYZ');
      expect(form).toContain('⟨imei 1⟩');
    }
    expect(clean.evidence[0]?.sha256).toBe('ab'.repeat(32));
    expect(reportSchema.safeParse(clean).success).toBe(true);
  });

  test('what looks like an identifier is replaced though no fact named it', () => {
    const clean = JSON.stringify(redactReport(report('seen 356938035643809 at aa:bb:cc:dd:ee:ff for a.b@example.org'), new Map()));
    expect(clean).not.toMatch(/356938035643809|aa:bb:cc|example\.org/);
  });
});

test('nothing hides in text made visible', () => {
  expect(visible('a\u001b[31mb\u202ec\nd\u0000')).toBe('a\\x1b[31mb\\u202ec⏎d\\x00');
  expect(visible('x'.repeat(400)).length).toBe(300);
});
