import type { Capture, CaptureTrust } from '../evidence/index.ts';

const TRUST: readonly CaptureTrust[] = ['bearer', 'operator', 'live'];

/**
 * Two readings of one phone as one capture: the running system, and its bootloader, boot ROM or browser. Whether it is one phone is for the checks to find: serial numbers of bootloaders are in it; a browser tells none.
 * The less trusted of the two decides for both, since a capture has one bearer. Names of the second are prefixed where the first has them.
 */
export function joinCaptures(first: Capture, second: Capture): Capture {
  const taken = new Set(first.artefacts.map(({ name }) => name));
  const renamed = (name: string): string => (taken.has(name) ? renamed(`second-${name}`) : name);
  return {
    ...first,
    trust: TRUST[Math.min(TRUST.indexOf(first.trust), TRUST.indexOf(second.trust))] ?? 'bearer',
    artefacts: [...first.artefacts, ...second.artefacts.map((artefact) => ({ ...artefact, name: renamed(artefact.name) }))],
    items: [
      ...first.items,
      ...second.items.map((item) => ({ ...item, artefact: item.artefact === undefined ? undefined : renamed(item.artefact) })),
    ],
    changes: [...first.changes, ...second.changes],
    // What the second could not read of the phone, the first may have.
    unused: [
      ...first.unused,
      ...second.unused.filter(({ because }) => because !== IN_FASTBOOT && because !== IN_ROM && because !== IN_BROWSER),
    ],
  };
}

/** Why nothing of Android was read. */
export const IN_FASTBOOT = 'the phone is in fastboot mode';
export const IN_ROM = 'the phone is in a download mode';
export const IN_BROWSER = 'only its browser was asked';
