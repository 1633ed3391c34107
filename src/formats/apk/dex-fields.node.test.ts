/** Fields as Debian’s dexdump, AOSP’s own reader, prints them of a file that we wrote, beside what we read of it. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nodeHash } from '../../platform/node/index.ts';
import { readDex, writeDex } from './index.ts';

const DEXDUMP = '/usr/bin/dexdump';

test.skipIf(!existsSync(DEXDUMP))(
  'a transient field is told from one that is not (skipped where Debian’s dexdump is not installed)',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'assay-fields-'));
    try {
      const className = 'Lorg/example/Held;';
      const fields = [
        { className, name: 'mContext', type: 'J', accessFlags: 0x92 },
        { className, name: 'other', type: 'J', accessFlags: 0x12 },
        { className, name: 'text', type: 'Ljava/lang/String;', accessFlags: 0x44 },
      ];
      const dex = writeDex({ classes: [className, 'Lorg/example/Empty;'], strings: ['x'], fields }, nodeHash);
      const path = join(folder, 'held.dex');
      writeFileSync(path, dex);
      const printed = execFileSync(DEXDUMP, [path], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
      const theirs = [...printed.matchAll(/name +: '(\w+)'\n +type +: '([^']+)'\n +access +: 0x([0-9a-f]+)/g)].map(([, ...words]) => words);
      expect(theirs.map(([name, type, flags]) => ({ name, type, accessFlags: Number.parseInt(flags ?? '', 16) }))).toEqual(
        readDex(dex).value.fieldsOf(className),
      );
      expect(printed).toContain('0x0092 (PRIVATE FINAL TRANSIENT)');
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
