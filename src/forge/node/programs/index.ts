import type { Program } from '../shell/call.ts';
import { filePrograms } from './files.ts';
import { frameworkPrograms } from './framework.ts';
import { kernelPrograms } from './kernel.ts';
import { textPrograms } from './text.ts';

/** What a script answers wins over what the phone would: that is what a scripted device is. */
const scripted =
  (name: string, program: Program): Program =>
  async (call) => {
    const answer = call.machine.phone.behaviours.answers.find(
      (one) => one.program === name && (one.args ?? []).every((word, i) => call.args[i] === word),
    );
    if (answer === undefined) return program(call);
    await call.out(answer.stdout);
    if (answer.stderr !== undefined) await call.err(answer.stderr);
    return answer.status ?? 0;
  };

/** Every program that a phone may have, by name. Which of them it has is its tree's business. */
export const programs: ReadonlyMap<string, Program> = new Map(
  [textPrograms, filePrograms, kernelPrograms, frameworkPrograms]
    .flatMap((group) => Object.entries(group))
    .map(([name, program]) => [name, scripted(name, program)]),
);
