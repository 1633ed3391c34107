/** The ports of whatever runs the tests: Node's in Node, the web's in Chromium. For pure tests, which know no platform. */
const platform =
  typeof process === 'object' && typeof window === 'undefined'
    ? import('../../src/platform/node/index.ts').then(({ nodeHash, nodeVerify, nodeCodec, nodeRules }) => ({
        hash: nodeHash,
        verify: nodeVerify,
        codec: nodeCodec,
        compileRules: nodeRules,
      }))
    : import('../../src/platform/web/index.ts').then(({ webHash, webVerify, webCodec, wasmRules }) => ({
        hash: webHash,
        verify: webVerify,
        codec: webCodec,
        compileRules: wasmRules,
      }));

export const { hash, verify, codec, compileRules } = await platform;
