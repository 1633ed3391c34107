import { describe, expect, test } from 'vitest';
import { text } from '../../content.ts';
import type { PhoneFile, VirtualPhone } from '../../phone.ts';
import { pixel } from '../../profiles/index.ts';
import { standInApk } from '../../stand-in-apk.ts';
import { Machine } from '../machine.ts';
import { programs } from '../programs/index.ts';
import { collector, Input } from './io.ts';
import { runShell } from './run.ts';

const file = (content: string): PhoneFile => ({
  type: 'file',
  mode: 0o644,
  uid: 0,
  gid: 0,
  context: 'u:object_r:system_file:s0',
  mtime: 0,
  content: text(content),
});

async function sh(script: string, phone: VirtualPhone = pixel()) {
  const machine = new Machine(phone, { makeApk: standInApk, monotonicMs: () => 0 });
  const [out, err] = [collector(), collector()];
  const status = await runShell(
    script,
    { stdin: new Input(new Uint8Array(0)), stdout: out.sink, stderr: err.sink },
    {
      machine,
      actor: { uid: 2000, domain: 'shell' },
      programs,
      signal: new AbortController().signal,
      env: new Map([['PATH', '/system/bin']]),
    },
  );
  return { out: out.bytes().toString(), err: err.bytes().toString(), status };
}

describe('the built-in shell', () => {
  test.each([
    ['', '', 0],
    ['   \n# only a comment\n', '', 0],
    ['echo a  b "c  d"', 'a b c  d\n', 0],
    ['echo \'a$b\' "$HOME"x', 'a$b x\n', 0],
    ['false || echo yes && echo and', 'yes\nand\n', 0],
    ['if [ -f /system/build.prop ]; then echo file; elif true; then echo no; fi', 'file\n', 0],
    ['for f in a "b c" d; do echo "<$f>"; done', '<a>\n<b c>\n<d>\n', 0],
    ['for f in /nothing/*.x; do echo "$f"; done', '/nothing/*.x\n', 0],
    ['i=0; while [ $i -lt 3 ]; do i=$((i + 1)); echo $i; done', '1\n2\n3\n', 0],
    ['case abc in x) echo x;; a*) echo a;; esac', 'a\n', 0],
    ['f() { echo "in $1"; return 4; }; f z; echo $?', 'in z\n4\n', 0],
    ['(exit 7); echo $?', '7\n', 0],
    ['x=$(echo one; echo two); echo "$x"', 'one\ntwo\n', 0],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's, not ours
    ['v=/a/b/c.txt; echo ${v##*/} ${v%.*} ${#v} ${n:-none}', 'c.txt /a/b/c 10 none\n', 0],
    ['echo a b c | tr " " "\\n" | sort -r | head -n 1', 'c\n', 0],
    ['printf "%s-%d\\n" x 7 y 8', 'x-7\ny-8\n', 0],
    ['echo hidden >/dev/null; echo shown 2>&1', 'shown\n', 0],
    ['read -r a b < /system/etc/hosts; echo "$a|$b"', '127.0.0.1|localhost\n', 0],
    ['echo x > /data/local/tmp/f; echo y >> /data/local/tmp/f; cat /data/local/tmp/f', 'x\ny\n', 0],
    ['cat <<END\nhere $((1 + 1))\nEND', 'here 2\n', 0],
    ['exit 300', '', 44],
    ['{ echo a; echo b >&2; } 2>/dev/null', 'a\n', 0],
    ['! false; echo $?', '0\n', 0],
  ])('%j', async (script, out, status) => {
    expect(await sh(script)).toMatchObject({ out, status });
  });

  test.each(['echo "open', 'if true; then', 'for x in a; do', '(echo', 'echo )', '$(', '${x', 'case x in'])(
    'refuses %j with a syntax error',
    async (script) => {
      const { err, status } = await sh(script);
      expect(err).toContain('syntax error');
      expect(status).toBe(1);
    },
  );

  test('a script nested a thousand deep is refused, not followed', async () => {
    expect((await sh('('.repeat(1000) + ')'.repeat(1000))).err).toContain('syntax error');
  });

  test('what is not there is not found, what may not be read is denied', async () => {
    expect(await sh('nope')).toMatchObject({ err: '/system/bin/sh: nope: not found\n', status: 127 });
    expect((await sh('cat /vendor/build.prop')).err).toBe('cat: /vendor/build.prop: Permission denied\n');
    expect((await sh('echo x > /system/x')).err).toContain('Read-only file system');
  });

  test('find walks, stops at other file systems, and runs what it is told in batches', async () => {
    expect((await sh('find /system/ -maxdepth 1 -type f -name "*.prop"')).out).toBe('/system/build.prop\n');
    expect((await sh('find / -xdev -maxdepth 2 -name cpuinfo')).out).toBe('');
    const listed = await sh('find /system/framework -type f -exec stat -c "%n %C" {} + | wc -l');
    expect(Number(listed.out)).toBeGreaterThan(10);
  });

  test('a name with metacharacters stays a name', async () => {
    const phone = { ...pixel(), files: new Map([...pixel().files, ["/system/etc/$(touch x); '\n", file('odd')]]) };
    expect((await sh('for f in /system/etc/*touch*; do cat "$f"; done', phone)).out).toBe('odd');
  });

  test('a script that is scripted answers before the phone does', async () => {
    const phone = pixel();
    const liar = {
      ...phone,
      behaviours: { ...phone.behaviours, answers: [{ program: 'getprop', args: ['ro.product.model'], stdout: 'Galaxy\n' }] },
    };
    expect((await sh('getprop ro.product.model; getprop ro.product.brand', liar)).out).toBe('Galaxy\ngoogle\n');
  });

  test('a redirected file shows its bytes, and by stat where it lies', async () => {
    const phone = pixel();
    const files = new Map([...phone.files, ['/dev/.hidden', { ...file('forged\n'), statDevice: '0:19' }]]);
    const redirected = (seenByStat: boolean) => ({
      ...phone,
      files,
      behaviours: { ...phone.behaviours, redirections: [{ path: '/proc/cpuinfo', to: '/dev/.hidden', seenByStat }] },
    });
    expect((await sh('cat /proc/cpuinfo; stat -c %D /proc/cpuinfo', redirected(false))).out).toBe('forged\n15\n');
    expect((await sh('stat -c %D /proc/cpuinfo', redirected(true))).out).toBe('13\n');
  });
});
