import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mi4Genuine, pixel } from '../profiles/index.ts';
import { standInApk } from '../stand-in-apk.ts';
import { findTools, type Jail, openJail } from './jail.ts';
import { Machine } from './machine.ts';
import { programs } from './programs/index.ts';
import { collector, Input } from './shell/io.ts';
import { runShell } from './shell/run.ts';

const machineOf = (phone = pixel()) => new Machine(phone, { makeApk: standInApk, monotonicMs: () => 0 });
const tools = await findTools();
const roots = () => readdirSync(tmpdir()).filter((name) => name.startsWith('forge-phone-'));

describe.skipIf(typeof tools === 'string')(
  `a real shell (skipped where there is none: ${typeof tools === 'string' ? tools : 'there is one'})`,
  () => {
    let jail: Jail | undefined;
    const machine = machineOf();
    beforeAll(async () => {
      const opened = await openJail(machine, programs);
      if (typeof opened === 'string') throw new Error(opened);
      jail = opened;
    });
    afterAll(async () => {
      const before = roots().length;
      await jail?.close();
      expect(roots().length).toBe(before - 1);
    });

    async function real(script: string, signal = new AbortController().signal) {
      const [out, err] = [collector(), collector()];
      const io = { stdin: new Input(new Uint8Array(0)), stdout: out.sink, stderr: err.sink, signal, merged: false };
      const status = (await jail?.run(script, io, { uid: 2000, domain: 'shell' })) ?? -1;
      return { out: out.bytes().toString(), err: err.bytes().toString(), status };
    }
    async function builtIn(script: string) {
      const [out, err] = [collector(), collector()];
      const status = await runShell(
        script,
        { stdin: new Input(new Uint8Array(0)), stdout: out.sink, stderr: err.sink },
        { machine: machineOf(), actor: { uid: 2000, domain: 'shell' }, programs, signal, env: new Map([['PATH', '/system/bin']]) },
      );
      return { out: out.bytes().toString(), err: err.bytes().toString(), status };
    }
    const { signal } = new AbortController();

    test('is mksh', async () => {
      expect((await real('echo $KSH_VERSION')).out).toContain('MIRBSD KSH');
    });

    test.each([
      'getprop ro.product.model; id; uname -a',
      'ls -lZ /system/build.prop /system/bin/cat; ls -l /dev | head -4',
      'stat -c "%D %i %s %a %u %g %C %n" /proc/cpuinfo /system/build.prop; stat -f -c "%T %n" /proc /sys /data',
      'find /system/framework -xdev -type f -exec sha256sum {} + | sort | head -5',
      'find /system/ -xdev -exec stat -c "%f %u %g %s %Y %C %N" {} + | sort | tail -n 20',
      'cat /proc/cpuinfo | grep -c processor; dumpsys SurfaceFlinger | grep GLES',
      'for f in /sys/devices/system/cpu/cpu[0-9]*/cpufreq/cpuinfo_max_freq; do read -r v < "$f" && echo "$f $v"; done',
      'pm list packages -f | sort | head -3; service call iphonesubinfo 1',
      'if [ -L /etc ]; then echo link; fi; command -v toybox; (exit 5); echo $?',
      'echo one two | xargs -n 1 echo; timeout 5 getenforce; toybox stat -c %C /system',
      'cat /vendor/build.prop 2>/dev/null; echo $?; cat /sys/fs/selinux/policy 2>/dev/null | wc -c',
      'echo x > /data/local/tmp/t && stat -c "%U %C %s" /data/local/tmp/t; rm /data/local/tmp/t; ls /data/local/tmp',
    ])('answers as the built-in shell does: %s', async (script) => {
      const [a, b] = [await real(script), await builtIn(script)];
      expect({ out: a.out, status: a.status }).toEqual({ out: b.out, status: b.status });
    });

    test('sees nothing of the host: no file, no user, no process, no network', async () => {
      const { out } = await real(
        'cat /etc/passwd /etc/hostname 2>/dev/null; [ -e /root ] && echo root; [ -e /usr ] && echo usr; cat /proc/1/cmdline 2>/dev/null; echo end',
      );
      expect(out).toBe('end\n');
      expect((await real('echo x > /system/x')).status).not.toBe(0);
    });

    test('a command that hangs dies with its stream', async () => {
      const stop = new AbortController();
      const running = real('sleep 100', stop.signal);
      setTimeout(() => stop.abort(), 50);
      expect((await running).status).not.toBe(0);
    });

    test('what is installed while it runs is there for the shell', async () => {
      machine.install(standInApk({ package: 'org.example.x', versionCode: 1, versionName: '1', signer: 's', seed: 'x', fill: 100 }), null);
      const path = machine.packages.get('org.example.x')?.paths[0] ?? '';
      expect((await real(`sha256sum < ${path} | wc -c`)).out).toBe('68\n');
    });
  },
);

test.skipIf(typeof tools === 'string')('a root shell of the phone is nobody on the host', async () => {
  const machine = machineOf({ ...mi4Genuine(), shell: { ...mi4Genuine().shell, su: 'grants' } });
  const jail = await openJail(machine, programs);
  if (typeof jail === 'string') throw new Error(jail);
  const out = collector();
  const io = {
    stdin: new Input(new Uint8Array(0)),
    stdout: out.sink,
    stderr: out.sink,
    signal: new AbortController().signal,
    merged: true,
  };
  await jail.run('id; kill -9 1; mount; echo alive', io, { uid: 0, domain: 'system' });
  expect(out.bytes().toString()).toContain('uid=0(root)');
  expect(existsSync('/proc/1')).toBe(true);
  await jail.close();
});
