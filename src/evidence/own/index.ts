import type { ArtefactReader } from '../reader.ts';
import { fastbootReader, slotsReader, subscriberInfoReader } from './answers.ts';
import { attestationReader } from './attestation.ts';
import { browserChallengeReader } from './browser-challenge.ts';
import { canaryReader } from './canary.ts';
import { challengeReader } from './challenge.ts';
import { adbReader, probeReader, usbReader } from './connection.ts';
import { fileHashesReader, fileListReader } from './file-list.ts';
import { romReader } from './rom.ts';
import { screenPhotoReader } from './screen-photo.ts';
import { lsBlockReader, lsDevReader, statReader, sysCpuReader, sysNamesReader } from './surfaces.ts';

export { type AttestationDocument, AttestationSchema, CARRIERS, parseAttestFrame } from './attestation.ts';
export { type BrowserChallengeDocument, BrowserChallengeSchema } from './browser-challenge.ts';
export { type CanaryDocument, CanarySchema } from './canary.ts';
export { type ChallengeDocument, ChallengeSchema } from './challenge.ts';
export { AdbSchema, type UsbDocument, UsbSchema } from './connection.ts';
export { type FileListReading, readFileList } from './file-list.ts';
export { type RomDocument, RomSchema, romStanding } from './rom.ts';
export { type ScreenPhotoDocument, ScreenPhotoSchema } from './screen-photo.ts';

/** Readers of the artefacts whose formats are ours (`acquire/plan.ts`). */
export const ownReaders: readonly ArtefactReader[] = [
  adbReader,
  usbReader,
  probeReader,
  canaryReader,
  challengeReader,
  fileListReader,
  fileHashesReader,
  sysCpuReader,
  sysNamesReader,
  lsDevReader,
  lsBlockReader,
  statReader,
  slotsReader,
  subscriberInfoReader,
  fastbootReader,
  attestationReader,
  romReader,
  browserChallengeReader,
  screenPhotoReader,
];
