export { openVirtualPhone } from './device.ts';
export * from './inspect.ts';
export * from './world.ts';
