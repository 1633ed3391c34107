import { factsOf } from '../../evidence/index.ts';
import { type Draft, defineCheck, failOrPass } from '../define.ts';

export const appOperations = defineCheck({
  id: 'behaviour.app-operations',
  axis: 'posture',
  title: 'What apps did',
  what: 'App operations: apps that may install others, and what the debugging shell did.',
  why: 'An app that may install others can bring anything; operations of the shell are those of whoever held the cable.',
  benign: ['Stores, browsers and file managers ask for installing.', 'This inspection, developers, and backup tools use the shell.'],
  confirm: 'Settings, Apps, Special access, Install unknown apps; dumpsys appops.',
  strength: 'weak',
  standing: 'told',
  needs: ['app-operations'],
  settledBy: 'dumpsys appops',
  group: 'app-operations',
  causes: ['owner-settings', 'tool'],
  catches: undefined,
  spec: ['AOSP AppOpsManager', 'mvt-project/mvt: dumpsys appops module'],
  run({ facts }) {
    const findings = factsOf(facts, 'app-operations').flatMap((fact) =>
      fact.value.flatMap((item): Draft[] => {
        const installs = item.operation === 'REQUEST_INSTALL_PACKAGES';
        const shell = item.package === 'com.android.shell';
        if (!installs && !shell) return [];
        const allowed = item.mode === 'allow' || item.mode === undefined;
        return [
          {
            claimed: installs ? 'apps come from a store' : 'nobody commanded the phone over a cable',
            observed: `${item.package} ${item.operation}${item.mode === undefined ? '' : `: ${item.mode}`}${item.lastAccess === undefined ? '' : `, last ${item.lastAccess}`}`,
            because: installs ? 'It asked to install other apps.' : 'The debugging shell did this.',
            standing: fact.standing,
            evidence: [item.place],
            ...(installs && allowed && !shell ? {} : { strength: 'note' as const }),
          },
        ];
      }),
    );
    return failOrPass(findings.slice(0, 100), 'told');
  },
});
