export { acquireRom, type RomUsb } from './acquire-rom.ts';
export type { RomLink, RomPorts } from './conversation.ts';
