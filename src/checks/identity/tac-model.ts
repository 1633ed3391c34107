import { normalName, resolveModel, type Tac, tacsOf } from '../../knowledge/index.ts';
import { said } from '../boot/index.ts';
import { type CheckContext, type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { sharesAllocations } from './houses.ts';
import { digitsOf, imeisOf } from './identifiers.ts';
import { CLAIM_PLACE } from './imei.ts';

export const tacModel = defineCheck({
  id: 'identity.tac-model',
  axis: 'custody',
  title: 'Type allocation against the phone',
  what: 'The first eight digits of the IMEI, in the imported and built-in tables, against brand and model.',
  why: 'A type allocation is one model’s. A cloned IMEI brings the allocation of the phone from which it was copied.',
  benign: [
    'Public tables of allocations have wrong rows, from clones too: all rows must be of another house.',
    'Operators’ own brands name themselves.',
  ],
  confirm: 'Ask the GSMA’s database, or the maker, for the allocation.',
  strength: 'conclusive',
  impossible:
    'The GSMA allocates a code to one maker for one model (TS.06). A phone of another house with it has an identity that is not its own. Another model of the same house is weak: tables name models loosely.',
  standing: 'told',
  needs: [],
  settledBy: 'the IMEI, and a table of allocations (assay knowledge import)',
  group: 'tac',
  causes: ['clone'],
  catches: 'app',
  spec: ['GSMA TS.06'],
  run(context) {
    const { facts, claims, knowledge } = context;
    const stated = imeisOf(facts).map(({ value, place, standing, surface }) => ({ value, place, standing, surface }));
    const typed = [claims.imei, claims.imei2]
      .filter((imei) => imei !== undefined)
      .map((imei) => ({ value: digitsOf(imei), place: CLAIM_PLACE, standing: 'told' as const, surface: 'box or seller' }));
    const brand = said(context, 'ro.product.brand') ?? said(context, 'ro.product.manufacturer');
    const manufacturer = said(context, 'ro.product.manufacturer');
    const model = claims.model ?? said(context, 'ro.product.model')?.value;
    if (brand === undefined) return notChecked('the phone does not say its brand', 'getprop');
    const known = [...stated, ...typed]
      .map((imei) => ({ ...imei, rows: tacsOf(imei.value.slice(0, 8), knowledge.tacs) }))
      .filter(({ rows }) => rows.length > 0);
    if (known.length === 0)
      return notChecked('no table of ours has the type allocation, or no IMEI was stated', 'an imported table of allocations');
    const names = [brand.value, manufacturer?.value ?? brand.value, claims.brand ?? brand.value];
    return failOrPass(
      known.flatMap(({ rows, surface, value, place, standing }): readonly Draft[] => {
        const draft = (because: string, weak: boolean): Draft => ({
          claimed: `${brand.value} ${model ?? ''}`.trim(),
          observed: `allocation ${value.slice(0, 8)} (${surface}) of ${rows.map((row) => `${row.brand} ${row.model}`).join(' or ')}`,
          because,
          standing,
          evidence: [place, brand.place],
          ...(weak ? { strength: 'weak' as const } : {}),
        });
        if (!rows.some((row) => names.some((name) => sharesAllocations(row.brand, name))))
          return [draft('This type allocation was given to another maker.', surface === 'box or seller')];
        return model === undefined || rows.some((row) => mayBe(row, model, context))
          ? []
          : [draft('This type allocation was given to another model of the maker.', true)];
      }),
      'told',
    );
  },
});

/** Whether a row's model may be the claimed one: by name, or by a chip and device in common. */
function mayBe(row: Tac, model: string, { knowledge }: CheckContext): boolean {
  const [one, other] = [normalName(row.model), normalName(model)];
  if (one.includes(other) || other.includes(one)) return true;
  const [a, b] = [resolveModel(row.model, knowledge), resolveModel(model, knowledge)];
  // Names that no table knows say nothing.
  return (
    a === undefined ||
    b === undefined ||
    a.models.some((found) => b.models.includes(found)) ||
    a.skus.some((sku) => b.skus.some((own) => own.devices.some((device) => sku.devices.includes(device))))
  );
}
