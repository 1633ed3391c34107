/** The pure face of the forge: phones as values, and what their files and dumps are made of. `forge/node` makes them speak. */
export * from './chips.ts';
export { type ApkMaker, type ApkRecipe, apk, type Content, contentBytes, elf, seeded, text } from './content.ts';
export { type MotionAnswer, type MovedPhone, movedPhone } from './moved-phone.ts';
export type { Alteration, PhoneFile, PhonePackage, VirtualPhone } from './phone.ts';
