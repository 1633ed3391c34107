/** The operator's yes. What changes a phone, however briefly, is asked for by name, and silence is a no. */
import { createInterface } from 'node:readline/promises';
import { UsageError } from './exit.ts';

/**
 * Says what will be done and asks for a yes, unless it was given on the command line.
 * @throws UsageError where nobody can be asked, or the answer is not yes
 */
export async function askForYes(what: string, isGiven: boolean): Promise<void> {
  if (isGiven) return;
  if (!process.stdin.isTTY || !process.stderr.isTTY) throw new UsageError(`${what} Nobody can be asked here: give --yes.`);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question(`${what} Go on? [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) throw new UsageError('not done: the answer was not yes');
  } finally {
    lines.close();
  }
}

/** Asks the operator to do something at the phone and waits for Enter; where nobody can be asked, it is taken as done. */
export async function waitForHand(what: string): Promise<void> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  await lines.question(`${what} Then press Enter. `);
  lines.close();
}
