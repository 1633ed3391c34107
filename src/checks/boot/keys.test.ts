import { describe, expect, test } from 'vitest';
import { customKey } from './custom-key.ts';
import { debuggableBuild } from './debuggable-build.ts';
import { judge, MI4, props } from './made-facts.ts';

describe('a boot chain under another key', () => {
  test('green and orange pass, yellow convicts, silence is not checked', () => {
    expect(judge(customKey, [props({ ...MI4, 'ro.boot.verifiedbootstate': 'green' })])).toBe('pass');
    expect(judge(customKey, [props({ ...MI4, 'ro.boot.verifiedbootstate': 'orange' })])).toBe('pass');
    expect(judge(customKey, [props({ ...MI4, 'ro.boot.verifiedbootstate': 'YELLOW' })])).toEqual(['conclusive software']);
    expect(judge(customKey, [props(MI4)])).toBe('not-checked');
  });

  test('hostile values are no key', () => {
    expect(judge(customKey, [props({ ...MI4, 'ro.boot.verifiedbootstate': 'yellow\u0000green' })])).toBe('pass');
  });
});

describe('a consumer build that can be debugged', () => {
  test('convicts on a user build, not on an engineering build that says so, nor where nothing is said', () => {
    expect(judge(debuggableBuild, [props({ ...MI4, 'ro.debuggable': '0' })])).toBe('pass');
    expect(judge(debuggableBuild, [props({ ...MI4, 'ro.debuggable': '1' })])).toEqual(['conclusive software']);
    expect(judge(debuggableBuild, [props({ ...MI4, 'ro.debuggable': '1', 'ro.build.type': 'userdebug' })])).toBe('pass');
    expect(judge(debuggableBuild, [props({ 'ro.product.brand': 'Xiaomi' })])).toBe('not-checked');
  });

  test('a maker without certification is not convicted for leaving its phones open', () => {
    expect(
      judge(debuggableBuild, [props({ ...MI4, 'ro.product.brand': 'NoName', 'ro.product.manufacturer': 'alps', 'ro.debuggable': '1' })]),
    ).toBe('pass');
  });
});
