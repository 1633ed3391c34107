/** The ports of whatever runs the tests: Node's in Node, the web's in Chromium. For pure tests, which know no platform. */
const platform =
  typeof process === 'object' && typeof window === 'undefined'
    ? import('../../src/platform/node/index.ts').then(({ nodeHash, nodeVerify, nodeCodec }) => ({
        hash: nodeHash,
        verify: nodeVerify,
        codec: nodeCodec,
      }))
    : import('../../src/platform/web/index.ts').then(({ webHash, webVerify, webCodec }) => ({
        hash: webHash,
        verify: webVerify,
        codec: webCodec,
      }));

export const { hash, verify, codec } = await platform;
