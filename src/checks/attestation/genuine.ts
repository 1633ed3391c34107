/** The only way to `genuine`: an answer of the secure world to which no piece is missing. */
import { factsOf, reaches } from '../../evidence/index.ts';
import { resolveModel, resolvePhone } from '../../knowledge/index.ts';
import { claimsOf, said } from '../boot/index.ts';
import { type CheckContext, defineCheck, type NotExamined, type Outcome } from '../define.ts';
import { romSurfaces } from '../silicon/boot-surfaces.ts';
import { type Attested, attestationsOf, attestedOf, wasAsked } from './attested.ts';
import { BOTH, FASTBOOT, HARDWARE, isSamsungDownload, missingPieces, OUR_RUN, type Piece, SOFTWARE } from './pieces.ts';

const ASK =
  'an attestation over this cable (inspect --attest), with the bootloader heard beside it (--fastboot) and the maker’s build as reference';

/** How every missing piece begins. */
const GENUINE = 'Genuine';

/** Whether something that was not examined is a piece that a phone lacks to be called genuine, its secure world having answered. */
export const isMissingPiece = ({ what }: Pick<NotExamined, 'what'>): boolean => /^Genuine(?: software| hardware)?: /.test(what);

/** Whether who inspects can bring a piece; a proven way of asking is ours to bring. */
export const isForOperator = ({ settledBy }: Pick<NotExamined, 'settledBy'>): boolean => settledBy !== OUR_RUN;

/** What even a genuine phone leaves open. */
const NOT_COVERED: readonly NotExamined[] = [
  {
    what: 'Memory, the data partition, and partitions outside vbmeta',
    because:
      'the secure world swears to what was verified at start; what runs, what an app stored, and firmware that vbmeta does not bind are not in it',
    settledBy: 'the checks of apps and settings in this report; a factory reset; images read through the mask ROM',
  },
];

interface Road {
  /** Pieces of this axis, besides those of both. */
  readonly own: readonly Piece[];
  readonly title: string;
  readonly axis: 'hardware' | 'software';
  readonly because: (answer: Attested) => string;
}

function judgeGenuine(context: CheckContext, { own, title, axis, because }: Road): Outcome {
  if (!wasAsked(context)) return axis === 'hardware' ? { outcome: 'not-applicable' } : unasked(context, title);
  let closest: { readonly both: readonly NotExamined[]; readonly own: readonly NotExamined[] } | undefined;
  for (const answer of attestedOf(context)) {
    const missing = { both: missingPieces(context, answer, BOTH, GENUINE), own: missingPieces(context, answer, own, title) };
    const count = missing.both.length + missing.own.length;
    // The one place of this family that clears: nothing is missing, and the answer is proven (BOTH asks it).
    if (count === 0 && answer.proven)
      return {
        outcome: 'pass',
        standing: answer.fact.standing,
        clears: { axis, because: because(answer) },
        ...(axis === 'software' ? { beyond: NOT_COVERED } : {}),
      };
    if (closest === undefined || count < closest.both.length + closest.own.length) closest = missing;
  }
  if (closest === undefined) return axis === 'hardware' ? { outcome: 'not-applicable' } : unanswered(context, title);
  // What both lack is said once, with the software.
  const listed = axis === 'hardware' ? closest.own : [...closest.both, ...closest.own];
  const [first, ...rest] = listed.map((piece) => (piece.settledBy === FASTBOOT && isSamsung(context) ? samsung(piece) : piece));
  return first === undefined ? { outcome: 'not-applicable' } : { outcome: 'incomplete', missing: [first, ...rest] };
}

/** Samsung has Download mode in place of fastboot, whether it is on the cable now or not. */
const isSamsung = (context: CheckContext): boolean => claimsOf(context).house === 'samsung' || isSamsungDownload(context);

const samsung = (piece: NotExamined): NotExamined => ({
  ...piece,
  because: 'Samsung has Download mode in place of fastboot, and it answers nothing without a session that could flash',
  settledBy: 'the screen of its Download mode, read by a person (OEM LOCK, KG STATE)',
});

function unasked(context: CheckContext, title: string): Outcome {
  if (context.trust === 'bearer') return { outcome: 'not-applicable' };
  if (isOlderThanAttestation(context))
    return {
      outcome: 'not-checked',
      because: 'the model is older than key attestation: nothing in it can swear to its software',
      settledBy: 'the storage, read through the mask ROM, held against the maker’s images',
    };
  return { outcome: 'not-checked', because: `the secure world was not asked (${title.toLowerCase()})`, settledBy: ASK };
}

/** Asked, and no authentic statement came: in the words of the phone or of the rule that failed. */
function unanswered(context: CheckContext, title: string): Outcome {
  const failed = attestationsOf(context).flatMap(({ result }) =>
    result.rules.filter(({ outcome }) => outcome === 'fail').map(({ because }) => because),
  );
  const refusals = context.facts.list.flatMap((fact) =>
    fact.kind === 'attestation' && 'refusal' in fact.value && fact.value.refusal !== undefined ? [fact.value.refusal] : [],
  );
  const [why] = [...failed, ...refusals];
  return {
    outcome: 'not-checked',
    because: `${title}: no authentic statement came${why === undefined ? '' : ` (${why.slice(0, 200)})`}`,
    settledBy: ASK,
  };
}

function isOlderThanAttestation(context: CheckContext): boolean {
  const model = said(context, 'ro.product.model')?.value;
  const found =
    context.claims.model === undefined
      ? model === undefined
        ? undefined
        : resolvePhone({ model }, context.knowledge)
      : resolveModel(context.claims.model, context.knowledge);
  const answers = new Set(found?.models.map(({ attests }) => attests));
  return answers.size === 1 && answers.has(false);
}

/** The other road of the hardware: the chip of the model claimed, by a mask ROM whose word is measured, with its maker's own key in the fuses. */
function byBootRom(context: CheckContext): Outcome | undefined {
  const claimed = context.claims.model === undefined ? undefined : resolveModel(context.claims.model, context.knowledge);
  if (claimed === undefined || context.trust !== 'live') return undefined;
  const chips = new Set(claimed.skus.flatMap(({ socs }) => socs));
  const brands = claimed.models.map(({ brand }) => brand.toLowerCase());
  for (const fact of factsOf(context.facts, 'rom')) {
    const { identity } = fact.value;
    if (!reaches(fact.standing, 'measured') || identity.stage !== 'mask-rom' || identity.protocol !== 'sahara') continue;
    const isChip = romSurfaces(fact, context.knowledge.socs).some(({ named }) => named?.socs.some(({ id }) => chips.has(id)) === true);
    const key = context.knowledge.fusedKeys?.find(({ keyHash }) => keyHash === identity.keyHash);
    if (isChip && key?.brands.some((brand) => brands.includes(brand)) === true)
      return {
        outcome: 'pass',
        standing: fact.standing,
        clears: { axis: 'hardware', because: `the mask ROM names the chip of ${claimed.name}, and its maker’s key is in the fuses` },
      };
  }
  return undefined;
}

const shared = {
  what: 'Whether an answer of the secure world has every piece that the rule of evidence asks for: fresh, bound, from hardware, unrevoked, by a proven way, and agreeing with what was seen outside Android.',
  why: 'Nothing that a phone says of itself clears it. Evidence that its software cannot write, made for our question and tied to this very unit, does.',
  benign: [],
  strength: 'note',
  standing: 'told',
  needs: [],
  settledBy: ASK,
  causes: [],
  catches: 'bootloader',
  confirm: 'Every piece is listed with what would supply it.',
  spec: ['docs: the rule of evidence, 2'],
} as const;

const SOFTWARE_TITLE = `${GENUINE} software`;
const HARDWARE_TITLE = `${GENUINE} hardware`;

export const genuineSoftware = defineCheck({
  ...shared,
  id: 'attestation.genuine-software',
  axis: 'software',
  title: SOFTWARE_TITLE,
  group: 'genuine-software',
  run: (context) =>
    judgeGenuine(context, {
      own: SOFTWARE,
      title: SOFTWARE_TITLE,
      axis: 'software',
      because: () => 'the secure world of this very phone swears, under our nonce, to the maker’s own build; the bootloader agrees',
    }),
});

export const genuineHardware = defineCheck({
  ...shared,
  id: 'attestation.genuine-hardware',
  axis: 'hardware',
  title: HARDWARE_TITLE,
  group: 'genuine-hardware',
  run: (context) =>
    byBootRom(context) ??
    judgeGenuine(context, {
      own: HARDWARE,
      title: HARDWARE_TITLE,
      axis: 'hardware',
      because: ({ statement }) =>
        `the secure world of this very phone swears, under our nonce, that it is a ${statement.hardwareEnforced.attestationIdModel ?? ''}`,
    }),
});
