import type { HashPort, Oddity } from '../../bytes/index.ts';
import type { JarResult } from './jar/verify.ts';
import type { SchemeResult } from './schemes.ts';
import type { SigningBlock } from './signing-block.ts';
import type { ApkZip } from './zip-view.ts';

/** A known way to deceive Android or those who analyse apps, by name. */
export interface Trick {
  readonly name: string;
  readonly because: string;
}

/** What naming tricks takes. */
export interface TrickEvidence {
  readonly zip: ApkZip;
  readonly block: SigningBlock | undefined;
  readonly oddities: readonly Oddity[];
  readonly jar: JarResult | undefined;
  readonly v2: SchemeResult | undefined;
  readonly v3: SchemeResult | undefined;
  readonly hash: HashPort;
}

/** Names the tricks that an APK shows. */
export function tricksOf(_evidence: TrickEvidence): readonly Trick[] {
  return [];
}
