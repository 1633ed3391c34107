import { said } from '../boot/index.ts';
import { type CheckContext, defineCheck } from '../define.ts';
import { type Attested, type AttestedDraft, attestedOf, compared, judgeAnswers, nothingToCompare } from './attested.ts';

const SETTLED = 'an attestation of brand, device, product, manufacturer and model (inspect --attest)';

const NAMES = [
  ['attestationIdBrand', 'brand'],
  ['attestationIdDevice', 'device'],
  ['attestationIdProduct', 'name'],
  ['attestationIdManufacturer', 'manufacturer'],
  ['attestationIdModel', 'model'],
] as const;

/** What the system asks to be attested: makers differ, so the property made for it comes first. */
const attestationProperty = (context: Pick<CheckContext, 'facts'>, name: string) =>
  said(context, `ro.product.${name}_for_attestation`) ?? said(context, `ro.product.vendor.${name}`) ?? said(context, `ro.product.${name}`);

export const attestedNames = defineCheck({
  id: 'attestation.names',
  axis: 'software',
  title: 'The model that the secure world swears to',
  what: 'Attested brand, device, product, manufacturer and model against the properties that the system hands to the secure world (ro.product.*_for_attestation first).',
  why: 'They were provisioned in the factory. A system that has other names was renamed, or its answer is another phone’s.',
  benign: ['Makers provision one name for several markets, and name the property differently.', 'Case and regional suffixes differ.'],
  confirm: 'Compare with another unit of the model.',
  strength: 'weak',
  standing: 'told',
  needs: [],
  settledBy: SETTLED,
  group: 'attested-names',
  causes: ['property-edit', 'rom-flash', 'sku'],
  catches: 'app',
  spec: ['AOSP frameworks/base AndroidKeyStoreKeyPairGeneratorSpi: properties for attestation'],
  run: (context) =>
    judgeAnswers(
      context,
      attestedOf(context),
      { because: 'the secure world attested no names', settledBy: SETTLED },
      (answer: Attested) => {
        const drafts: AttestedDraft[] = [];
        let any = false;
        for (const [field, name] of NAMES) {
          const attested = answer.statement.hardwareEnforced[field];
          const stated = attestationProperty(context, name);
          if (attested === undefined || attested === '' || stated === undefined) continue;
          any = true;
          // Any of the layers' names may be the one that was handed over.
          const all = [`${name}_for_attestation`, `vendor.${name}`, name, `system.${name}`, `odm.${name}`].map((key) =>
            said(context, `ro.product.${key}`)?.value.toLowerCase(),
          );
          if (all.includes(attested.toLowerCase())) continue;
          drafts.push({
            claimed: `${stated.key}=${stated.value}`,
            observed: `${name} ${attested} by the secure world’s word`,
            because: 'The secure world attests only the names that it was given in the factory.',
            nature: 'modified',
            names: attested,
            evidence: [stated.place],
          });
        }
        return any ? compared(...drafts) : nothingToCompare;
      },
    ),
});
