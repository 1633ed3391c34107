import type { Program } from '../shell/call.ts';
import { filePrograms } from './files.ts';
import { frameworkPrograms } from './framework.ts';
import { textPrograms } from './text.ts';

/** Every program that a phone has, by name. Which of them a phone shows is its tree's business. */
export const programs: ReadonlyMap<string, Program> = new Map([
  ...Object.entries(textPrograms),
  ...Object.entries(filePrograms),
  ...Object.entries(frameworkPrograms),
]);
