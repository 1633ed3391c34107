import { factsOf } from '../../evidence/index.ts';
import { compareVersions, versionNumbers } from '../../knowledge/index.ts';
import { said } from '../boot/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';

const SETTLED_BY = 'an imported security-state report with the kernels of each level, and /proc/version';

export const kernelLevel = defineCheck({
  id: 'vulnerabilities.kernel-level',
  axis: 'posture',
  title: 'The patch level against the kernel',
  what: 'The version of the kernel against the oldest of its stream that the claimed patch level asks for, as an imported security-state report says.',
  why: 'A level of a -05 claims the kernel’s fixes too. A kernel older than the level asks for was not rebuilt for it.',
  benign: ['Makers bring fixes over into their kernel and keep its number.', 'A level of a -01 does not speak of the kernel.'],
  confirm: 'Ask the maker which commits its kernel has; build.prop’s level and the kernel’s build date side by side.',
  strength: 'weak',
  standing: 'told',
  needs: ['kernel', 'properties'],
  settledBy: SETTLED_BY,
  group: 'patch-level',
  causes: ['ota', 'property-edit'],
  catches: undefined,
  spec: ['AndroidX security-state: kernel_lts_versions'],
  run(context) {
    const { kernelLevels } = context.knowledge;
    if (kernelLevels.length === 0) return notChecked('no report with the kernels of patch levels is imported', SETTLED_BY);
    const level = said(context, 'ro.build.version.security_patch');
    if (level === undefined || !/^20\d\d-\d\d-\d\d$/.test(level.value)) return notChecked('the phone claims no patch level', 'getprop');
    // A -01 level is about the framework alone: the last complete level before it counts.
    const asked = kernelLevels
      .filter((one) => one.level <= level.value && !one.level.endsWith('-01'))
      .toSorted((a, b) => (a.level < b.level ? 1 : -1))[0];
    if (asked === undefined) return notChecked(`the report begins after ${level.value}`, SETTLED_BY);
    const drafts: Draft[] = [];
    let compared = 0;
    for (const fact of factsOf(context.facts, 'kernel')) {
      const own = versionNumbers(fact.value.version ?? '');
      const stream = asked.versions
        .map((text) => ({ text, numbers: versionNumbers(text) }))
        .filter(({ numbers }) => numbers?.[0] === own?.[0] && numbers?.[1] === own?.[1]);
      const least = stream.reduce<(typeof stream)[number] | undefined>(
        (low, one) =>
          low?.numbers === undefined || (one.numbers !== undefined && compareVersions(one.numbers, low.numbers) < 0) ? one : low,
        undefined,
      );
      if (own === undefined || least?.numbers === undefined) continue;
      compared++;
      if (compareVersions(own, least.numbers) < 0)
        drafts.push({
          claimed: `patch level ${level.value}`,
          observed: `kernel ${fact.value.version}`,
          because: `The level ${asked.level} asks for ${least.text} or newer in this stream (${asked.source}).`,
          standing: fact.standing,
          evidence: [fact.place, level.place],
        });
    }
    return compared === 0 ? notChecked('the kernel is of a stream that the report does not name', SETTLED_BY) : failOrPass(drafts, 'told');
  },
});
