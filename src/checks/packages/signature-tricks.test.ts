import { describe, expect, test } from 'vitest';
import type { ApkFact } from '../../evidence/index.ts';
import { apk, fact, judge, props } from '../boot/made-facts.ts';
import { signatureTricks } from './signature-tricks.ts';

const judged = (...apks: readonly (Partial<ApkFact> & { readonly path: string })[]) =>
  judge(signatureTricks, [props({}), fact('apks', apks.map(apk))]);

describe('archives that deceive the verifier', () => {
  test('genuine: nothing; a signature that does not verify is no trick', () => {
    expect(judged({ path: '/system/app/A.apk' }, { path: '/data/app/b/base.apk', issues: ['JAR_SIG_NO_MANIFEST'] })).toBe('pass');
  });

  test.each(['master-key-8219321', 'master-key-9695860', 'master-key-9950697', 'fake-id', 'janus', 'stripped-signature'])(
    'tampered: %s',
    (trick) => {
      expect(judged({ path: '/system/app/A.apk', issues: [trick] })).toEqual(['weak software']);
      expect(judged({ path: '/data/app/b/base.apk', issues: [trick] })).toEqual(['weak posture']);
    },
  );

  test('a packer’s tricks are noted, and one finding says all of an app', () => {
    expect(judged({ path: '/data/app/b/base.apk', issues: ['encrypted-flag', 'odd-method'] })).toEqual(['note posture']);
    expect(judged({ path: '/data/app/b/base.apk', issues: ['janus', 'odd-method'] })).toEqual(['weak posture']);
  });

  test('an app of the system that its signature does not cover is said; one that was installed, an installer has refused', () => {
    const issues = ['JAR_SIG_NO_ZIP_ENTRY_DIGEST_IN_MANIFEST'];
    expect(judged({ path: '/system/app/A.apk', verified: false, issues })).toEqual(['weak software']);
    expect(judged({ path: '/data/app/b/base.apk', verified: false, issues })).toBe('pass');
    // A build that took the compiled code out of it.
    expect(judged({ path: '/system/app/A.apk', verified: false, issues: ['JAR_SIG_MISSING_ZIP_ENTRY_REFERENCED_IN_MANIFEST'] })).toBe(
      'pass',
    );
  });

  test('missing: no APK was read', () => {
    expect(judge(signatureTricks, [props({})])).toBe('not-checked');
    expect(judged()).toBe('not-checked');
  });

  test('hostile: names that are no tricks, and ten thousand APKs', () => {
    expect(judged({ path: '/x', issues: ['__proto__', 'constructor', '', 'JANUS'] })).toBe('pass');
    expect(judged(...Array.from({ length: 10_000 }, (_, index) => ({ path: `/data/app/${index}.apk`, issues: ['janus'] })))).toHaveLength(
      100,
    );
  });
});
