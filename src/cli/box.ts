/** What pictures of a box say, as claims. */
import { readFile } from 'node:fs/promises';
import { type BoxLabel, readBoxLabel } from '../acquire/index.ts';
import { readBarcodes } from '../platform/node/index.ts';
import { because } from './because.ts';
import { UsageError } from './exit.ts';
import { callerPath } from './paths.ts';

/** Reads the barcodes of the pictures together: a box has sides. @throws UsageError where none is found, and where a person must choose */
export async function boxLabelOf(pictures: readonly string[]): Promise<BoxLabel> {
  const codes = [];
  for (const picture of pictures) {
    try {
      codes.push(...(await readBarcodes(new Uint8Array(await readFile(callerPath(picture))))));
    } catch (error) {
      throw new UsageError(`--box ${picture}: ${because(error)}`);
    }
  }
  if (codes.length === 0) throw new UsageError('--box: no barcode was found in the picture; come nearer, with the light from the side');
  const label = readBoxLabel(codes);
  if (Object.keys(label.claims).length === 0 && label.couldBeSerial.length === 0)
    throw new UsageError(`--box: the ${codes.length} codes of the picture are no IMEI and no serial`);
  return label;
}
