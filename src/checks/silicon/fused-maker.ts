import { type Fact, factsOf } from '../../evidence/index.ts';
import { brandsOfOem, isOpenKeyHash, resolveModel } from '../../knowledge/index.ts';
import { said } from '../boot/index.ts';
import { type CheckContext, type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { claimedName } from './claim.ts';

/** OEM ids and digests of keys in a Qualcomm chip's fuses. */
function saharaFacts({ facts }: Pick<CheckContext, 'facts'>) {
  return factsOf(facts, 'rom').flatMap((fact: Fact<'rom'>) =>
    fact.value.identity.protocol === 'sahara' ? [{ fact, identity: fact.value.identity }] : [],
  );
}

const SETTLED = 'the boot ROM’s own word: --rom usb: with the phone in its download mode';

export const fusedMaker = defineCheck({
  id: 'silicon.fused-maker',
  axis: 'hardware',
  title: 'The maker in the chip’s fuses',
  what: 'OEM_ID, which the maker of a phone burns into a Qualcomm chip, against the brand that is claimed.',
  why: 'Fuses are burnt once. A phone of one brand does not carry another maker’s number.',
  benign: [
    'A contract maker may burn its own number into phones that it builds for a brand.',
    'A number that our table gives to too few brands.',
  ],
  confirm: 'Compare with the OEM_ID of another unit of the model.',
  strength: 'weak',
  standing: 'shown',
  needs: ['rom'],
  settledBy: SETTLED,
  group: 'fused-maker',
  causes: ['other-silicon', 'sku', 'repair'],
  catches: undefined,
  spec: ['bkerler/edl edlclient/Config/qualcomm_config.py'],
  run(context) {
    const model = claimedName(context);
    const brand = (
      context.claims.brand ??
      (model === undefined ? undefined : resolveModel(model, context.knowledge)?.models[0]?.brand) ??
      said(context, 'ro.product.brand')?.value
    )?.toLowerCase();
    const findings: Draft[] = [];
    let compared = false;
    for (const { fact, identity } of saharaFacts(context)) {
      const brands = identity.hardware === undefined ? undefined : brandsOfOem(identity.hardware.oemId);
      if (brands === undefined || brand === undefined || identity.hardware === undefined) continue;
      compared = true;
      if (brands.includes(brand)) continue;
      findings.push({
        claimed: `a phone of ${brand}`,
        observed: `OEM_ID 0x${identity.hardware.oemId.toString(16).padStart(4, '0')} (${brands.join(', ')}) in the fuses`,
        because: 'The chip was burnt for another maker than the one whose name the phone carries.',
        standing: fact.standing,
        evidence: [fact.place],
      });
    }
    return compared ? failOrPass(findings, 'shown') : notChecked('no fused maker that we know was read, or no brand is claimed', SETTLED);
  },
});

export const openBootRom = defineCheck({
  id: 'silicon.open-boot-rom',
  axis: 'posture',
  title: 'A chip that starts what anybody signs',
  what: 'The digest of the root key in a Qualcomm chip’s fuses, and the secure boot fuse of a MediaTek chip.',
  why: 'Without a key of its maker in its fuses a chip starts any boot chain: whatever runs above it vouches for nothing.',
  benign: ['Many phones of before 2016, and cheap ones since, were sold without secure boot.', 'Engineering units.'],
  confirm: 'Compare with another unit of the model.',
  strength: 'weak',
  standing: 'shown',
  needs: ['rom'],
  settledBy: SETTLED,
  group: 'boot-rom-fuses',
  causes: ['engineering', 'other-silicon'],
  catches: undefined,
  spec: ['bkerler/edl edlclient/Config/qualcomm_config.py', 'bkerler/mtkclient mtkclient/Library/mtk_preloader.py'],
  run(context) {
    const findings: Draft[] = [];
    let read = false;
    for (const fact of factsOf(context.facts, 'rom')) {
      const { identity } = fact.value;
      const fuses = identity.protocol === 'mediatek' ? identity.targetConfig : undefined;
      const keyHash = identity.protocol === 'sahara' ? identity.keyHash : undefined;
      if (fuses === undefined && keyHash === undefined) continue;
      read = true;
      const open = fuses === undefined ? keyHash !== undefined && isOpenKeyHash(keyHash) : !fuses.secureBoot;
      if (!open) continue;
      findings.push({
        claimed: 'a chip that starts only what its maker signed',
        observed:
          keyHash === undefined
            ? `target configuration 0x${(fuses?.raw ?? 0).toString(16)}: secure boot is not fused`
            : /^0*$/.test(keyHash)
              ? 'no root key is fused'
              : `the fused root key is a published test key (${keyHash.slice(0, 16)}…)`,
        because: 'Its boot chain can be replaced by anybody who has a cable.',
        standing: fact.standing,
        evidence: [fact.place],
      });
    }
    return read ? failOrPass(findings, 'shown') : notChecked('no fuses were read', SETTLED);
  },
});
