import { factsOf, type Place, type Standing } from '../../evidence/index.ts';
import type { Indicator } from '../../knowledge/index.ts';
import { type CheckContext, type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { buildWords, claimsOf, evidenceOf, has, natureOf, said } from './claims.ts';
import { mountsOf } from './system-paths.ts';

/** Device names of mounts that only root tools make. `worker` is Magisk's since version 26. */
const MOUNT_DEVICES = /^(magisk|KSU|APatch|zygisk|worker)$/;
const MOUNT_POINTS = /(^|\/)\.magisk(\/|$)|^\/data\/adb\/(modules|ksu|ap)(\/|$)/;
/** Libraries that the runtime loads into every app; a maker sets houdini or ndk_translation, or nothing. */
const BRIDGES = /^(libriruloader|libriru|libzygisk|libznctl|libsandhook)/;

/** Where such tools keep whole folders; a list of a million files is not compared with every row. */
const DEEP = /^\/(data\/adb|sbin|debug_ramdisk|su)\//;

interface Trace {
  readonly observed: string;
  readonly place: Place;
  readonly standing: Standing;
  readonly certain: boolean;
  readonly hooking: boolean;
}

/** Traces that root tools and hooking frameworks leave while they run. */
function tracesOf(context: CheckContext): readonly Trace[] {
  const byType = (type: Indicator['type']) =>
    context.knowledge.indicators.filter((row) => row.type === type && (row.class === 'root' || row.class === 'hooking'));
  const processes = byType('process');
  const paths = byType('path');
  const exact = new Map(paths.map((row) => [row.value, row]));
  const traces: Trace[] = [];
  for (const mount of mountsOf(context)) {
    if (!MOUNT_DEVICES.test(mount.device) && !MOUNT_POINTS.test(mount.mountPoint) && !MOUNT_POINTS.test(mount.root ?? '')) continue;
    // `worker` could name anything; over a system path or in memory it is Magisk's.
    const certain = mount.device !== 'worker' || mount.type === 'tmpfs';
    traces.push({
      observed: `a mount of ${mount.device} at ${mount.mountPoint}`,
      place: mount.place,
      standing: mount.standing,
      certain,
      hooking: false,
    });
  }
  for (const fact of factsOf(context.facts, 'processes'))
    for (const process of fact.value) {
      const name = process.name.split('/').at(-1) ?? process.name;
      const row = processes.find(({ value }) => value === name);
      if (row === undefined) continue;
      traces.push({
        observed: `the process ${name} of ${row.family}, running as ${process.user}`,
        place: process.place,
        standing: fact.standing,
        // An app may choose its process names; it cannot choose root.
        certain: process.user === 'root' || process.user === '0',
        hooking: row.class === 'hooking',
      });
    }
  for (const fact of factsOf(context.facts, 'files'))
    for (const file of fact.value.files) {
      const row = exact.get(file.path) ?? (DEEP.test(file.path) ? paths.find(({ value }) => file.path.startsWith(`${value}/`)) : undefined);
      if (row === undefined) continue;
      // A file that anybody may put there proves no root.
      const certain = !/^\/(data\/local\/tmp|sdcard|storage|mnt)\//.test(file.path);
      traces.push({
        observed: `${file.path} of ${row.family}`,
        place: fact.place,
        standing: fact.standing,
        certain,
        hooking: row.class === 'hooking',
      });
    }
  const bridge = said(context, 'ro.dalvik.vm.native.bridge');
  if (bridge !== undefined && BRIDGES.test(bridge.value))
    traces.push({
      observed: `${bridge.key}=${bridge.value}`,
      place: bridge.place,
      standing: bridge.standing,
      certain: true,
      hooking: true,
    });
  const daemon = said(context, 'init.svc.magisk_daemon') ?? said(context, 'init.svc.magiskd') ?? said(context, 'persist.magisk.hide');
  if (daemon !== undefined)
    traces.push({
      observed: `${daemon.key}=${daemon.value}`,
      place: daemon.place,
      standing: daemon.standing,
      certain: true,
      hooking: false,
    });
  return traces;
}

function outcomeOf(context: CheckContext, hooking: boolean) {
  const claims = claimsOf(context);
  const drafts = tracesOf(context)
    .filter((trace) => trace.hooking === hooking)
    .map(
      (trace): Draft => ({
        claimed: buildWords(claims),
        observed: trace.observed,
        because: trace.certain
          ? 'Only this tool makes such a trace, and it needs root over the system to make it.'
          : 'The name is that of such a tool; others may use it too.',
        standing: trace.standing,
        evidence: evidenceOf(trace.place),
        nature: natureOf(claims),
        ...(trace.certain ? {} : { strength: 'weak' as const, axis: 'posture' as const }),
      }),
    );
  // Properties alone can convict, but a phone whose mounts, processes and files nobody saw has passed nothing.
  if (drafts.length === 0 && !has(context, 'mounts') && !has(context, 'processes') && !has(context, 'files'))
    return notChecked('neither mounts nor processes nor files were read', 'mount, ps and the file lists');
  return failOrPass(drafts.slice(0, FINDINGS_MAX), 'told');
}

/** A rooted phone leaves hundreds of the same; a reader needs some. */
const FINDINGS_MAX = 20;

export const rootTraces = defineCheck({
  id: 'boot.root-traces',
  axis: 'software',
  title: 'Traces of root tools',
  what: 'Mounts, processes, files and properties that Magisk, KernelSU, APatch or SuperSU leave.',
  why: 'Root changes the system while it runs, without touching a file of it: what the phone then says of itself is what the tool lets it say.',
  benign: ['An owner rooted the own phone.'],
  confirm: 'Read mounts and processes again; start the phone in safe mode, where modules are off, and compare.',
  strength: 'conclusive',
  impossible:
    'These names are written by the tools themselves: a mount whose device is `magisk` or `KSU`, a daemon of that name running as root, a folder of theirs under /data/adb. Each needs root over the running system, which no maker’s unaltered build gives.',
  standing: 'told',
  needs: [],
  settledBy: 'mount, ps and the file lists',
  group: 'root-traces',
  causes: ['root'],
  catches: 'app',
  spec: ['github.com/topjohnwu/Magisk: docs/details.md', 'kernelsu.org'],
  run: (context) => outcomeOf(context, false),
});

export const hookingTraces = defineCheck({
  id: 'boot.hooking-traces',
  axis: 'software',
  title: 'Traces of hooking frameworks',
  what: 'Files, processes and runtime settings that Xposed, LSPosed, Riru and Frida leave.',
  why: 'A hooking framework changes what apps see: the model in Settings, the figures in CPU-Z, the answers of services.',
  benign: ['An owner or a developer installed it.', 'A file of that name in a folder that every app may write to.'],
  confirm: 'List the modules of the framework; start the phone in safe mode and compare what it says.',
  strength: 'conclusive',
  impossible:
    'The files named lie in the system or under /data/adb, the daemons run as root, the bridge is loaded by zygote: each exists only where that framework was installed with root.',
  standing: 'told',
  needs: [],
  settledBy: 'ps, getprop and the file lists',
  group: 'hooking-traces',
  causes: ['root', 'tool'],
  catches: 'app',
  spec: ['github.com/LSPosed/LSPosed', 'github.com/RikkaApps/Riru', 'frida.re/docs/android'],
  run: (context) => outcomeOf(context, true),
});
