/**
 * Worlds in which somebody alters phones, and nobody tells the model who. Written apart from `src/provenance/locate`: it shares no code with the model, makes every
 * phone's history event by event, and knows things that the model is not told (who, which share, when, how many, how the checks really do).
 */

/** What a world is made of. The model sees none of this. */
export interface WorldKind {
  readonly name: string;
  readonly what: string;
  /** Custodians by layer, makers first. Makers are above suspicion and the model is told so. */
  readonly layers: readonly number[];
  readonly phones: number;
  /** Spread of the logarithm of volumes. 0.5: the largest of sixty shops sells some ten times what the smallest does; 1: a hundred times. */
  readonly skew: number;
  readonly hands: number;
  /** Altered share of a hand: drawn from Beta(a, b), or the same for all. */
  readonly share: { readonly a: number; readonly b: number } | number;
  readonly leak: number;
  readonly sensitivity: number;
  readonly falsePositive: number;
  /** Share of phones that go sideways once, between shops of one layer. */
  readonly grey: number;
  /** Share of events that nobody recorded. */
  readonly missing: number;
  /** Share of phones that go back one layer and out again by another door. */
  readonly returns: number;
  /** Share of the time for which a hand is at work. */
  readonly working: number;
  /** Share of phones that pass through a custodian of whom there is no record at all; it is the hand where this is above zero. */
  readonly unlisted: number;
  /** Share of phones that are clones: another phone under the identity, and so the path, of a genuine one; always altered. */
  readonly clones: number;
  /** Each phone is altered with a share of its own around the hand's (a Beta spread), where true: heterogeneous hands. */
  readonly uneven: boolean;
}

export interface WorldPhone {
  /** What really happened, by custodian. */
  readonly truly: readonly number[];
  /** What was recorded. */
  readonly recorded: readonly number[];
  readonly days: readonly number[];
  readonly altered: boolean;
  /** Index of the hand that altered it; -1 for others. */
  readonly by: number;
}

export interface World {
  readonly kind: WorldKind;
  readonly custodians: number;
  /** First custodian that can be suspected. */
  readonly firstSuspect: number;
  readonly hands: readonly { readonly custodian: number; readonly share: number }[];
  readonly phones: readonly WorldPhone[];
}

export type Dice = () => number;

/** A generator of its own: mulberry32. */
export function dice(seed: number): Dice {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const normal = (roll: Dice) => Math.sqrt(-2 * Math.log(1 - roll())) * Math.cos(2 * Math.PI * roll());

/** Gamma by Marsaglia & Tsang 2000, for Beta draws. */
function gamma(shape: number, roll: Dice): number {
  if (shape < 1) return gamma(shape + 1, roll) * (1 - roll()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(roll);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - roll()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}
const beta = (a: number, b: number, roll: Dice) => {
  const x = gamma(a, roll);
  return x / (x + gamma(b, roll));
};

const pick = (weights: readonly number[], roll: Dice): number => {
  let left = roll() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [index, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return index;
  }
  return weights.length - 1;
};

/** Makes a world: the same seed, the same world. */
export function makeWorld(kind: WorldKind, roll: Dice): World {
  const starts: number[] = [];
  let custodians = 0;
  for (const count of kind.layers) {
    starts.push(custodians);
    custodians += count;
  }
  const firstSuspect = starts[1] ?? 0;
  // Volumes are skewed, log-normal. Demand pulls phones through the chain: a phone
  // is sold by a shop in proportion to its size, and came there by one of the shop's suppliers in proportion to theirs.
  const size = Array.from({ length: custodians }, () => Math.exp(kind.skew * normal(roll)));
  // Who supplies whom: one to three suppliers in the layer above.
  const customers: number[][] = Array.from({ length: custodians }, () => []);
  const suppliersOf: number[][] = Array.from({ length: firstSuspect }, () => []);
  for (let layer = 1; layer < kind.layers.length; layer++) {
    const [above = 0, from = 0] = [starts[layer - 1], starts[layer]];
    for (let c = from; c < from + (kind.layers[layer] ?? 0); c++) {
      const suppliers = new Set<number>();
      const count = 1 + Math.floor(roll() * 3);
      while (suppliers.size < Math.min(count, from - above)) suppliers.add(above + pick(size.slice(above, from), roll));
      suppliersOf.push([...suppliers]);
      for (const supplier of suppliers) customers[supplier]?.push(c);
    }
  }
  const hands = new Map<number, { readonly share: number; readonly from: number; readonly to: number }>();
  const drawShare = () => (typeof kind.share === 'number' ? kind.share : beta(kind.share.a, kind.share.b, roll));
  while (kind.unlisted === 0 && hands.size < kind.hands) {
    const from = roll() * (365 * (1 - kind.working));
    const custodian = firstSuspect + Math.floor(roll() * (custodians - firstSuspect));
    if (!hands.has(custodian)) hands.set(custodian, { share: drawShare(), from, to: from + 365 * kind.working });
  }
  const unlistedShare = drawShare();
  const lastLayer = starts.at(-1) ?? 0;
  const layerOf = (custodian: number) => starts.findLastIndex((start) => start <= custodian);
  const phones = Array.from({ length: kind.phones }, (): WorldPhone => {
    let at = lastLayer + pick(size.slice(lastLayer), roll);
    const way = [at];
    while (at >= firstSuspect) {
      const above = suppliersOf[at] ?? [];
      at =
        above[
          pick(
            above.map((c) => size[c] ?? 0),
            roll,
          )
        ] ?? 0;
      way.unshift(at);
    }
    if (roll() < kind.grey) {
      const place = 1 + Math.floor(roll() * (way.length - 1));
      const layer = layerOf(way[place] ?? 0);
      way.splice(place + 1, 0, (starts[layer] ?? 0) + Math.floor(roll() * (kind.layers[layer] ?? 1)));
    }
    if (roll() < kind.returns && way.length > 2) {
      const back = way.at(-2) ?? 0;
      const doors = customers[back] ?? [];
      way.push(back, doors[Math.floor(roll() * doors.length)] ?? back);
    }
    let day = roll() * 300;
    const days = way.map(() => (day += 1 + roll() * 12));
    let by = -1;
    let altered = false;
    for (const [step, custodian] of way.entries()) {
      const hand = hands.get(custodian);
      if (hand === undefined || altered || (days[step] ?? 0) < hand.from || (days[step] ?? 0) > hand.to) continue;
      const share = kind.uneven ? beta(2 * hand.share, 2 * (1 - hand.share), roll) : hand.share;
      if (roll() < share) [altered, by] = [true, custodian];
    }
    if (!altered && kind.unlisted > 0 && roll() < kind.unlisted && roll() < unlistedShare) altered = true;
    if (!altered && roll() < kind.leak) altered = true;
    if (roll() < kind.clones) [altered, by] = [true, -1];
    const recorded = way.filter(() => roll() >= kind.missing);
    return { truly: way, recorded: recorded.length === 0 ? [way[0] ?? 0] : recorded, days, altered, by };
  });
  return { kind, custodians, firstSuspect, hands: [...hands].map(([custodian, { share }]) => ({ custodian, share })), phones };
}

/** What an inspection of a phone says in this world. */
export const inspect = ({ kind }: World, { altered }: WorldPhone, roll: Dice): boolean =>
  roll() < (altered ? kind.sensitivity : kind.falsePositive);

const MAIN: WorldKind = {
  name: 'main',
  what: 'one hand, share from Beta(2, 1), every event recorded',
  layers: [3, 4, 8, 20, 60],
  phones: 4000,
  skew: 0.5,
  hands: 1,
  share: { a: 2, b: 1 },
  leak: 0.002,
  sensitivity: 0.95,
  falsePositive: 0.01,
  grey: 0,
  missing: 0,
  returns: 0,
  working: 1,
  unlisted: 0,
  clones: 0,
  uneven: false,
};

/** The worlds of the research's evaluation protocol, the main one first. */
export const WORLDS: readonly WorldKind[] = [
  MAIN,
  { ...MAIN, name: 'share-0.9', what: 'one hand that alters nine in ten', share: 0.9 },
  { ...MAIN, name: 'share-0.5', what: 'one hand that alters every second phone', share: 0.5 },
  { ...MAIN, name: 'share-0.2', what: 'one hand that alters one in five', share: 0.2 },
  { ...MAIN, name: 'two-hands', what: 'two hands', hands: 2 },
  { ...MAIN, name: 'three-hands', what: 'three hands; the model counts to two', hands: 3 },
  { ...MAIN, name: 'nobody', what: 'no hand at all, only the leak', hands: 0, leak: 0.004 },
  { ...MAIN, name: 'skewed', what: 'the largest shop sells a hundred times what the smallest does', skew: 1 },
  { ...MAIN, name: 'grey', what: 'a fifth of the phones goes sideways once', grey: 0.2 },
  { ...MAIN, name: 'returns', what: 'an eighth of the phones goes back and out again', returns: 0.125 },
  { ...MAIN, name: 'missing-10', what: 'one event in ten is missing', missing: 0.1 },
  { ...MAIN, name: 'missing-40', what: 'four events in ten are missing', missing: 0.4 },
  { ...MAIN, name: 'half-time', what: 'the hand works half of the year', working: 0.5 },
  { ...MAIN, name: 'uneven', what: 'the share differs from phone to phone', uneven: true },
  { ...MAIN, name: 'weak-checks', what: 'the checks are worse than calibrated: 0.75 and 0.03', sensitivity: 0.75, falsePositive: 0.03 },
  { ...MAIN, name: 'leaky', what: 'five times the leak that is assumed', leak: 0.01 },
  { ...MAIN, name: 'clones', what: 'one phone in a hundred is a clone under another’s path', clones: 0.01 },
  { ...MAIN, name: 'unlisted', what: 'the hand is in no record; a twentieth of the phones passes it', unlisted: 0.05 },
];
