/** Alterations of what the secure world swears to: exploits, relays, replays and keys that got out. Each phone is heard together with its bootloader. */
import type { Alteration, PhoneSecureWorld, VirtualPhone } from '../phone.ts';
import { honestSecureWorld } from '../secure-world.ts';
import type { AlterationEntry } from './catalogue.ts';
import { all, withRuntimeProperties } from './edit.ts';

export const attests = (phone: VirtualPhone): boolean => phone.sdk >= 28;
const hasFastboot = (phone: VirtualPhone): boolean => attests(phone) && phone.fastboot.length > 0;

/** The secure world of this phone, changed. */
export const swearing =
  (change: Partial<PhoneSecureWorld> | ((honest: PhoneSecureWorld) => Partial<PhoneSecureWorld>) = {}): Alteration =>
  (phone) => {
    const honest = honestSecureWorld(phone);
    return { ...phone, secureWorld: { ...honest, ...(typeof change === 'function' ? change(honest) : change) } };
  };

/** A bootloader that is open and says so, under a system that says it is not. */
const openBootloader: Alteration = (phone) => ({
  ...phone,
  fastboot: phone.fastboot.map(([name, value]) => (name === 'unlocked' ? ['unlocked', 'yes'] : [name, value])),
});

const SIBLING = { serial: 'F0RGES1BL1NG', imei: '356938035643809' };

const entry = (
  of: Omit<AlterationEntry, 'wantsAttestation' | 'fits'> & { readonly fits?: (phone: VirtualPhone) => boolean },
): AlterationEntry => ({
  fits: attests,
  ...of,
  wantsAttestation: true,
});

export const attestationAlterations: readonly AlterationEntry[] = [
  entry({
    id: 'attestation-forged-green',
    title: 'An exploit of the boot chain makes the secure world swear to green and locked',
    level: 'bootloader',
    axis: 'software',
    fits: hasFastboot,
    apply: all(swearing(), openBootloader),
  }),
  entry({
    id: 'attestation-leaked-key',
    title: 'A keybox that got out signs what the system wants, over an open bootloader',
    level: 'framework',
    axis: 'software',
    fits: hasFastboot,
    apply: all(swearing({ issuer: 'factory' }), openBootloader),
  }),
  entry({
    id: 'attestation-key-of-two-brands',
    title: 'A keybox of another maker’s phones signs, under which one of them was seen before; the bootloader is open',
    level: 'framework',
    axis: 'software',
    fits: hasFastboot,
    keySeenBefore: 'another brand',
    apply: all(swearing({ issuer: 'factory' }), openBootloader),
  }),
  entry({
    id: 'attestation-laundered',
    title: 'A key of the phone that is no ATTEST_KEY signs a statement, over an open bootloader',
    level: 'framework',
    axis: 'software',
    fits: hasFastboot,
    apply: all(swearing({ issuer: 'laundered' }), openBootloader),
  }),
  entry({
    id: 'attestation-revoked',
    title: 'A revoked certificate, over an open bootloader',
    level: 'framework',
    axis: 'software',
    fits: hasFastboot,
    apply: all(swearing({ issuer: 'revoked' }), openBootloader),
  }),
  entry({
    id: 'attestation-expired',
    title: 'A certificate that has run out, over an open bootloader',
    level: 'framework',
    axis: 'software',
    fits: hasFastboot,
    apply: all(swearing({ issuer: 'expired' }), openBootloader),
  }),
  entry({
    id: 'attestation-wrong-root',
    title: 'A chain to a root of the forger’s own, over an open bootloader',
    level: 'framework',
    axis: 'software',
    fits: hasFastboot,
    apply: all(swearing({ issuer: 'strangers' }), openBootloader),
  }),
  entry({
    id: 'attestation-replayed',
    title: 'A statement of earlier, for another challenge',
    level: 'framework',
    axis: 'software',
    apply: swearing({ replays: 'ab'.repeat(32) }),
  }),
  entry({
    id: 'attestation-unlock-hidden',
    title: 'An unlocked phone whose properties say green; its secure world is honest',
    level: 'framework',
    axis: 'software',
    apply: swearing({ verifiedBootState: 'UNVERIFIED', deviceLocked: false, verifiedBootKey: '00'.repeat(32) }),
  }),
  entry({
    id: 'attestation-relocked',
    title: 'A changed system, signed and locked again with the changer’s own key; properties say green',
    level: 'bootloader',
    axis: 'software',
    apply: swearing({ verifiedBootState: 'SELF_SIGNED', verifiedBootKey: '6b'.repeat(32), verifiedBootHash: '08'.repeat(32) }),
  }),
  entry({
    id: 'attestation-digests-reset',
    title: 'Another build booted; the digests in the properties were set to those of the maker’s',
    level: 'framework',
    axis: 'software',
    apply: swearing({ verifiedBootHash: '08'.repeat(32) }),
  }),
  entry({
    id: 'attestation-other-model',
    title: 'Another model’s phone answers in its place',
    level: 'framework',
    axis: 'custody',
    apply: swearing({ ids: { ...SIBLING, brand: 'google', device: 'akita', product: 'akita', manufacturer: 'Google', model: 'Pixel 8a' } }),
  }),
  entry({
    id: 'attestation-sibling',
    title: 'An honest phone of the same model answers in its place',
    level: 'framework',
    axis: 'custody',
    apply: swearing(({ ids }) => ({ ids: { ...ids, ...SIBLING } })),
  }),
  entry({
    id: 'attestation-sibling-serial-copied',
    title: 'The same, with the other’s serial number copied into the properties',
    level: 'framework',
    axis: 'custody',
    fits: hasFastboot,
    apply: all(
      swearing(({ ids }) => ({ ids: { ...ids, serial: SIBLING.serial } })),
      withRuntimeProperties({ 'ro.serialno': SIBLING.serial, 'ro.boot.serialno': SIBLING.serial }),
    ),
  }),
  entry({
    id: 'attestation-sibling-whole',
    title: 'The same, with a bootloader that states the other’s serial number too; its radios are on',
    level: 'bootloader',
    axis: 'custody',
    fits: hasFastboot,
    radiosOn: true,
    beyondUs:
      'every number agrees: the sibling signs its own serial number under our nonce, and the bootloader of this phone, which its owner replaced, states the same. Time tells nothing, since a key takes the secure world longer than a relay takes the air. What would show it is outside the phone: radios off by somebody’s eyes (a piece without which nothing is cleared), the boot ROM’s own identity, or the sibling in an inspection of its own',
    apply: (phone) => ({
      ...all(
        swearing(({ ids }) => ({ ids: { ...ids, serial: SIBLING.serial } })),
        withRuntimeProperties({ 'ro.serialno': SIBLING.serial, 'ro.boot.serialno': SIBLING.serial }),
      )(phone),
      fastboot: phone.fastboot.map(([name, value]) => [name, name === 'serialno' ? SIBLING.serial : value]),
    }),
  }),
];
