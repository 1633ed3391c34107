import { phoneTree } from '../../references/compare/index.ts';
import { isSystemPath } from '../boot/system-paths.ts';
import { defineCheck, failOrPass, notChecked } from '../define.ts';

const SHOWN_MAX = 20;

export const twoAnswers = defineCheck({
  id: 'reference.two-answers',
  axis: 'software',
  title: 'One file, two contents',
  what: 'Digests that the phone gave for one system file in two ways: its own tool’s, and that of the bytes which came over the cable.',
  why: 'Who hides a changed file from one way of asking forgets the other.',
  benign: ['A file that was replaced between the two readings; system partitions are read-only, so that takes an update in between.'],
  confirm: 'Read the file again in both ways and compare the bytes.',
  strength: 'weak',
  standing: 'told',
  needs: ['files'],
  settledBy: 'file digests (--full) and pulled APKs',
  group: 'two-answers',
  causes: ['root', 'rom-flash', 'ota'],
  catches: 'app',
  spec: ['research: hidden copies of checkers, 2015'],
  run({ facts }) {
    const { conflicts, rows } = phoneTree(facts);
    if (![...rows.values()].some(({ sha256 }) => sha256)) return notChecked('no file was read with its digest', 'file digests (--full)');
    return failOrPass(
      conflicts
        .filter(({ path }) => isSystemPath(path) && !path.startsWith('/apex/'))
        .slice(0, SHOWN_MAX)
        .map(({ path, digests, origins }) => ({
          claimed: `${path} with SHA-256 ${digests[0].slice(0, 16)}…`,
          observed: `the same file with SHA-256 ${digests[1].slice(0, 16)}…`,
          because: 'A file of a read-only system has one content: one of the two answers is not the file.',
          standing: origins[1].standing,
          evidence: [origins[0].place, origins[1].place],
        })),
      'told',
    );
  },
});
