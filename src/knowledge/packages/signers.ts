/**
 * Signing certificates whose owner is known, by SHA-256 of the DER certificate.
 * A leaked key is still its maker's genuine key: it convicts nothing on that maker's phones.
 */
import type { Signer } from '../types.ts';
import { SOURCES } from './sources.ts';

const testKey = (sha256: string, owner: string, source: string, sha1?: string): Signer => ({
  sha256,
  ...(sha1 === undefined ? {} : { sha1 }),
  owner,
  role: 'test',
  packages: [],
  sources: [source],
});

/** Their private keys are in AOSP: anybody can sign with them. */
const testKeys: readonly Signer[] = [
  testKey(
    'a40da80a59d170caa950cf15c18c454d47a39b26989d8b640ecd745ba71bf5dc',
    'AOSP testkey',
    SOURCES.aospKeys,
    '61ed377e85d386a8dfee6b864bd85b0bfaa5af81',
  ),
  testKey(
    'c8a2e9bccf597c2fb6dc66bee293fc13f2fc47ec77bc6b2b0d52c11f51192ab8',
    'AOSP test platform key',
    SOURCES.cm12,
    '27196e386b875e76adf700e7ea84e4c6eee33dfa',
  ),
  testKey('465983f7791f2abeb43ea2cbdc7f21a8260b72bc08a55c839fc1a43bc741a81e', 'AOSP test media key', SOURCES.cm12),
  testKey('28bbfe4a7b97e74681dc55c2fbb6ccb8d6c74963733f6af6ae74d8c3a6e879fd', 'AOSP test shared key', SOURCES.cm12),
  testKey('e1dbadce60dc080d15b58a014b0dcf9400e24de23fa00b287a5a982bfebda2ee', 'AOSP test networkstack key', SOURCES.aospKeys),
  testKey('abf21f9e2af1d881cc673fddcefa6ed9c269a437bd64b279cf45844cfd589126', 'AOSP test sdk_sandbox key', SOURCES.aospKeys),
  testKey('a6ccc500ff0e7421200eb66a7fe174ef1b00e52ca91727070cbedf061ff76c35', 'AOSP test bluetooth key', SOURCES.aospKeys),
  testKey('fae9122a8721d6e2a196d2224dffcf773c9127e2bb956cbddb40b009192ffdfd', 'AOSP test nfc key', SOURCES.aospKeys),
];

const platform = (sha256: string, owner: string, sources: readonly string[], sha1?: string): Signer => ({
  sha256,
  ...(sha1 === undefined ? {} : { sha1 }),
  owner,
  role: 'platform',
  packages: ['android'],
  sources,
});

/** Keys that sign the package `android` on a maker's genuine builds. */
const platformKeys: readonly Signer[] = [
  platform(
    'c9009d01ebf9f5d0302bc71b2fe9aa9a47a432bba17308a3111b75d7b2149025',
    'Xiaomi',
    [SOURCES.rolex],
    '7b6dc7079c34739ce81159719fb5eb61d2a03225',
  ),
];

const leakedDigests = [
  '2464ddfefa071f268ea7667123df05ead2293272ff2a64d9cee021c38b46c6af',
  '2bfa22964760a25d99ab9a14910e44fe2063b51d5b4ac2e4282573ce94996aa3',
  '369c38b18401ea16785f11720e37d7a2bc5a4d209e76955c0858ea469ad62fdf',
  '4274243d7a954ac6482866f0cc67ca1843ca94d68a0ee53f837d6740a8134421',
  '9200c550f2374706eff37e3a8674bc03aeba8b25c052de638972ab94365af0a2',
  '9fc510e167d8d312e758273285414e77edac9fed944741f5682be92501f095d4',
  'b01dcea669eefdd991fc6a24678a8b6e6a6d0ad8986950328c69d0eea1dec0d5',
] as const;

/**
 * Platform keys of makers that signed malware in 2022: all ten of the published list, which names no makers beside them. Press named Samsung, LG,
 * MediaTek, Revoview and Szroco, by what a malware archive said of the certificates. Whose a digest is stands here only where public code or notes say it
 * of that digest. The two below sign no phone's `android` that is known, so they stand for no maker's phones.
 */
const leakedKeys: readonly Signer[] = [
  {
    sha256: '34df0e7a9f1cf1892e45c056b4973cd81ccf148a4050d11aea4ac5a65f900a42',
    owner: 'Samsung',
    role: 'leaked',
    packages: ['android'],
    sources: [SOURCES.apvi, SOURCES.samsungSdk],
  },
  {
    sha256: '5304915c4bb7baca28776231993996fde1baffcbbe6500fb0fc7f2d3a2888cb7',
    sha1: 'f1a54a3f024a8d1b74d1ff1f74d3be66ed79312e',
    owner: 'Spreadtrum (now Unisoc), as its source has it',
    role: 'leaked',
    packages: [],
    sources: [SOURCES.apvi, SOURCES.sprdSign],
  },
  {
    sha256: 'a7a0e10a61a5af93624376df60e9def9436358f50aa6174e5423633b856e2be1',
    sha1: '0832f8eb8bb228121a6ea90cadd89d582cb19c7d',
    owner: 'Xiaomi, of a television box',
    role: 'leaked',
    packages: [],
    sources: [SOURCES.apvi, SOURCES.boxNotes],
  },
  ...leakedDigests.map(
    (sha256): Signer => ({
      sha256,
      owner: 'a maker whom the source does not name',
      role: 'leaked',
      packages: [],
      sources: [SOURCES.apvi],
    }),
  ),
];

type Owner = readonly [owner: string, source: string];

const app = (sha256: string, [owner, source]: Owner, packages: readonly string[] = [], sha1?: string): Signer => ({
  sha256,
  ...(sha1 === undefined ? {} : { sha1 }),
  owner,
  role: 'app',
  packages,
  sources: [source],
});

const appSigners: readonly Signer[] = [
  app(
    'f0fd6c5b410f25cb25c3b53346c8972fae30f8ee7411df910480ad6b2d60db83',
    ['Google', SOURCES.rolex],
    [],
    '38918a453d07199354f8b19af05ec6562ced5788',
  ),
  app(
    '3d7a1223019aa39d9ea0e3436ab7c0896bfb4fb679f4de5fe7c23f326c8f994a',
    ['Google', SOURCES.cm12],
    [],
    '24bb24c05e47e0aefa68a58a766179d9b613a600',
  ),
  app('7ce83c1b71f3d572fed04c8d40c5cb10ff75e6d87d9df6fbd53f0468c2905053', ['Google', SOURCES.pixel]),
  app('5f2391277b1dbd489000467e4c2fa6af802430080457dce2f618992e9dfb5402', ['Google', SOURCES.pixel]),
  app('5aad2bee6db95d17e05a08d7d1e64c10a1511879154483916b6ae6c7fd9cb0c6', ['Google', SOURCES.pixel], ['com.google.android.youtube']),
  app('ba835740b0898dbb0ffdcb00f53f9c90d3194b64c39a5588478f9a1aad79144f', ['Google', SOURCES.pixel], ['com.google.android.markup']),
  app('d14a5a7cea1e26b88a1ef0731c9bea61d0cf6cf30748af31edd22ec8762702c6', ['Google', SOURCES.rolex], ['com.google.android.ext.shared']),
  app('3a448f6bd416ffb5e5fac29103a8c123131ba86347420c881dc32f215860ad53', ['Google', SOURCES.rolex], ['com.google.android.ext.services']),
  app(
    '7ef3eedb4f48ecf11e3170ce2ff42dfc0de47cdc024576133275adef34afade2',
    ['Google', SOURCES.rolex],
    ['com.google.android.printservice.recommendation'],
  ),
  app('d45f076fe23a1a5b7f486e3ff41547a2023dbfe1fe73353b1e48ebdfed72cc6f', ['Xiaomi', SOURCES.rolex]),
  app('e4431422e25ae61fa3655e9f908a9b40da2acd67fab99b737027c21fd22b7d40', ['Xiaomi', SOURCES.rolex]),
  app('5e1299153a37cd822e51fc39e7dc8571ad844199a4b5a481ddbcc1a74c05e657', ['Xiaomi', SOURCES.rolex]),
  app(
    'd9926971e9b849b6a65264cead4d26b91d5f958208ed25f1737bbc1770278dff',
    ['Xiaomi', SOURCES.miuiSecurity],
    ['com.xiaomi.loan', 'com.xiaomi.loanx'],
  ),
  app('b031fe98a4dbb0d4d82661787f25de643182b378e9ef632d8adea75aab58f2d8', ['Xiaomi', SOURCES.miuiSecurity], ['com.xiaomi.smarthome']),
  app('a8c2ee61f559977a39b2f6eea75d05fe4cb4d5b80dcaf4b0cf2330e9be718d34', ['Xiaomi', SOURCES.miuiSecurity], ['com.xiaomi.youpin']),
  app('b92109b59095955ccaaf5ecbcf0f153ec9640a4658c101667ad96b7e499a4092', ['Facebook', SOURCES.rolex]),
  app('3987d043d10aefaf5a8710b3671418fe57e0e19b653c9df82558feb5ffce5d44', ['WhatsApp', SOURCES.appVerifier], ['com.whatsapp']),
  app('fb920d381bee1b2093f27dc8f13d994da629dc91887d0529b35c9a2dc4f4a6c2', ['WhatsApp', SOURCES.appVerifier], ['com.whatsapp']),
  app('49c1522548ebacd46ce322b6fd47f6092bb745d0f88082145caf35e14dcc38e1', ['Telegram', SOURCES.appVerifier], ['org.telegram.messenger']),
  app('29f34e5f27f211b424bc5bf9d67162c0eafba2da35af35c16416fc446276ba26', ['Signal', SOURCES.appVerifier], ['org.thoughtcrime.securesms']),
  app('4be4f6cd5be844083e900279dc822af65a547fecc26aba7ff1f5203a45518cd8', ['Signal', SOURCES.appVerifier], ['org.thoughtcrime.securesms']),
  app('9041803e91bcb814b4b4399fb5c85a91640b755e5e8ba76813814bf4cf2ab5ba', ['TikTok', SOURCES.appVerifier], ['com.zhiliaoapp.musically']),
  app('43238d512c1e5eb2d6569f4a3afbf5523418b82e0a3ed1552770abb9a9c9ccab', ['F-Droid', SOURCES.appVerifier], ['org.fdroid.fdroid']),
];

/** Every known signer. */
export const signers: readonly Signer[] = [...testKeys, ...platformKeys, ...leakedKeys, ...appSigners];
