import { FormatError } from '../../bytes/index.ts';
import { type DerElement, derChildren, derTrail, readDer } from './der.ts';
import * as values from './der-values.ts';
import {
  writeDerBits,
  writeDerBoolean,
  writeDerContext,
  writeDerInteger,
  writeDerOid,
  writeDerSequence,
  writeDerText,
  writeDerTime,
} from './der-write.ts';

export const name = 'der';

export const seeds: readonly Uint8Array[] = [
  writeDerSequence([
    writeDerInteger(-129),
    writeDerOid('1.2.840.10045.4.3.2'),
    writeDerBoolean(true),
    writeDerTime('2026-05-24T16:28:52Z'),
    writeDerContext(704, [writeDerText('text')]),
    writeDerBits(Uint8Array.of(0x80), 7),
  ]),
  Uint8Array.of(0x30, 0x80, 0x24, 0x80, 0x04, 0x01, 0x41, 0x00, 0x00, 0x00, 0x00),
];

const READERS = [
  values.readDerInteger,
  values.readDerNumber,
  values.readDerBoolean,
  values.readDerOid,
  values.readDerOctets,
  values.readDerBits,
  values.readDerText,
  values.readDerTime,
  values.readDerNull,
];

/** Reads hostile bytes with every reader at every element: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  let left = 4096;
  const walk = (element: DerElement): void => {
    for (const read of READERS) quietly(() => read(element, 'field'));
    if (!element.constructed) return;
    quietly(() => {
      for (const child of derChildren(element, 'children')) if (left-- > 0) walk(child);
    });
  };
  quietly(() => walk(readDer(bytes, derTrail('fuzz'))));
}

function quietly(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
