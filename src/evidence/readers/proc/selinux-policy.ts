import { readSelinuxPolicy } from '../../../formats/android/selinux/index.ts';
import { type ArtefactReader, makeFact, wholeOf } from '../../reader.ts';

/** The policy that the kernel enforces, and the one that init was given to load. */
export const selinuxPolicyReader: ArtefactReader = {
  kinds: ['selinux/policy', 'selinux/policy-file'],
  read(artefact) {
    const { value, oddities } = readSelinuxPolicy(artefact.bytes);
    const from = artefact.kind === 'selinux/policy' ? ('live' as const) : ('file' as const);
    const place = wholeOf(artefact);
    return {
      facts: [
        makeFact('selinux-policy', { from, path: artefact.origin ?? artefact.name, policy: value }, { standing: 'shown', place, oddities }),
      ],
      unread: [],
    };
  },
};
