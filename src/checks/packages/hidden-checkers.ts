import { factsOf } from '../../evidence/index.ts';
import { CHECKER_FILE_WORDS } from '../../knowledge/packages/index.ts';
import { claimsOf, isSystemPath, natureOf } from '../boot/index.ts';
import { type Draft, defineCheck, failOrPass } from '../define.ts';

/** Where installed apps lie, and where a browser puts what an owner fetched. */
const APP_FOLDERS =
  /^\/(system|system_ext|product|vendor|odm|oem|cust|my_[a-z]+|mi_ext(\/product)?)\/(app|priv-app|data-app|preload|bundled-app|reserve)\/|^\/data\/(app|preload)\//;
const DOWNLOADS =
  /^\/(sdcard|storage\/emulated\/\d+|storage\/self\/primary|data\/media\/\d+|mnt\/sdcard)\/(download|downloads|documents|bluetooth)\//i;
const HIDDEN = /\/\.[^/]/;

export const hiddenCheckers = defineCheck({
  id: 'packages.hidden-checkers',
  axis: 'software',
  title: 'Copies of checkers kept in storage',
  what: 'APK files with the names of checkers outside the folders of apps.',
  why: 'The counterfeit of 2015 kept doctored checkers in a hidden folder, and its installer put them in place of the real ones.',
  benign: ['An owner or a shop that keeps installers on the phone.', 'Backups of apps.'],
  confirm:
    'Pull the file and compare its signer with the developer’s; install a checker and compare what was installed with what was sent (the install canary).',
  strength: 'weak',
  standing: 'told',
  needs: ['files'],
  settledBy: 'file lists of the shared storage and of the system folders',
  group: 'checkers',
  causes: ['retailer-apps', 'rom-flash', 'owner-settings'],
  catches: undefined,
  spec: [],
  run(context) {
    const claims = claimsOf(context);
    const findings: Draft[] = [];
    for (const fact of factsOf(context.facts, 'files')) {
      const found = fact.value.files.filter(({ path, type }) => {
        if (type !== 'file' && type !== 'unknown') return false;
        const name = path.split('/').at(-1)?.toLowerCase() ?? '';
        return name.endsWith('.apk') && CHECKER_FILE_WORDS.some((word) => name.includes(word)) && !APP_FOLDERS.test(path);
      });
      for (const { path } of found.slice(0, 20)) {
        const kept = isSystemPath(path) ? 'in the system' : HIDDEN.test(path) ? 'in a hidden folder' : undefined;
        findings.push({
          claimed: 'a phone that installs what it is given',
          observed: `${path}${kept === undefined ? '' : `, ${kept}`}`,
          because: 'A ready copy of a checker lies where no app is installed; the phone may install it in place of the real one.',
          standing: fact.standing,
          evidence: [fact.place],
          nature: natureOf(claims),
          ...(kept === undefined || DOWNLOADS.test(path) ? { strength: 'note' as const, axis: 'posture' as const } : {}),
        });
      }
    }
    return failOrPass(findings, 'told');
  },
});
