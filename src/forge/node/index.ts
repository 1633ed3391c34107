export { forgeApk, forgeApp } from '../apk.ts';
export { labBases } from './bases.ts';
export { openVirtualPhone } from './device.ts';
export * from './inspect.ts';
export * from './lab.ts';
export * from './lab-report.ts';
export { makeApkSigner } from './sign-apk.ts';
export * from './world.ts';
