/** How the time of each reader of an APK's parts grows with what it is given: with it, not with its square. */
import { describe, expect, test } from 'vitest';
import { growthOf, SQUARE_FROM } from '../../../test/support/growth.ts';
import { hash } from '../../../test/support/ports.ts';
import { FormatError } from '../../bytes/index.ts';
import { writeDerContext, writeDerInteger, writeDerNull, writeDerOid, writeDerSequence, writeDerSet } from '../x509/index.ts';
import {
  type AxmlPart,
  jarAttributes,
  readAxml,
  readDex,
  readJarSections,
  readResources,
  readSignedData,
  resourceEntries,
  writeAxml,
  writeDex,
  writeJarSection,
  writeResources,
} from './index.ts';

const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));
const names = (count: number) => many(count, (index) => `name${index}`);

/** Elements within one another; made from the inside, as a recursion would not get there. */
function nested(depth: number): Uint8Array {
  const flat = writeAxml({
    name: 'a',
    attributes: [],
    children: many(depth, (): AxmlPart => ({ name: 'b', attributes: [], children: [] })),
  });
  // Every start first, then every end: the same chunks in another order are nested.
  const view = new DataView(flat.buffer, flat.byteOffset, flat.byteLength);
  const chunks: { readonly type: number; readonly bytes: Uint8Array }[] = [];
  for (let at = 8; at + 8 <= flat.length; at += view.getUint32(at + 4, true))
    chunks.push({ type: view.getUint16(at, true), bytes: flat.slice(at, at + view.getUint32(at + 4, true)) });
  const out = new Uint8Array(flat);
  let to = 8;
  for (const wanted of [
    (type: number) => type !== 0x0103 && type !== 0x0101,
    (type: number) => type === 0x0103,
    (type: number) => type === 0x0101,
  ])
    for (const { type, bytes } of chunks)
      if (wanted(type)) {
        out.set(bytes, to);
        to += bytes.length;
      }
  return out;
}

describe('readers of an APK’s parts', () => {
  test('compiled XML by depth', () => {
    expect(growthOf({ make: nested, run: readAxml, size: 2000 })).toBeLessThan(SQUARE_FROM);
  });

  test('compiled XML by strings and attributes', () => {
    const make = (count: number) => writeAxml({ name: 'a', attributes: names(count).map((name) => ({ name, value: name })), children: [] });
    expect(growthOf({ make, run: readAxml, size: 400, factor: 8 })).toBeLessThan(SQUARE_FROM);
  });

  test('resources by entries', () => {
    const make = (count: number) =>
      writeResources(
        names(count).map((key) => ({ type: 'string', key, value: key })),
        { packageName: 'a.b' },
      );
    const run = (bytes: Uint8Array) => resourceEntries(readResources(bytes).value, 0x7f010000);
    expect(growthOf({ make, run, size: 1000 })).toBeLessThan(SQUARE_FROM);
  });

  test('DEX by classes', () => {
    const make = (count: number) => writeDex({ classes: names(count).map((name) => `L${name};`), strings: [] }, hash);
    const run = (bytes: Uint8Array) => readDex(bytes).value.classes();
    expect(growthOf({ make, run, size: 1000 })).toBeLessThan(SQUARE_FROM);
  });

  test('JAR manifests by sections, and one attribute by lines', () => {
    const sections = (count: number) => new Uint8Array(many(count, (index) => [...writeJarSection([['Name', `n${index}`]])]).flat());
    const run = (bytes: Uint8Array) => readJarSections(bytes).map(jarAttributes);
    expect(growthOf({ make: sections, run, size: 2000 })).toBeLessThan(SQUARE_FROM);
    const line = (count: number) => writeJarSection([['Name', 'x'.repeat(count)]]);
    expect(growthOf({ make: line, run, size: 40_000 })).toBeLessThan(SQUARE_FROM);
  });

  test('PKCS#7 by signers, which are refused', () => {
    const make = (count: number) => {
      const info = writeDerSequence([writeDerInteger(1)]);
      const data = writeDerSequence([
        writeDerInteger(1),
        writeDerSet([writeDerSequence([writeDerOid('1.3.14.3.2.26'), writeDerNull()])]),
        writeDerSequence([writeDerOid('1.2.840.113549.1.7.1')]),
        writeDerSet(many(count, () => info)),
      ]);
      return writeDerSequence([writeDerOid('1.2.840.113549.1.7.2'), writeDerContext(0, [data])]);
    };
    const run = (bytes: Uint8Array) => {
      try {
        readSignedData(bytes);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
      }
    };
    expect(growthOf({ make, run, size: 4000 })).toBeLessThan(SQUARE_FROM);
  });
});
