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

const fits = (range: { readonly since?: number; readonly until?: number }, sdk: number | undefined): boolean =>
  sdk === undefined || ((range.since ?? 0) <= sdk && sdk <= (range.until ?? Number.MAX_SAFE_INTEGER));

/** Which items of a plan belong to a depth and to what the operator asked for. */
export const chosen = (plan: readonly PlanItem[], depth: Depth, requests: readonly string[]): readonly PlanItem[] =>
  plan.filter(
    (item) => (depth === 'full' || item.depth === 'quick') && (item.onRequest === undefined || requests.includes(item.onRequest)),
  );

/** Why an item is not read from this phone, or its shell text. */
export function scriptFor(item: PlanItem, probe: Probe): { readonly script: string } | { readonly skipped: string } {
  if (!fits(item, probe.sdk)) {
    const range = item.until === undefined ? `API level ${item.since} and later` : `API levels ${item.since} to ${item.until}`;
    return { skipped: `for ${range}; the phone says ${probe.sdk}` };
  }
  switch (item.how.kind) {
    case 'pull':
      return { script: `sync: RECV ${item.how.path}` };
    case 'hash-by-pull':
      return probe.tools.has(item.how.unlessTool)
        ? { skipped: 'the phone hashed these itself' }
        : { script: 'sync: RECV of each file, hashed here' };
    case 'apk-per-signer':
      return { script: 'sync: RECV of one APK for each signer' };
    case 'host':
      return { script: 'read by the host' };
    case 'shell': {
      const variant = item.how.variants.find((one) => fits(one, probe.sdk) && (one.tools ?? []).every((tool) => probe.tools.has(tool)));
      if (variant !== undefined) return { script: variant.script };
      const missing = item.how.variants.flatMap((one) => one.tools ?? []).filter((tool) => !probe.tools.has(tool));
      return { skipped: `the phone has no ${[...new Set(missing)].join(', ')}` };
    }
  }
}

/** The task of an item; `user` where it is read once for each. */
export const taskOf = (item: PlanItem, script: string, user: number | undefined): Task => ({
  id: user === undefined ? item.id : `${item.id}@${user}`,
  item,
  artefact: item.artefact.replace('{user}', String(user ?? 0)),
  script: user === undefined ? script : script.replaceAll('$U', String(user)),
  user,
});
