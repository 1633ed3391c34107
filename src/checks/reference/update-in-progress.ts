import { factsOf, type Place, type Standing } from '../../evidence/index.ts';
import { type Draft, defineCheck, failOrPass, notApplicable, notChecked } from '../define.ts';

const SETTLED_BY = 'snapshotctl dump and update_engine_client --status from adb shell, or fastboot getvar snapshot-update-status';

/** Where an update waits: it is verified before it is installed. Source: AOSP system/update_engine, DeviceFiles of RecoverySystem. */
const PACKAGE = /^\/(?:data\/ota_package|cache|data\/cache)\/(?:[^/]+\/)*[^/]+\.(?:zip|bin|ota)$/i;
const BUSY = /^UPDATE_STATUS_(?:DOWNLOADING|VERIFYING|FINALIZING|UPDATED_NEED_REBOOT|CLEANUP_PREVIOUS_UPDATE|UPDATE_AVAILABLE)$/;

interface Sign {
  readonly observed: string;
  readonly standing: Standing;
  readonly place: Place;
}

export const updateInProgress = defineCheck({
  id: 'reference.update-in-progress',
  axis: 'software',
  title: 'An update in progress',
  what: 'Whether the updater, the snapshots of a virtual A/B update, the bootloader, or a package in waiting says that the phone is between two builds.',
  why: 'While an update is written or merged, the slots hold two builds: what differs from one of them may be the other, which is nothing to alarm.',
  benign: ['Every phone that is being updated.'],
  confirm: 'Let the update finish, start the phone, and inspect it again.',
  strength: 'note',
  standing: 'told',
  needs: [],
  settledBy: SETTLED_BY,
  group: 'update-in-progress',
  causes: ['ota'],
  catches: undefined,
  spec: ['AOSP system/core/fs_mgr/libsnapshot: SnapshotManager::Dump', 'AOSP fastboot/README.md: snapshot-update-status'],
  run({ facts }) {
    const slots = factsOf(facts, 'slots').filter(({ value }) => value.snapshotState !== undefined || value.updateEngine !== undefined);
    const bootloaders = factsOf(facts, 'fastboot').filter(({ value }) => stateOf(value.variables) !== undefined);
    const signs: Sign[] = [];
    for (const { value, standing, place } of slots) {
      if (value.snapshotState !== undefined && value.snapshotState !== 'none')
        signs.push({ observed: `snapshots of a virtual A/B update: ${value.snapshotState}`, standing, place });
      if (value.updateEngine !== undefined && BUSY.test(value.updateEngine))
        signs.push({ observed: `update_engine: ${value.updateEngine}`, standing, place });
    }
    for (const { value, standing, place } of bootloaders) {
      const state = stateOf(value.variables);
      if (state !== undefined && state !== 'none')
        signs.push({ observed: `the bootloader: snapshot-update-status ${state}`, standing, place });
    }
    const listings = factsOf(facts, 'files');
    for (const { value, standing, place } of listings)
      for (const { path, type } of value.files)
        if (type === 'file' && PACKAGE.test(path)) signs.push({ observed: `an update’s package in waiting: ${path}`, standing, place });
    if (slots.length === 0 && bootloaders.length === 0 && signs.length === 0)
      return factsOf(facts, 'image').length > 0
        ? notApplicable
        : notChecked('neither the updater nor the bootloader was asked', SETTLED_BY);
    return failOrPass(
      signs.map(
        ({ observed, standing, place }): Draft => ({
          claimed: 'one build',
          observed,
          because: 'The phone is between two builds: files of either may be found, and what the next start shows counts.',
          standing,
          evidence: [place],
        }),
      ),
      'told',
    );
  },
});

const stateOf = (variables: readonly (readonly [name: string, value: string])[]): string | undefined =>
  variables
    .find(([name]) => name.toLowerCase() === 'snapshot-update-status')?.[1]
    .trim()
    .toLowerCase();
