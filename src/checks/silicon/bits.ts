import { factsOf } from '../../evidence/index.ts';
import { coreTypeOf } from '../../knowledge/index.ts';
import { said } from '../boot/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { isArm64Kernel, partsOf } from './cpu-surfaces.ts';

export const bitsClaim = defineCheck({
  id: 'silicon.bits',
  axis: 'software',
  title: '64-bit claim against 32-bit silicon',
  what: 'ro.product.cpu.abi and abilist64 against the kernel’s machine and the types of the cores.',
  why: 'Fakes of modern phones are cheap 32-bit boards. Their property files name arm64-v8a so that shops and checkers believe it.',
  benign: ['The other direction is common: 64-bit chips with 32-bit systems (Android Go). It is no finding.'],
  confirm: 'Push a 64-bit program and run it.',
  strength: 'conclusive',
  impossible:
    'A 32-bit kernel starts no 64-bit process, so zygote64 of a system that states a 64-bit ABI could not have started, and the phone would not have come up. Cores of ARMv7 have no 64-bit state at all.',
  standing: 'told',
  needs: ['properties'],
  settledBy: 'getprop with /proc/cpuinfo or uname',
  group: 'bits',
  causes: ['property-edit', 'other-silicon'],
  catches: 'framework',
  spec: ['Linux arch/arm64/kernel/process.c', 'Arm Architecture Reference Manual, MIDR_EL1'],
  run(context) {
    const abi = said(context, 'ro.product.cpu.abilist64') ?? said(context, 'ro.product.cpu.abi');
    if (abi === undefined) return notChecked('the phone does not say its ABIs', 'getprop');
    if (!/arm64|x86_64/.test(abi.value)) return failOrPass([], abi.standing);
    const findings: Draft[] = [];
    let compared = false;
    // Some kernels show 32-bit processes an `armv7l`: the fuller surface decides.
    const arm64 = factsOf(context.facts, 'cpuinfo').some(isArm64Kernel);
    const finding = (observed: string, fact: { readonly place: Draft['evidence'][0]; readonly standing: Draft['standing'] }) =>
      findings.push({
        claimed: `${abi.key}=${abi.value}`,
        observed,
        because: 'A system for this ABI does not start on that.',
        standing: fact.standing,
        evidence: [abi.place, fact.place],
        nature: 'modified',
      });
    for (const fact of factsOf(context.facts, 'kernel')) {
      // `armv8l` is a 64-bit kernel as a 32-bit process sees it.
      if (fact.value.machine === undefined || arm64) continue;
      compared = true;
      if (/^armv[67]/.test(fact.value.machine)) finding(`a 32-bit kernel (${fact.value.machine})`, fact);
    }
    for (const fact of factsOf(context.facts, 'cpuinfo')) {
      const types = partsOf(fact).map(([i, p]) => coreTypeOf(i, p));
      if (types.length === 0 || types.some((type) => type === undefined)) continue;
      compared = true;
      // Part 0xd03 and its like may run a 32-bit kernel; part 0xc07 cannot run another.
      if (types.every((type) => type?.isa === 'armv7' || type?.isa === 'armv6'))
        finding(`cores of ${types.map((type) => `${type?.name ?? ''} (${type?.isa ?? ''})`).join(', ')}`, fact);
    }
    return compared
      ? failOrPass(findings, 'shown')
      : notChecked('neither the kernel’s machine nor the cores were read', '/proc/cpuinfo or uname');
  },
});
