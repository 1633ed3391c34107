/**
 * What a phone must bring to be called genuine (design, rule 2 and the verdict): every piece with what would supply it. A piece starts missing; only evidence supplies it.
 * The table is the whole of it: software wants all pieces of `BOTH` and `SOFTWARE`, hardware those of `BOTH` and `HARDWARE`.
 */
import { factsOf } from '../../evidence/index.ts';
import { bypassOf } from '../../knowledge/attestation/index.ts';
import { type ResolvedModel, resolveModel, resolvePhone, usbModeOf } from '../../knowledge/index.ts';
import { said } from '../boot/index.ts';
import type { CheckContext, NotExamined } from '../define.ts';
import { romSurfaces } from '../silicon/boot-surfaces.ts';
import { type Attested, bootHashOf, bootKeyOf, isBound, isFresh, locksOutside, serialsOutside } from './attested.ts';
import { referenceOf, vbmetaKeyOf } from './boot-key.ts';
import { otherBrandsOf } from './history.ts';

export interface Piece {
  /** Stable, for tests and programs. */
  readonly id: string;
  readonly what: string;
  /** Why it is missing; undefined where it is there. */
  readonly missing: (context: CheckContext, answer: Attested) => string | undefined;
  readonly settledBy: string;
}

const unless = (isThere: boolean, because: string): string | undefined => (isThere ? undefined : because);
const ASK = 'an attestation over this cable: inspect --attest';
/** The one piece that no operator can bring. */
export const OUR_RUN = 'a run of it on a real phone, whose capture becomes one of our tests (docs/untried.md)';
/** What hears a bootloader; Samsung has none that speaks. */
export const FASTBOOT = 'the bootloader of the same phone, heard over the same cable: --fastboot usb:';
const REFERENCE = 'the maker’s own package of this build as reference: --reference ROM';

export const BOTH: readonly Piece[] = [
  {
    id: 'live',
    what: 'The phone itself, not a recording',
    missing: ({ trust }) => unless(trust === 'live', 'what somebody brought is the bearer’s word'),
    settledBy: 'inspect the phone itself',
  },
  {
    id: 'proven-carrier',
    what: 'A way of asking that is proven on real phones',
    missing: (_context, { proven, fact }) => unless(proven, `asking by ${fact.value.carrier} was never tried on a real phone`),
    settledBy: OUR_RUN,
  },
  {
    id: 'fresh',
    what: 'An answer to our own nonce',
    missing: (context, answer) => unless(isFresh(context, answer), 'the statement does not hold a nonce that we sent in this conversation'),
    settledBy: ASK,
  },
  {
    id: 'hardware-level',
    what: 'An answer from secure hardware',
    missing: (_context, { result, statement }) =>
      unless(
        statement.attestationSecurityLevel !== 'SOFTWARE' &&
          statement.keyMintSecurityLevel !== 'SOFTWARE' &&
          (result.root?.kind === 'google' || result.root?.kind === 'knox' || result.root?.kind === 'given'),
        `the statement was made at level ${statement.attestationSecurityLevel}`,
      ),
    settledBy: 'a key that its TEE or StrongBox holds: without one it has no word that its own system could not write',
  },
  {
    id: 'bound',
    what: 'An identity that ties the answer to the phone in hand',
    missing: (context, answer) =>
      unless(
        isBound(context, answer),
        answer.statement.hardwareEnforced.attestationIdSerial === undefined
          ? 'the secure world attested no serial number'
          : serialsOutside(context).length === 0
            ? 'no serial number was seen outside Android'
            : 'the attested serial number is not the one that was seen outside Android',
      ),
    settledBy: FASTBOOT,
  },
  {
    id: 'uncontradicted',
    what: 'A secure world that its own bootloader does not contradict',
    missing: (context, { statement }) =>
      unless(
        statement.hardwareEnforced.rootOfTrust?.deviceLocked !== true || !locksOutside(context).some(({ unlocked }) => unlocked),
        'it swears to locked, and the bootloader answers unlocked: its word is worth nothing',
      ),
    settledBy: FASTBOOT,
  },
  {
    id: 'radios-off',
    what: 'Nobody else could have answered',
    missing: ({ claims }) =>
      unless(claims.radios === 'off', 'nobody said that its radios were off, so another phone may have answered for it'),
    settledBy: 'flight mode without Wi-Fi, and your word for it: --claim radios=off',
  },
  {
    id: 'unrevoked',
    what: 'An issuer that is not revoked',
    missing: (_context, { result: { revocation } }) =>
      unless(
        revocation.status === 'good' && revocation.stale === false,
        revocation.status === 'good' ? 'the revocation list is older than seven days' : `its chain is ${revocation.status}`,
      ),
    settledBy: 'Google’s list of today: --attestation-status status-YYYY-MM-DD.json',
  },
  {
    id: 'issuer-of-one-brand',
    what: 'An issuer that never signed for another brand',
    missing: (context, answer) => {
      const [other] = otherBrandsOf(context, answer);
      return other === undefined ? undefined : `the same key signed for a phone of ${other.attested.brand ?? 'another brand'} before`;
    },
    settledBy: 'an answer under another key',
  },
  {
    id: 'provisioning',
    what: 'A key that was provisioned as the model’s are',
    missing: (context, answer) => {
      const { method } = answer.result.provisioning;
      if (method === 'remote' || (method === 'factory' && !usesRemoteProvisioning(context, answer))) return undefined;
      return method === 'factory'
        ? 'a factory’s key, where phones of this age have theirs from a server'
        : `it is not known how the key was provisioned (${method})`;
    },
    settledBy: 'an answer under a remotely provisioned key: connect the phone to the network once, then ask again',
  },
  {
    id: 'boot-rom',
    what: 'The boot ROM’s own word, where a bypass of the boot chain is published',
    missing: (context) => {
      const bypass = bypassFor(context);
      if (bypass === undefined) return undefined;
      return unless(hasBootRom(context), `${bypass} is published for this phone, and past it a secure world swears to anything`);
    },
    settledBy: 'the boot ROM, in a download mode: --rom usb:',
  },
];

export const SOFTWARE: readonly Piece[] = [
  {
    id: 'verified-locked',
    what: 'A verified boot of a locked phone',
    missing: (_context, { statement }) => {
      const root = statement.hardwareEnforced.rootOfTrust;
      return unless(
        root?.verifiedBootState === 'VERIFIED' && root.deviceLocked,
        root === undefined
          ? 'no root of trust is stated'
          : `the secure world swears to ${root.verifiedBootState}, ${root.deviceLocked ? 'locked' : 'unlocked'}`,
      );
    },
    settledBy: 'the maker’s own build with the bootloader locked',
  },
  {
    id: 'lock-outside',
    what: 'The lock, read outside Android',
    missing: (context) => {
      const locks = locksOutside(context);
      return unless(
        locks.length > 0 && locks.every(({ unlocked }) => !unlocked),
        locks.length === 0 ? 'the bootloader was not asked' : 'the bootloader answers that it is unlocked',
      );
    },
    settledBy: FASTBOOT,
  },
  {
    id: 'reference',
    what: 'The maker’s own build to hold it against',
    missing: (context) => {
      const known = referenceOf(context);
      return unless(
        known !== undefined &&
          known.reference.vouched !== 'nobody' &&
          known.reference.label !== 'engineering' &&
          known.reference.provenance?.made === 'image',
        known === undefined ? 'no reference of the build that the phone names' : 'nobody vouches for the reference of this build',
      );
    },
    settledBy: REFERENCE,
  },
  {
    id: 'boot-key',
    what: 'The maker’s key over what booted',
    missing: (context, answer) => {
      const known = referenceOf(context);
      const key = known === undefined ? undefined : vbmetaKeyOf(known.reference);
      if (key === undefined) return 'the key of the reference’s vbmeta is not known';
      return unless(bootKeyOf(answer) === key, 'the boot key is not that of the reference’s vbmeta');
    },
    settledBy: REFERENCE,
  },
  {
    id: 'boot-hash',
    what: 'The digest of what booted',
    missing: (context, answer) => {
      const digest = referenceOf(context)?.reference.manifest.vbmetaDigest ?? undefined;
      if (digest === undefined) return 'the vbmeta digest of the reference is not known';
      const hash = bootHashOf(answer);
      return unless(
        hash === digest,
        hash === undefined ? 'the secure world states no boot hash' : 'the boot hash is not the vbmeta digest of the reference',
      );
    },
    settledBy: REFERENCE,
  },
];

export const HARDWARE: readonly Piece[] = [
  {
    id: 'claimed-model',
    what: 'What the phone is sold as',
    missing: (context) =>
      unless(
        claimedModel(context) !== undefined,
        context.claims.model === undefined
          ? 'nobody said what the phone is sold as'
          : `no source of ours knows a model called ${context.claims.model}`,
      ),
    settledBy: 'the model on box or offer: --claim model=…',
  },
  {
    id: 'attested-model',
    what: 'The model, by the secure world’s word',
    missing: (context, { statement }) => {
      const claimed = claimedModel(context);
      const { attestationIdModel: model, attestationIdDevice: device, attestationIdBrand: brand } = statement.hardwareEnforced;
      if (model === undefined || model === '') return 'the secure world attested no model';
      if (claimed === undefined) return 'there is no claim that it could be held against';
      const attested = resolvePhone({ model, device, brand }, context.knowledge);
      const isSame =
        attested?.skus.some((sku) =>
          claimed.skus.some(
            (other) => other.models.some((name) => sku.models.includes(name)) || other.devices.some((name) => sku.devices.includes(name)),
          ),
        ) ?? false;
      return unless(isSame, `the secure world swears to ${[brand, model].filter((word) => word !== undefined).join(' ')}`);
    },
    settledBy: 'a secure world that attests its model, and a claim of that very model',
  },
];

const claimedModel = ({ claims, knowledge }: CheckContext): ResolvedModel | undefined =>
  claims.model === undefined ? undefined : resolveModel(claims.model, knowledge);

/** Models launched with Android 13 or later have remotely provisioned keys (AOSP, Remote Key Provisioning); where the launch is not known the protocol tells: version 200 came with Android 13. */
function usesRemoteProvisioning(context: CheckContext, { statement }: Attested): boolean {
  const launches =
    ownModel(context)?.models.flatMap(({ launchAndroid }) => (launchAndroid === undefined ? [] : [Number.parseInt(launchAndroid, 10)])) ??
    [];
  return launches.length > 0 ? launches.some((version) => version >= 13) : statement.attestationVersion >= 200;
}

function ownModel(context: CheckContext): ResolvedModel | undefined {
  const own = resolvePhone(
    {
      model: said(context, 'ro.product.model')?.value,
      device: said(context, 'ro.product.device')?.value,
      brand: said(context, 'ro.product.brand')?.value,
    },
    context.knowledge,
  );
  return own ?? claimedModel(context);
}

/** The bypass that is published for any model that the phone may be, by its own word, the claim, or its chips. */
function bypassFor(context: CheckContext): string | undefined {
  const models = [ownModel(context), claimedModel(context)].filter((model) => model !== undefined);
  const skus = models.flatMap((model) => model.skus);
  const device = said(context, 'ro.product.device')?.value.toLowerCase();
  return bypassOf({
    devices: [...skus.flatMap(({ devices }) => devices.map((name) => name.toLowerCase())), ...(device === undefined ? [] : [device])],
    socs: [...skus.flatMap(({ socs }) => socs), ...namedChips(context)],
  })?.name;
}

/** Chips that properties name, for models that no source of ours knows. */
function namedChips({ facts, knowledge }: CheckContext): readonly string[] {
  const words = ['ro.soc.model', 'ro.board.platform'].flatMap((key) => said({ facts }, key)?.value.toLowerCase() ?? []);
  return knowledge.socs
    .filter(({ id, platforms }) => words.some((word) => platforms.includes(word) || id.toLowerCase() === word))
    .map(({ id }) => id);
}

/** Facts of a mask ROM that were measured, and whose chip is one of the model’s. */
function hasBootRom(context: CheckContext): boolean {
  const chips = new Set([ownModel(context), claimedModel(context)].flatMap((model) => model?.skus.flatMap(({ socs }) => socs) ?? []));
  return factsOf(context.facts, 'rom').some((fact) => {
    if (fact.standing !== 'measured' && fact.standing !== 'signed') return false;
    if (fact.value.identity.stage !== 'mask-rom') return false;
    return romSurfaces(fact, context.knowledge.socs).some(({ named }) => named?.socs.some(({ id }) => chips.has(id)) ?? false);
  });
}

/** The pieces that an answer lacks, with what would supply each. */
export function missingPieces(context: CheckContext, answer: Attested, pieces: readonly Piece[], title: string): readonly NotExamined[] {
  return pieces.flatMap(({ what, missing, settledBy }) => {
    const because = missing(context, answer);
    return because === undefined ? [] : [{ what: `${title}: ${what}`, because, settledBy }];
  });
}

/** Whether a phone of this cable shows Samsung’s Download mode: there the lock cannot be asked for. */
export const isSamsungDownload = ({ facts }: Pick<CheckContext, 'facts'>): boolean =>
  factsOf(facts, 'usb').some(({ value }) => usbModeOf(value.vendorId, value.productId)?.mode === 'samsung-download');
