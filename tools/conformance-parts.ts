/** Folders of real data, each run by its own function: what agrees is counted, what differs is said, and one that fails costs itself. */
import { existsSync } from 'node:fs';

export type Check = (name: string, good: boolean, detail: string) => void;

export interface Part {
  readonly path: string;
  readonly runs: (path: string, check: Check) => Promise<void>;
}

/** Undefined: none of the folders is in this data. */
export async function runParts(all: readonly Part[]): Promise<{ agree: number; differ: string[] } | undefined> {
  const differ: string[] = [];
  let agree = 0;
  const check: Check = (name, good, detail) => {
    if (good) agree++;
    else differ.push(`${name}: ${detail}`);
  };
  const parts = all.filter(({ path }) => existsSync(path));
  if (parts.length === 0) return undefined;
  for (const { path, runs } of parts) {
    try {
      await runs(path, check);
    } catch (error) {
      check(path, false, error instanceof Error ? error.message : String(error));
    }
  }
  return { agree, differ };
}
