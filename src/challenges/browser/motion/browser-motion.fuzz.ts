import { readMotion, writeMotionQuestion } from './index.ts';

export const name = 'browser-motion';

const NONCE = new Uint8Array(16).fill(7);
const OWN = `"nonce":"${'07'.repeat(16)}"`;
const seed = (text: string) => new TextEncoder().encode(text);

export const seeds: readonly Uint8Array[] = [
  seed(
    `{${OWN},"starts":[0,900],"samples":[[50,0,0,9810,0,0,0],[100,0,0,9810,0,0,0],[900,0,9810,0,null,null,null]],"orientations":[[100,3500,0,0]],"interval":16}`,
  ),
  seed(`{${OWN},"starts":[],"samples":[],"orientations":[],"interval":null}`),
  seed('{"refused":"motion events want a secure page"}'),
];

/** Judges a hostile answer: an error, a hang or too much memory is a finding; so is more agreement than was compared. */
export async function run(bytes: Uint8Array): Promise<void> {
  const answer = new TextDecoder().decode(bytes);
  const read = readMotion([{ nonce: NONCE, question: writeMotionQuestion(NONCE), answer, sentNs: 0, receivedNs: 60e9 }]);
  if (read === undefined) throw new Error('it was asked');
  if ('steps' in read && read.agreeing > read.compared) throw new Error('more agrees than was compared');
}
