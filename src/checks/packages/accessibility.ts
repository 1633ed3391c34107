import { factsOf } from '../../evidence/index.ts';
import { type Draft, defineCheck, failOrPass } from '../define.ts';
import { packagesOnce } from './inventory.ts';

export const accessibility = defineCheck({
  id: 'packages.accessibility',
  axis: 'posture',
  title: 'Accessibility services',
  what: 'Services that read the screen and act for the user: installed, and switched on.',
  why: 'An accessibility service sees and does everything that a person at the screen can; spyware and banking trojans are built as one.',
  benign: ['Screen readers, password managers, automation that the owner chose.', 'The maker’s own services in the system.'],
  confirm: 'Settings, Accessibility: ask the owner about each service that is on.',
  strength: 'weak',
  standing: 'told',
  needs: ['accessibility'],
  settledBy: 'dumpsys accessibility',
  group: 'accessibility',
  causes: ['owner-settings'],
  catches: undefined,
  spec: ['AOSP AccessibilityManagerService', 'mvt-project/mvt: dumpsys accessibility module'],
  run(context) {
    const system = new Set(packagesOnce(context).flatMap(({ name, inSystem }) => (inSystem ? [name] : [])));
    const findings: Draft[] = [];
    for (const fact of factsOf(context.facts, 'accessibility')) {
      const on = new Set(fact.value.enabled.map(({ value }) => value));
      const all = [...fact.value.enabled, ...fact.value.installed.filter(({ value }) => !on.has(value))];
      for (const { value, place } of all.slice(0, 50)) {
        const enabled = on.has(value);
        const owned = system.has(value.split('/')[0] ?? '');
        findings.push({
          claimed: 'nothing reads the screen',
          observed: `${value} is ${enabled ? 'switched on' : 'installed, and off'}${owned ? '; it belongs to the system' : ''}`,
          because: enabled ? 'It sees and does everything that a person at the screen can.' : 'It could be switched on.',
          standing: fact.standing,
          evidence: [place],
          ...(enabled && !owned ? {} : { strength: 'note' as const }),
        });
      }
    }
    return failOrPass(findings, 'told');
  },
});
