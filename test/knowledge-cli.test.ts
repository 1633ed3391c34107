import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assay } from './support/cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'assay-knowledge-cli-'));
const run = (...words: string[]) => assay(folder, ...words);
const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const bundle = (pattern: string) =>
  JSON.stringify({
    type: 'bundle',
    id: 'bundle--1',
    objects: [
      { type: 'malware', id: 'malware--1', name: 'Example Trojan' },
      { type: 'indicator', id: 'indicator--1', pattern_type: 'stix', pattern, labels: ['malicious-activity'] },
      { type: 'relationship', id: 'relationship--1', relationship_type: 'indicates', source_ref: 'indicator--1', target_ref: 'malware--1' },
      { type: 'indicator', id: 'indicator--2', pattern_type: 'sigma', pattern: 'x' },
    ],
  });
const words = ['--pack-version', '2026-01', '--licence', 'CC-BY-4.0'];

let server: Server;
let base: string;
let served = bundle("[app:id='com.served']");
beforeAll(async () => {
  for (const name of ['lab', 'other']) {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    write(`${name}.pem`, privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
    write(`${name}.pub`, publicKey.export({ format: 'pem', type: 'spki' }).toString());
  }
  write(
    'bad.stix2',
    bundle(
      "[app:id='com.example.bad' AND android-property:value='x'] OR [android-property:name='sys.example' AND android-property:value='on']",
    ),
  );
  write('getprop.txt', '[ro.product.model]: [Example]\n[sys.example]: [on]\n[ro.build.version.release]: [14]\n');
  server = createServer((_, response) => response.end(served));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // The cast is Node's own advice: a TCP server's address is never a text.
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/served.stix2`;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('assay knowledge', () => {
  test('a document without a licence or version is asked for it', async () => {
    expect(await run('knowledge', 'import', 'bad.stix2')).toMatchObject({ status: 2, err: expect.stringContaining('--licence') });
    expect(await run('knowledge', 'import', 'bad.stix2', '--licence', 'MIT')).toMatchObject({
      status: 2,
      err: expect.stringContaining('--pack-version'),
    });
    expect(await run('knowledge', 'import', 'getprop.txt', ...words)).toMatchObject({
      status: 1,
      err: expect.stringContaining('is no pack'),
    });
  });

  test('an imported pattern is judged by, and the report names pack and source', async () => {
    const before = await run('inspect', 'getprop.txt', '--json');
    expect(JSON.parse(before.out).findings.map(({ check }: { check: string }) => check)).not.toContain('behaviour.patterns');
    const imported = await run('knowledge', 'import', 'bad.stix2', ...words);
    expect(imported).toMatchObject({
      status: 0,
      out: 'bad@2026-01: 1 patterns; licence CC-BY-4.0\n',
      err: expect.stringContaining('indicator--2: a pattern of the type sigma'),
    });
    const report = JSON.parse((await run('inspect', 'getprop.txt', '--json')).out);
    expect(report.versions.knowledge).toMatch(/ \+ bad@2026-01 \(CC-BY-4\.0\)$/);
    const [found] = report.findings.filter(({ check }: { check: string }) => check === 'behaviour.patterns');
    expect(found).toMatchObject({ observed: 'property sys.example', because: expect.stringContaining('Example Trojan (bad@2026-01)') });
    expect(JSON.parse((await run('knowledge', 'list', '--json')).out).packs).toMatchObject([
      { id: 'bad', licence: 'CC-BY-4.0', imported: { signedBy: null } },
    ]);
    expect((await run('knowledge', 'list')).out).toMatch(/nobody vouches for it/);
  });

  test('a signed pack: exported, refused under another key and after a change, imported elsewhere', async () => {
    expect(await run('knowledge', 'export', 'bad', '--out', 'bad.pack', '--key', 'lab.pem')).toMatchObject({ status: 0 });
    const elsewhere = ['--knowledge', 'elsewhere'];
    expect(await run('knowledge', 'import', 'bad.pack', '--signer', 'other.pub', ...elsewhere)).toMatchObject({
      status: 1,
      err: expect.stringContaining('no trusted key signed it'),
    });
    expect(await run('knowledge', 'import', 'bad.stix2', '--signer', 'lab.pub', ...words, ...elsewhere)).toMatchObject({
      status: 1,
      err: expect.stringContaining('nobody signed'),
    });
    expect((await run('knowledge', 'import', 'bad.pack', '--signer', 'lab.pub', ...elsewhere)).out).toMatch(/signed by lab\.pub\n$/);
    write('changed.pack', readFileSync(join(folder, 'bad.pack'), 'utf8').replace('Example Trojan', 'Harmless thing'));
    writeFileSync(join(folder, 'changed.pack.sig'), readFileSync(join(folder, 'bad.pack.sig')));
    expect(await run('knowledge', 'import', 'changed.pack', '--signer', 'lab.pub', ...elsewhere)).toMatchObject({
      status: 1,
      err: expect.stringContaining('another pack than this one'),
    });
  });

  test('an older version, and one that nobody signed, is not taken in place of what is kept', async () => {
    const kept = ['--knowledge', 'kept'];
    expect(await run('knowledge', 'import', 'bad.pack', '--signer', 'lab.pub', ...kept)).toMatchObject({ status: 0 });
    expect(await run('knowledge', 'import', 'bad.stix2', ...words, ...kept)).toMatchObject({
      status: 2,
      err: expect.stringContaining('is signed by lab.pub'),
    });
    expect(
      await run('knowledge', 'import', 'bad.stix2', '--pack-version', '2025-12', '--licence', 'MIT', '--replace', ...kept),
    ).toMatchObject({
      status: 0,
    });
    expect(await run('knowledge', 'import', 'bad.stix2', '--pack-version', '2025-11', '--licence', 'MIT', ...kept)).toMatchObject({
      status: 2,
      err: expect.stringContaining('bad@2025-11 is older than the kept bad@2025-12'),
    });
  });

  test('a pack that was changed on disk is not judged by', async () => {
    const path = join(folder, 'elsewhere', 'bad.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('Example Trojan', 'Harmless thing'));
    expect(await run('inspect', 'getprop.txt', '--knowledge', 'elsewhere')).toMatchObject({
      status: 2,
      err: expect.stringContaining('changed after it was imported'),
    });
    expect(await run('knowledge', 'remove', 'bad', '--knowledge', 'elsewhere')).toMatchObject({ status: 0 });
    expect(await run('knowledge', 'remove', 'bad', '--knowledge', 'elsewhere')).toMatchObject({ status: 2 });
  });

  test('a pack from an address is fetched again', async () => {
    expect((await run('knowledge', 'import', base, ...words, '--class', 'stalkerware')).out).toMatch(/^served@2026-01: 1 indicators/);
    served = bundle("[app:id IN ('com.served', 'com.more')]");
    expect((await run('knowledge', 'update', 'served', '--pack-version', '2026-02')).out).toMatch(
      /^served@2026-02: 2 indicators; licence CC-BY-4\.0/,
    );
    const kept = JSON.parse(readFileSync(join(folder, 'config', 'knowledge', 'served.json'), 'utf8'));
    expect(kept.pack.indicators.map((row: { class: string }) => row.class)).toEqual(['stalkerware', 'stalkerware']);
    expect(await run('knowledge', 'update', 'nothing')).toMatchObject({ status: 2 });
  });

  test('TAC tables, spec tables and YARA rules are packs too', async () => {
    write('tacs.csv', 'tac,brand,model\n35000000,Example,One\nx,y,z\n');
    write('specs.csv', 'brand,model,device,soc,ram_gb,storage_gb,width,height,android\nExample,One,one,MSM8974,2,16,1080,1920,4.4\n');
    write('rules.yar', 'rule example { condition: false }\n');
    expect((await run('knowledge', 'import', 'tacs.csv', 'specs.csv', 'rules.yar', ...words)).out).toBe(
      'tacs@2026-01: 1 tacs; licence CC-BY-4.0\nspecs@2026-01: 1 specs; licence CC-BY-4.0\nrules@2026-01: 1 rules; licence CC-BY-4.0\n',
    );
  });

  test('imported rules scan files, and their source is named; a rule that does not compile costs itself', async () => {
    write('family.yar', 'rule family_x { meta: family = "X" class = "malware" strings: $a = "needle of x" condition: $a }\n');
    write('broken.yar', 'rule broken { condition: nonsense }\n');
    write('libx.so', '\x7fELF needle of x');
    expect(await run('apk', 'scan', 'libx.so')).toMatchObject({ status: 0, out: expect.stringContaining('no rule is met') });
    await run('knowledge', 'import', 'family.yar', 'broken.yar', ...words);
    const scanned = await run('apk', 'scan', 'libx.so', '--json');
    expect(scanned).toMatchObject({ status: 20, err: expect.stringContaining('the rules of broken@2026-01: broken.yar are not used') });
    expect(JSON.parse(scanned.out)).toMatchObject({
      bytes: 16,
      matches: [{ source: 'family@2026-01: family.yar', rule: 'family_x', at: 5 }],
    });
    expect(await run('apk', 'scan', 'nothing.so')).toMatchObject({ status: 1 });
  });

  test('bulletins of later years are judged by once they are imported', async () => {
    write(
      'osv.json',
      JSON.stringify({
        id: 'ASB-A-1',
        aliases: ['CVE-2025-0001'],
        affected: [
          {
            package: { ecosystem: 'Android', name: 'platform/system/bt' },
            ranges: [{ type: 'ECOSYSTEM', events: [{ fixed: '14:2025-03-01' }] }],
          },
        ],
      }),
    );
    write(
      'modern.txt',
      '[ro.build.version.release]: [14]\n[ro.build.version.security_patch]: [2025-02-05]\n[ro.build.version.sdk]: [34]\n',
    );
    const holes = async () =>
      JSON.parse((await run('inspect', 'modern.txt', '--json')).out).findings.filter(
        ({ check }: { check: string }) => check === 'vulnerabilities.open',
      );
    expect(await holes()).toEqual([]);
    expect((await run('knowledge', 'import', 'osv.json', ...words)).out).toBe('osv@2026-01: 1 vulnerabilities; licence CC-BY-4.0\n');
    expect(await holes()).toMatchObject([{ observed: expect.stringContaining('CVE-2025-0001') }]);
  });
});
