/** Programs of the framework, answering from the phone's data. */
import type { Program } from '../shell/call.ts';

const getprop: Program = async ({ args, machine, out }) => {
  const [name, fallback = ''] = args.filter((arg) => !/^-[ZT]$/.test(arg));
  if (name !== undefined) {
    await out(`${machine.properties.get(name) ?? fallback}\n`);
    return 0;
  }
  const lines = [...machine.properties].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `[${key}]: [${value}]\n`);
  await out(lines.join(''));
  return 0;
};

export const frameworkPrograms: Readonly<Record<string, Program>> = {
  getprop,
};
