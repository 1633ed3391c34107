export type { StationSettings } from '../site-server.ts';
export { type AcquireLiveOptions, type AttestCarrier, acquireLive, type CaptureSealer, type LiveEvent } from './acquire-live.ts';
export { acquirePage } from './acquire-page.ts';
export { folderStorage, packCapture } from './capture-folder.ts';
export { type FoundPhone, listPhones, type OpenOptions, openPhone } from './open-phone.ts';
export { nodeTimer } from './timer.ts';
