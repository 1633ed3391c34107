/** Bundles: several answers in one artefact, each behind a line `NONCE NAME`. The first line gives the nonce away, which the answers could not know. */
import type { Line } from '../lines.ts';
import { eachLineIn, type LoadedArtefact } from '../reader.ts';

export interface Section {
  readonly name: string;
  readonly lines: readonly Line[];
}

const SECTIONS_MAX = 1000;
const LINES_MAX = 200_000;

/** The nonce of an artefact's first line `NONCE REST`, with the rest; undefined where there is none. */
export function nonceOf(line: Line | undefined): { readonly nonce: string; readonly rest: string } | undefined {
  const [, nonce, rest] = /^([0-9a-f]{16}) (.*)$/s.exec(line?.text ?? '') ?? [];
  return nonce === undefined || rest === undefined ? undefined : { nonce, rest };
}

/** The sections of a bundle; none where it does not begin as one. */
export function sectionsOf(artefact: LoadedArtefact): readonly Section[] {
  const sections: { name: string; lines: Line[] }[] = [];
  let nonce: string | undefined;
  let count = 0;
  for (const line of eachLineIn(artefact)) {
    nonce ??= nonceOf(line)?.nonce;
    if (nonce === undefined || count++ > LINES_MAX) break;
    if (line.text.startsWith(`${nonce} `)) {
      if (sections.length >= SECTIONS_MAX) break;
      sections.push({ name: line.text.slice(17), lines: [] });
    } else sections.at(-1)?.lines.push(line);
  }
  return sections;
}
