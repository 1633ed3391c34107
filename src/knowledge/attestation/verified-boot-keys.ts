/**
 * Keys that verify boot, as `verifiedBootKey` in attestations states them: whose build a phone boots.
 * A key that is not here is unknown, which is unproven and never against a phone. Pixels and GrapheneOS publish theirs; the other rows are what phones' secure worlds swore to
 * when their owners sent samples to Auditor, 2018 to 2022 (`maker-boot-keys.ts`). LineageOS has no key of its own to find: its official builds boot unlocked.
 */
import type { SourceNote } from '../types.ts';
import { EARLIER_BOOT_KEYS } from './maker-boot-keys.ts';

export interface VerifiedBootKey {
  /** SHA-256 of the AVB public key, hex; phones of before AVB 2.0, and some of Samsung's, hash something else of their maker's. */
  readonly key: string;
  /** The model, or the models that were seen with it, one after the other. */
  readonly model: string;
  /** Brands of the maker whose phones they are. */
  readonly brands: readonly [string, ...string[]];
  /** `stock`: the maker's own builds; else the system's name. */
  readonly system: 'stock' | 'GrapheneOS' | 'CalyxOS';
  /** Whether every model of the key is listed: only then is another model of the same maker a contradiction. */
  readonly complete: boolean;
  /** Whether the list is kept by those who know: such a key vouches for a build (references/shelf/vouch.ts). A key from a sample does not. */
  readonly published: boolean;
}

export const VERIFIED_BOOT_KEYS_SOURCE: SourceNote =
  'github.com/GrapheneOS/AttestationServer AttestationProtocol.java (fingerprints, read 2026)';

type Row = readonly [key: string, model: string, system: 'stock' | 'GrapheneOS'];

const ROWS: readonly Row[] = [
  ['f0a890375d1405e62ebfd87e8d3f475f948ef031bbf9ddd516d5f600a23677e8', 'Pixel 6', 'GrapheneOS'],
  ['439b76524d94c40652ce1bf0d8243773c634d2f99ba3160d8d02aa5e29ff925c', 'Pixel 6 Pro', 'GrapheneOS'],
  ['08c860350a9600692d10c8512f7b8e80707757468e8fbfeea2a870c0a83d6031', 'Pixel 6a', 'GrapheneOS'],
  ['3efe5392be3ac38afb894d13de639e521675e62571a8a9b3ef9fc8c44fd17fa1', 'Pixel 7', 'GrapheneOS'],
  ['bc1c0dd95664604382bb888412026422742eb333071ea0b2d19036217d49182f', 'Pixel 7 Pro', 'GrapheneOS'],
  ['508d75dea10c5cbc3e7632260fc0b59f6055a8a49dd84e693b6d8899edbb01e4', 'Pixel 7a', 'GrapheneOS'],
  ['94df136e6c6aa08dc26580af46f36419b5f9baf46039db076f5295b91aaff230', 'Pixel Tablet', 'GrapheneOS'],
  ['ee0c9dfef6f55a878538b0dbf7e78e3bc3f1a13c8c44839b095fe26dd5fe2842', 'Pixel Fold', 'GrapheneOS'],
  ['cd7479653aa88208f9f03034810ef9b7b0af8a9d41e2000e458ac403a2acb233', 'Pixel 8', 'GrapheneOS'],
  ['896db2d09d84e1d6bb747002b8a114950b946e5825772a9d48ba7eb01d118c1c', 'Pixel 8 Pro', 'GrapheneOS'],
  ['096b8bd6d44527a24ac1564b308839f67e78202185cbff9cfdcb10e63250bc5e', 'Pixel 8a', 'GrapheneOS'],
  ['9e6a8f3e0d761a780179f93acd5721ba1ab7c8c537c7761073c0a754b0e932de', 'Pixel 9', 'GrapheneOS'],
  ['f729cab861da1b83fdfab402fc9480758f2ae78ee0b61c1f2137dd1ab7076e86', 'Pixel 9 Pro', 'GrapheneOS'],
  ['55d3c2323db91bb91f20d38d015e85112d038f6b6b5738fe352c1a80dba57023', 'Pixel 9 Pro XL', 'GrapheneOS'],
  ['af4d2c6e62be0fec54f0271b9776ff061dd8392d9f51cf6ab1551d346679e24c', 'Pixel 9 Pro Fold', 'GrapheneOS'],
  ['0508de44ee00bfb49ece32c418af1896391abde0f05b64f41bc9a2dfb589445b', 'Pixel 9a', 'GrapheneOS'],
  ['3f7415ea26f5df5b14ea6d153256071a7a1af9ce7b0970b7311cc463c7ea02c7', 'Pixel 10', 'GrapheneOS'],
  ['4e8ee8f717754052198ca6d2d3aaa232e2461b4293c0d6f297e519cc778de093', 'Pixel 10 Pro', 'GrapheneOS'],
  ['141d7fc32af7958a416f2661b37cf6f27bfb376fb5ce616aeaa27a82c7a04f74', 'Pixel 10 Pro XL', 'GrapheneOS'],
  ['55a2d44103e56d5ec65496399c417987ba77730e6488fc60ba058d09fc3caee3', 'Pixel 10 Pro Fold', 'GrapheneOS'],
  ['d8f879d10419eddc9fcda6280718be763f6bf12299e1f72df3ea8ad8a8eb7f80', 'Pixel 10a', 'GrapheneOS'],
  ['0f6e75c80183b5dec074b0054d4271e99389ebe4b136b0819de1f150ba0ff9d7', 'Pixel 6', 'stock'],
  ['42ed1bca352fabd428f34e8fcee62776f4cb2c66e06f82e5a59ff4495267bfc2', 'Pixel 6 Pro', 'stock'],
  ['9ac4174153d45e4545b0f49e22fe63273999b6ac1cb6949c3a9f03ec8807eee9', 'Pixel 6a', 'stock'],
  ['8b2c4cd539f5075e8e7cf212adb3db0413fbd77d321199c73d5a473c51f2e10d', 'Pixel 7', 'stock'],
  ['26ac4c60beb1e378357cad0c3061347af8df6fbabbb0d8cea2445855ee01e368', 'Pixel 7 Pro', 'stock'],
  ['003f1ade9d476e612b00f2983e6ad7dcd15e6a80cc2dbb008da7d6839ed73a8f', 'Pixel 7a', 'stock'],
  ['c72e569827ec2e19a1073d927e3b6a1c6c8322da795d5ce44bf3b95031b37c0a', 'Pixel Tablet', 'stock'],
  ['3bbd4712d8714812e762d3fb6d2d5724800c3342b1835cdbc1d3634ae59d646e', 'Pixel Fold', 'stock'],
  ['64def0828ff5d3eac65c3f5cef46c1d855fe0a5d8525e90fb94fc3dba9988c87', 'Pixel 8', 'stock'],
  ['e5362ddf4676e8aa134db520749bcb1f44fe6556f5e7bfab130cb6343476fc15', 'Pixel 8 Pro', 'stock'],
  ['9de25fb02bb5530d44149d148437c82e267e557322530aa6f03b0ac2e92931da', 'Pixel 8a', 'stock'],
  ['acb5a4dd184e2c44cfa6a53d2d5c5e8674c9498a59f8ae8019942ac1fceb1e6c', 'Pixel 9', 'stock'],
  ['06035f636bdb7f299a94b51c7d5645a913551327ffc5452b00c5830476d3208e', 'Pixel 9 Pro', 'stock'],
  ['d05975cfd778082e3d1623c91419f6d8634e579a786592118ccea057537579b7', 'Pixel 9 Pro XL', 'stock'],
  ['800e9093d29614f5bc3fc76a0e819ba0a5c0c94a7d6a17c53e7d017d346b7172', 'Pixel 9 Pro Fold', 'stock'],
  ['3327af62d84ab897af2523a16dcb5801e60c5d5b97f41ca1bd099c4784f7b743', 'Pixel 9a', 'stock'],
  ['757c626a2a91fe852536546048d7ca3f50df6c745c026db9ff89cc4703c59481', 'Pixel 10', 'stock'],
  ['244baaf78d0fee555a562fdd3f70ef61036492fba7ad192b83bb8d427e380b17', 'Pixel 10 Pro', 'stock'],
  ['ca5c81da02b8debb054fc625135a7833698a9b32148e8a2ef619ebc62ab2e3d8', 'Pixel 10 Pro XL', 'stock'],
  ['072d8e3269350849f3de787ac7a319f264c34fa326a7e70917fd96aaefd2fb0e', 'Pixel 10 Pro Fold', 'stock'],
  ['e354cd6bbb15d64b2e95b2f79e9df6ce22b8a5d0d66cfb70330d6a1bcd7212a0', 'Pixel 10a', 'stock'],
];

export const VERIFIED_BOOT_KEYS: readonly VerifiedBootKey[] = [
  ...ROWS.map(([key, model, system]): VerifiedBootKey => ({ key, model, brands: ['google'], system, complete: true, published: true })),
  ...EARLIER_BOOT_KEYS,
];
