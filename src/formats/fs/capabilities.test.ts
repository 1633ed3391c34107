import { describe, expect, it } from 'vitest';
import { readCapabilities } from './capabilities.ts';

const words = (...values: number[]): Uint8Array => new Uint8Array(new Uint32Array(values).buffer);

describe('security.capability', () => {
  it('reads revision 2 as setcap writes it: cap_net_raw+ep', () => {
    expect(readCapabilities(words(0x02000001, 1 << 13, 0, 0, 0))).toEqual({
      revision: 2,
      effective: true,
      permitted: 1n << 13n,
      inheritable: 0n,
      rootUid: undefined,
    });
  });

  it('reads the root user of revision 3', () => {
    expect(readCapabilities(words(0x03000000, 0, 0, 1, 0, 100_000))).toMatchObject({
      permitted: 1n << 32n,
      rootUid: 100_000,
      effective: false,
    });
  });

  it.each([
    ['an unknown revision', words(0x04000000, 0, 0, 0, 0)],
    ['a value that ends early', words(0x02000001, 1)],
    ['nothing', new Uint8Array()],
  ])('refuses %s', (_, bytes) => {
    expect(() => readCapabilities(bytes)).toThrow(/file capabilities/);
  });
});
