import { factsOf } from '../../evidence/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';

/** What collectors leave there while they work: androidqf's helper, and our own folder. */
const COLLECTORS = /^\/data\/local\/tmp\/(collector(_arm(64)?|_x86(_64)?)?|androidqf[^/]*|\.?assay[^/]*)(\/|$)/;

export const temporaryFiles = defineCheck({
  id: 'behaviour.temporary-files',
  axis: 'posture',
  title: 'Files of the debugging shell',
  what: 'What lies in /data/local/tmp, where only the debugging shell and root write.',
  why: 'Tools that are pushed over a cable land here; exploits and spies are started from here.',
  benign: ['Developer tools, test runners, and other inspectors leave files here.'],
  confirm: 'Pull the files and look at them; ask who connected the phone.',
  strength: 'weak',
  standing: 'told',
  needs: ['files'],
  settledBy: 'the file list of /data/local/tmp',
  group: 'temporary-files',
  causes: ['tool', 'owner-settings'],
  catches: undefined,
  spec: ['AOSP rootdir/init.rc', 'mvt-project/mvt: androidqf files module'],
  run({ facts }) {
    const lists = factsOf(facts, 'files');
    const walked = lists.some(
      ({ value }) =>
        value.roots.some((root) => '/data/local/tmp/'.startsWith(`${root.replace(/\/$/, '')}/`)) ||
        value.files.some(({ path }) => path.startsWith('/data/local/tmp/')),
    );
    if (!walked) return notChecked('the folder was not walked', 'the file list of /data/local/tmp');
    const findings = lists.flatMap((fact) =>
      fact.value.files
        .filter(({ path, type }) => path.startsWith('/data/local/tmp/') && type !== 'directory' && !COLLECTORS.test(path))
        .slice(0, 50)
        .map(
          ({ path, mode }): Draft => ({
            claimed: 'an empty folder',
            observed: path,
            because: /[1357]/.test((mode ?? '').slice(-3))
              ? 'Somebody pushed a program over a cable.'
              : 'Somebody pushed a file over a cable.',
            standing: fact.standing,
            evidence: [fact.place],
          }),
        ),
    );
    return failOrPass(findings, 'told');
  },
});
