import { CAPABILITIES } from '../../challenges/index.ts';
import { factsOf } from '../../evidence/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { conversationsOf } from './executed-argue.ts';

export const executedFeatures = defineCheck({
  id: 'silicon.features',
  axis: 'software',
  title: 'What the silicon executes against /proc/cpuinfo',
  what: 'The Features line of /proc/cpuinfo against what a program of ours executed, core by core, with recomputed answers.',
  why: 'A forged or redirected /proc/cpuinfo names the features of another chip; the core it runs on does not have them.',
  benign: [],
  confirm: 'Run it again; compare with the features that the kernel names to programs (AT_HWCAP).',
  strength: 'conclusive',
  impossible:
    'The kernel prints a feature only where every core has it, read from registers of the cores themselves, and lets programs use what it prints. A core that traps an instruction whose feature is printed, while the probe’s controls behave, is not the core that the text was made for.',
  standing: 'told',
  needs: ['challenges', 'cpuinfo'],
  settledBy: 'a live inspection with `--challenge`',
  group: 'silicon-surfaces',
  causes: ['root', 'property-edit'],
  catches: 'framework',
  spec: ['Linux arch/arm64/kernel/cpuinfo.c', 'Linux Documentation/arch/arm64/elf_hwcaps.rst'],
  run(context) {
    const conversations = conversationsOf(context);
    const cpuinfo = factsOf(context.facts, 'cpuinfo').find(({ value }) => value.processors.some(({ features }) => features.length > 0));
    if (conversations === undefined || conversations.readings.length === 0 || cpuinfo === undefined)
      return notChecked(conversations?.problems.join('; ') || '/proc/cpuinfo names no features', 'a live inspection with `--challenge`');
    const named = new Set(cpuinfo.value.processors.flatMap(({ features }) => features));
    const drafts: Draft[] = [];
    let compared = 0;
    for (const { target, cores } of conversations.readings) {
      // A 64-bit kernel prints its own names; the 32-bit ones are for 32-bit kernels.
      if (target === 'arm' && named.has('fp')) continue;
      for (const { core, outcomes } of cores) {
        if (outcomes.get('undefined') !== 'absent') continue;
        compared++;
        const missing = CAPABILITIES[target].filter(({ probe, feature }) => named.has(feature) && outcomes.get(probe) === 'absent');
        const [place, ...rest] = [...conversations.places, cpuinfo.place];
        if (missing.length === 0 || place === undefined) continue;
        drafts.push({
          claimed: `/proc/cpuinfo names ${missing.map(({ feature }) => feature).join(', ')}`,
          observed: `${core === undefined ? 'a core' : `core ${core}`} does not execute ${missing.map(({ probe }) => probe).join(', ')}`,
          because: 'The kernel prints a feature only where every core has it.',
          standing: conversations.standing,
          evidence: [place, ...rest],
          nature: 'modified',
        });
        break;
      }
    }
    return compared === 0
      ? notChecked('no core answered the probes and their controls', 'a live inspection with `--challenge`')
      : failOrPass(drafts, conversations.standing);
  },
});
