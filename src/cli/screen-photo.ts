/** A photograph of a pattern that a phone's browser showed, measured, as an artefact of a capture. The picture itself goes nowhere. */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { bytesSource, hashOf, parseHex, toHex } from '../bytes/index.ts';
import { nonceInCode, type PatternReading, readPattern } from '../challenges/browser/pattern/index.ts';
import type { Artefact } from '../evidence/index.ts';
import type { ScreenPhotoDocument } from '../evidence/own/index.ts';
import { decodePicture, findQrCodes, nodeHash } from '../platform/node/index.ts';
import { UsageError } from './exit.ts';
import { callerPath } from './paths.ts';

const FILE_MAX = 64 << 20;
const PROBLEM_MAX = 400;

/** @throws Error where it is no picture that we read */
export async function screenPhotoArtefact(word: string, index: number): Promise<Artefact> {
  const path = callerPath(word);
  if ((await stat(path)).size > FILE_MAX) throw new UsageError(`longer than ${FILE_MAX} bytes`);
  const file = new Uint8Array(await readFile(path));
  const { width, height, rgba } = await decodePicture(file);
  const codes = (await findQrCodes({ width, height, rgba })).flatMap(({ text, corners }) => {
    const nonce = nonceInCode(text);
    return nonce === undefined ? [] : [{ nonce, corners }];
  });
  const [code] = codes;
  const reading =
    code === undefined
      ? undefined
      : readPattern({ width, height, green: greenOf(rgba) }, parseHex(code.nonce) ?? new Uint8Array(0), code.corners);
  const document: ScreenPhotoDocument = {
    format: 'assay.screen-photo/1',
    picture: { width, height, sha256: toHex(hashOf(nodeHash, 'sha256', file)) },
    nonce: code?.nonce ?? null,
    problem: problemOf(reading, codes.length),
    patches: reading === undefined || 'problem' in reading ? [] : reading.patches.map(rounded),
  };
  const bytes = new TextEncoder().encode(JSON.stringify(document));
  return { name: `claims/screen-photo-${index}.json`, kind: 'screen-photo', source: bytesSource(bytes), origin: basename(word) };
}

function problemOf(reading: PatternReading | undefined, codes: number): string | null {
  if (reading === undefined) return 'no code of a pattern was found in it';
  if (codes > 1) return `${codes} patterns are in it`;
  return 'problem' in reading ? reading.problem.slice(0, PROBLEM_MAX) : null;
}

/** Digits beyond which a measurement is noise. */
const round = (value: number): number => Math.round(value * 1000) / 1000;

const rounded = ({
  axis,
  stripe,
  elsewhere,
  ...rest
}: Extract<PatternReading, { patches: unknown }>['patches'][number]): ScreenPhotoDocument['patches'][number] => ({
  axis,
  stripe,
  scale: round(rest.scale),
  slant: round(rest.slant),
  sharpness: round(rest.sharpness),
  contrast: round(rest.contrast),
  elsewhere: { period: elsewhere.period === undefined ? null : round(elsewhere.period), contrast: round(elsewhere.contrast) },
  black: round(rest.black),
  white: round(rest.white),
  clipped: round(rest.clipped),
});

function greenOf(rgba: Uint8Array): Uint8Array {
  const green = new Uint8Array(rgba.length / 4);
  for (let at = 0; at < green.length; at++) green[at] = rgba[4 * at + 1] ?? 0;
  return green;
}
