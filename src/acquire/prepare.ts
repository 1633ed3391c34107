/** From the plan to what this phone is asked: variants by its tools and level, users filled in. */
import type { Depth, PlanItem } from './plan-types.ts';
import type { Task } from './run-plan.ts';

/** What the probe said. All of it is the phone's word: it decides only how we ask. */
export interface Probe {
  readonly id: string | undefined;
  readonly uid: number | undefined;
  /** Seconds since 1970 by the phone's clock. */
  readonly date: number | undefined;
  readonly sdk: number | undefined;
  readonly serial: string | undefined;
  readonly fingerprint: string | undefined;
  readonly tools: ReadonlySet<string>;
}

const whole = (text: string | undefined, most: number): number | undefined =>
  text !== undefined && /^\d{1,11}$/.test(text) && Number(text) <= most ? Number(text) : undefined;

/** Reads the probe's lines `key<TAB>value`. */
export function parseProbe(text: string): Probe {
  const values = new Map<string, string>();
  const tools = new Set<string>();
  for (const line of text.split('\n')) {
    const tab = line.indexOf('\t');
    if (tab < 0) continue;
    const [key, value] = [line.slice(0, tab), line.slice(tab + 1).trim()];
    if (key === 'tool') tools.add(value);
    else if (!values.has(key)) values.set(key, value);
  }
  const id = values.get('id');
  return {
    id,
    uid: whole(/^uid=(\d+)/.exec(id ?? '')?.[1], 99_999_999),
    date: whole(values.get('date'), 99_999_999_999),
    sdk: whole(values.get('sdk'), 999),
    serial: values.get('serial') || undefined, // an empty property is none
    fingerprint: values.get('fingerprint') || undefined,
    tools,
  };
}

/** Users of `pm list users`, at most 32: `UserInfo{0:Owner:c13} running`. */
export function parseUsers(text: string): readonly number[] {
  const users = new Set<number>();
  for (const match of text.matchAll(/UserInfo\{(\d{1,6}):/g)) if (users.size < 32) users.add(Number(match[1]));
  return users.size === 0 ? [0] : [...users];
}

interface Levels {
  readonly since?: number;
  readonly until?: number;
}

const fits = (range: Levels, level: number | undefined): boolean =>
  level === undefined || ((range.since ?? 0) <= level && level <= (range.until ?? Number.MAX_SAFE_INTEGER));

/** The API level that brought a tool to the shell. A phone that has it is at least of that level, whatever it says. */
const TOOL_SINCE: Readonly<Record<string, number>> = { toybox: 23, cmd: 24, lshal: 26, lpdump: 29, tradeinmode: 36 };

/** The level that commands are worded for: what the phone says, or what its own tools need if that is more. */
function levelOf({ sdk, tools }: Probe): number | undefined {
  if (sdk === undefined) return undefined;
  return Math.max(sdk, ...[...tools].map((tool) => TOOL_SINCE[tool] ?? 0));
}

/**
 * What the phone's stated level lets us expect of an item: undefined where it should answer. The item is asked for all the same: a phone does not choose its own questions
 * (clones that say 17 run 19). The words only explain why there was no answer.
 */
export function notExpected(item: PlanItem, probe: Probe): string | undefined {
  if (fits(item, probe.sdk)) return undefined;
  const range = item.until === undefined ? `API level ${item.since} and later` : `API levels ${item.since} to ${item.until}`;
  return `for ${range}; the phone says ${probe.sdk}`;
}

/** Which items of a plan belong to a depth and to what the operator asked for. */
export const chosen = (plan: readonly PlanItem[], depth: Depth, requests: readonly string[]): readonly PlanItem[] =>
  plan.filter(
    (item) => (depth === 'full' || item.depth === 'quick') && (item.onRequest === undefined || requests.includes(item.onRequest)),
  );

/** Why an item is not read from this phone, or its shell text. */
export function scriptFor(item: PlanItem, probe: Probe): { readonly script: string } | { readonly skipped: string } {
  switch (item.how.kind) {
    case 'pull':
      return { script: `sync: RECV ${item.how.path}` };
    case 'hash-by-pull':
      return probe.tools.has(item.how.unlessTool)
        ? { skipped: 'the phone hashed these itself' }
        : { script: 'sync: RECV of each file, hashed here' };
    case 'texts':
      return { script: 'sync: RECV of each configuration file' };
    case 'apk-per-signer':
      return { script: 'sync: RECV of one APK for each signer' };
    case 'host':
      return { script: 'read by the host' };
    case 'shell': {
      const level = levelOf(probe);
      const variant = item.how.variants.find((one) => fits(one, level) && (one.tools ?? []).every((tool) => probe.tools.has(tool)));
      if (variant !== undefined) return { script: variant.script };
      const missing = item.how.variants.flatMap((one) => one.tools ?? []).filter((tool) => !probe.tools.has(tool));
      return { skipped: `the phone has no ${[...new Set(missing)].join(', ')}` };
    }
  }
}

/** The task of an item; `user` where it is read once for each. */
export const taskOf = (item: PlanItem, script: string, user: number | undefined, unexpected?: string): Task => ({
  id: user === undefined ? item.id : `${item.id}@${user}`,
  item,
  artefact: item.artefact.replace('{user}', String(user ?? 0)),
  script: user === undefined ? script : script.replaceAll('$U', String(user)),
  user,
  unexpected,
});
