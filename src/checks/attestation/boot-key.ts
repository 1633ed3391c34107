import type { Place } from '../../evidence/index.ts';
import { PUBLIC_BOOT_KEYS, VERIFIED_BOOT_KEYS } from '../../knowledge/attestation/index.ts';
import { resolveModel, resolvePhone } from '../../knowledge/index.ts';
import type { Reference } from '../../references/index.ts';
import { claimsOf, natureOf, type SaidProperty, said } from '../boot/index.ts';
import { type CheckContext, defineCheck } from '../define.ts';
import { sameHouse } from '../identity/houses.ts';
import { toolmarksOf } from '../toolmarks.ts';
import { type AttestedDraft, attestedOf, bootHashOf, bootKeyOf, compared, judgeAnswers, nothingToCompare } from './attested.ts';

const SETTLED = 'an attestation (inspect --attest) and a reference of the maker’s build (--reference)';

/** The reference of the build that the phone names; undefined where none is at hand. */
export function referenceOf(context: CheckContext): { readonly reference: Reference; readonly fingerprint: SaidProperty } | undefined {
  for (const key of ['ro.build.fingerprint', 'ro.system.build.fingerprint', 'ro.vendor.build.fingerprint']) {
    const fingerprint = said(context, key);
    const reference = context.references.find(
      ({ manifest }) => fingerprint !== undefined && Object.values(manifest.identity).includes(fingerprint.value),
    );
    if (fingerprint !== undefined && reference !== undefined) return { reference, fingerprint };
  }
  return undefined;
}

/** SHA-256 of the key that signs a build's own vbmeta; undefined where the manifest does not say. */
export const vbmetaKeyOf = ({ manifest }: Reference): string | undefined =>
  manifest.partitions.find(({ name }) => name === 'vbmeta')?.avb?.keySha256 ?? undefined;

export const attestedBuild = defineCheck({
  id: 'attestation.build',
  axis: 'software',
  title: 'The build that the secure world swears to',
  what: 'Boot hash of the attestation against the vbmeta digest of the build that the phone names, and boot key against the key that signs that vbmeta.',
  why: 'The digest covers every partition that vbmeta binds. Another digest is another build, whatever the properties say.',
  benign: ['A maker published two builds with one fingerprint.', 'The reference was made from another region’s package.'],
  confirm: 'Compare with the vbmeta of the official package: assay firmware verify.',
  strength: 'conclusive',
  impossible:
    'verifiedBootHash is the digest over the vbmeta images that the bootloader used (AVB, Calculating the VBMeta digest). The fingerprint names one official build; with that build’s vbmeta vouched for by its maker, another digest means that something else booted.',
  standing: 'told',
  needs: [],
  settledBy: SETTLED,
  group: 'attested-build',
  causes: ['rom-flash', 'root', 'ota'],
  catches: 'bootloader',
  spec: ['AOSP external/avb/README.md: The VBMeta Digest', 'AOSP KeyCreationResult.aidl: verifiedBootHash'],
  run(context) {
    const known = referenceOf(context);
    const claims = claimsOf(context);
    return judgeAnswers(
      context,
      attestedOf(context),
      { because: 'no build at hand has a vbmeta digest that the secure world’s could be held against', settledBy: SETTLED },
      (answer) => {
        const root = answer.statement.hardwareEnforced.rootOfTrust;
        const digest = known?.reference.manifest.vbmetaDigest;
        const hash = bootHashOf(answer);
        if (root === undefined || known === undefined) return nothingToCompare;
        const weak = known.reference.vouched === 'nobody' ? { strength: 'weak' as const } : {};
        const drafts: AttestedDraft[] = [];
        if (digest !== undefined && digest !== null && hash !== undefined && hash !== digest)
          drafts.push({
            claimed: `${known.fingerprint.value}: vbmeta digest ${digest}`,
            observed: `boot hash ${hash}`,
            because: 'What booted is not the build that the phone names.',
            nature: natureOf(claims),
            toolmarks: toolmarksOf(context, 'build', [hash]),
            evidence: [known.fingerprint.place],
            ...weak,
          });
        const key = vbmetaKeyOf(known.reference);
        const own = bootKeyOf(answer);
        if (key !== undefined && own !== undefined && own !== key && !isZero(own))
          drafts.push({
            claimed: `the key ${key} of the vbmeta of ${known.fingerprint.value}`,
            observed: `boot key ${own}`,
            because: 'Makers hash their key in more than one way; where they do it as AVB does, another key signed what booted.',
            nature: natureOf(claims),
            evidence: [known.fingerprint.place],
            strength: 'weak',
          });
        return (digest ?? undefined) === undefined && key === undefined
          ? nothingToCompare
          : hash === undefined && drafts.length === 0
            ? nothingToCompare
            : compared(...drafts);
      },
    );
  },
});

const isZero = (hex: string) => /^0*$/.test(hex);

export const attestedBootKey = defineCheck({
  id: 'attestation.boot-key',
  axis: 'software',
  title: 'The boot key against makers’ keys',
  what: 'verifiedBootKey of the attestation against a table of makers’ verified boot keys, by model.',
  why: 'A key that is known as another model’s, or as another system’s, did not sign this model’s own build. A key that nobody knows is unproven, never against.',
  benign: [
    'A maker signs several models with one key: outside Google’s phones only the maker is compared.',
    'Makers have shipped phones under the keys that come with AVB.',
    'Some genuine phones state a key of zeros in a state where AOSP wants the key.',
  ],
  confirm: 'Ask another unit of the model.',
  strength: 'weak',
  standing: 'told',
  needs: [],
  settledBy: 'an attestation over this cable: inspect --attest',
  group: 'attested-boot-key',
  causes: ['rom-flash', 'root', 'sku'],
  catches: undefined,
  spec: ['GrapheneOS/AttestationServer AttestationProtocol.java', 'GrapheneOS/Auditor AttestationProtocol.java'],
  run(context) {
    const claims = claimsOf(context);
    const model = said(context, 'ro.product.model');
    return judgeAnswers(
      context,
      attestedOf(context),
      { because: 'the boot key is in no table of makers’ keys', settledBy: 'a table of this maker’s boot keys' },
      (answer) => {
        const root = answer.statement.hardwareEnforced.rootOfTrust;
        const key = bootKeyOf(answer);
        if (root === undefined || key === undefined) return nothingToCompare;
        const places: readonly Place[] = model === undefined ? [] : [model.place];
        if (isZero(key) && root.verifiedBootState === 'VERIFIED')
          return compared({
            claimed: 'VERIFIED',
            observed: key === '' ? 'no boot key' : 'a boot key of zeros',
            because: 'A verified boot has a key that verified it.',
            nature: natureOf(claims),
          });
        const published = PUBLIC_BOOT_KEYS.get(key);
        if (published !== undefined)
          return compared({
            claimed: `${model?.value ?? 'a model that is not said'}, ${root.verifiedBootState}`,
            observed: `the key ${published}, which comes with AVB for everybody to use`,
            because: 'Anybody can sign a system that this phone verifies.',
            nature: natureOf(claims),
            evidence: places,
          });
        const row = VERIFIED_BOOT_KEYS.find((one) => one.key === key);
        if (row === undefined) return nothingToCompare;
        const draft = (because: string): AttestedDraft => ({
          claimed: `${model?.value ?? 'a model that is not said'}, ${root.verifiedBootState}`,
          observed: `the key of the ${row.system} system of ${row.model}`,
          because,
          nature: row.system === 'stock' ? natureOf(claims) : 'foreign',
          evidence: places,
          ...(row.system === 'stock' ? {} : { names: row.system }),
        });
        if (row.system !== 'stock' && root.verifiedBootState === 'VERIFIED')
          return compared(draft('A system of others was accepted as the maker’s own.'));
        const brand = said(context, 'ro.product.brand')?.value;
        if (row.system === 'stock' && !row.complete && brand !== undefined && !row.brands.some((own) => sameHouse(own, brand)))
          return compared(draft('Another maker’s key verified what booted.'));
        if (row.system === 'stock' && row.complete && model !== undefined && !row.model.split(', ').some((name) => isModel(context, name)))
          return compared(draft('The maker’s key for another model verified what booted.'));
        return compared();
      },
    );
  },
});

/** Whether the phone may be the model of the table, by any name that our sources know. */
function isModel(context: CheckContext, name: string): boolean {
  const own = resolvePhone(
    {
      model: said(context, 'ro.product.model')?.value,
      device: said(context, 'ro.product.device')?.value,
      brand: said(context, 'ro.product.brand')?.value,
    },
    context.knowledge,
  );
  const other = resolveModel(name, context.knowledge);
  if (said(context, 'ro.product.model')?.value.toLowerCase() === name.toLowerCase()) return true;
  if (own === undefined || other === undefined) return true;
  return own.skus.some((sku) => other.skus.some(({ devices }) => devices.some((device) => sku.devices.includes(device))));
}
