import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allowedLines, readSelinuxPolicy } from './index.ts';

/** With every table that Android's policies fill: commons, constraints over names, roles, users with ranges, booleans, aliases, extended rules. */
const SOURCE = `class file
class process
class dir
sid kernel
common file { read write open ioctl }
class file inherits file { entrypoint }
class dir inherits file { search }
class process { transition fork }
sensitivity s0;
dominance { s0 }
category c0;
category c1;
level s0:c0.c1;
mlsconstrain file { read } (l1 dom l2 or t1 == { init shell });
attribute domain;
type init, domain;
type shell, domain;
type su, domain;
type system_file;
typealias system_file alias old_system_file;
permissive su;
role r;
role r types { init shell su system_file };
allow domain system_file:file { read open };
allow shell su:process transition;
auditallow shell system_file:file write;
dontaudit init su:process fork;
type_transition init system_file:process shell;
EXTENDED
bool b false;
user u roles { r } level s0 range s0 - s0:c0.c1;
sid kernel u:r:init:s0
`;
const EXTENDED = 'allow shell system_file:file ioctl;\nallowxperm shell system_file:file ioctl { 0x5401 0x5402 };';

/** The distribution's checkpolicy compiles, its sesearch and seinfo are the other readers. */
describe('policies of checkpolicy', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'assay-selinux-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([24, 26, 28, 29, 30, 31, 33])('of version %d read as sesearch reads them', (version) => {
    const [source, binary] = [join(folder, 'policy.conf'), join(folder, `policy.${version}`)];
    writeFileSync(source, SOURCE.replace('EXTENDED', version >= 30 ? EXTENDED : ''));
    execFileSync('checkpolicy', ['-M', '-c', String(version), '-o', binary, source], { stdio: 'ignore' });
    const { value, oddities } = readSelinuxPolicy(readFileSync(binary));
    expect(oddities).toEqual([]);
    expect(value.version).toBe(version);
    expect(value.permissive.map((type) => value.types[type])).toEqual(['su']);
    expect([...value.attributes].map((type) => value.types[type])).toContain('domain');
    const text = execFileSync('sesearch', ['--allow', binary], { encoding: 'utf8' });
    const theirs = [...text.matchAll(/^allow (\S+) (\S+):(\S+) (?:\{ (.*) \}|(\S+));$/gm)].flatMap(([, from, to, of, many, one]) =>
      (many ?? one ?? '').split(' ').map((permission) => `allow ${from} ${to}:${of} ${permission}`),
    );
    expect(theirs.length).toBeGreaterThan(2);
    expect([...allowedLines(value)].filter((line) => line.startsWith('allow ')).sort()).toEqual(theirs.sort());
    expect([...allowedLines(value)]).toContain('type_transition init system_file:process shell');
    expect([...allowedLines(value)].some((line) => line.startsWith('allowxperm shell system_file:file '))).toBe(version >= 30);
  });
});
