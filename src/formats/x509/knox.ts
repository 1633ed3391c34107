/**
 * What Samsung's secure world adds to an attestation of its own: extension 1.3.6.1.4.1.236.11.3.23.7 beside the key description, in chains to Knox roots.
 * Source: vvb2060/KeyAttestation KnoxAttestation.java and IntegrityStatus.java at 1a765025; Samsung publishes no schema. Read: the integrity status. Kept as they are: all other elements
 * (challenge, ID attestation, record hash, the result of process authentication), whose meaning nobody publishes.
 *
 *   KnoxExtension ::= SEQUENCE { …, [5] EXPLICIT IntegrityStatus, … }
 *   IntegrityStatus ::= SEQUENCE {  each [n] EXPLICIT INTEGER: 0 normal, 1 abnormal, 2 not supported
 *     trustBoot [0], warranty [1], icd [2], kernelStatus [3], systemStatus [4], authResult [5] SEQUENCE }
 *
 * On phones sold with less than Android 8 the extension's outer lengths are too long, and Samsung's own readers mend them: such an extension does not parse here, which is said.
 */
import type { Reading } from '../../bytes/index.ts';
import { DER_TAG, type DerElement, derChildren, derError, derExpect, derExplicit, derIs, derOddity, derTrail, readDer } from './der.ts';
import { readDerNumber } from './der-values.ts';
import { writeDerContext, writeDerInteger, writeDerSequence } from './der-write.ts';

const FORMAT = 'knox attestation';
const INTEGRITY = 5;
const NAMES = ['trustBoot', 'warranty', 'icd', 'kernelStatus', 'systemStatus'] as const;
const WORDS = ['normal', 'abnormal', 'not supported'] as const;

export type KnoxStatus = (typeof WORDS)[number];

/** What is not stated is absent: nothing has a default. */
export type KnoxIntegrity = { readonly [K in (typeof NAMES)[number]]?: KnoxStatus };

/** Reads the value of the extension: the integrity status; undefined where it states none. @throws FormatError */
export function readKnoxIntegrity(bytes: Uint8Array, base = 0): Reading<KnoxIntegrity | undefined> {
  const trail = derTrail(FORMAT, base);
  const outer = derChildren(derExpect(readDer(bytes, trail), 'extension', DER_TAG.sequence), 'extension');
  const status = outer.find((element) => derIs(element, INTEGRITY, 'context'));
  const value = status === undefined ? undefined : readIntegrity(derExplicit(status, 'integrityStatus'));
  return { value, oddities: trail.oddities };
}

function readIntegrity(element: DerElement): KnoxIntegrity {
  const found = new Map<string, KnoxStatus>();
  for (const entry of derChildren(derExpect(element, 'integrityStatus', DER_TAG.sequence), 'integrityStatus')) {
    const name = entry.tagClass === 'context' ? NAMES[entry.tag] : undefined;
    if (name === undefined) continue;
    const field = `integrityStatus.${name}`;
    if (found.has(name)) {
      derOddity(entry.trail, entry.start, field, { code: 'duplicate-tag', detail: `${name} occurs twice; the first is kept` });
      continue;
    }
    const word = WORDS[readDerNumber(derExplicit(entry, field), field)];
    if (word === undefined) throw derError(entry, field, 'bad-value', 'no status that is known');
    found.set(name, word);
  }
  return Object.fromEntries(found);
}

/** Writes the extension with this status alone. */
export function writeKnoxIntegrity(integrity: KnoxIntegrity): Uint8Array {
  const entries = NAMES.flatMap((name, tag) => {
    const status = integrity[name];
    return status === undefined ? [] : [writeDerContext(tag, [writeDerInteger(WORDS.indexOf(status))])];
  });
  return writeDerSequence([writeDerContext(INTEGRITY, [writeDerSequence(entries)])]);
}
