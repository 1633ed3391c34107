/** Options of a tool: of each axis one choice is taken. */

export type Options = readonly string[];
export type Axis = readonly Options[];

export const NONE: Options = [];
export const has = (options: Options, pattern: RegExp) => options.some((option) => pattern.test(option));
/** With and without, each of these. */
export const toggles = (...names: readonly string[]): readonly Axis[] => names.map((name) => [NONE, [name]]);

/** Of several lists most tools take the last one only: they become one. */
export function joined(options: Options, flag: '-O' | '-E'): Options {
  const lists = options.filter((one) => one.startsWith(flag) && one !== flag);
  const names = new Set(lists.flatMap((one) => one.slice(2).split(',')));
  return [...options.filter((one) => !lists.includes(one)), ...(names.size === 0 ? [] : [flag, [...names].join(',')])];
}
