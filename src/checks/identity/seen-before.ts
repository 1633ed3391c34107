import { type Facts, factsOf, type Place, property, type Sighting } from '../../evidence/index.ts';
import { normalName, resolveModel } from '../../knowledge/index.ts';
import { type CheckContext, type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { sameHouse } from './houses.ts';
import { imeisOf } from './identifiers.ts';
import { ownImeis, ownSerials } from './sighting.ts';

export const imeiSeenBefore = defineCheck({
  id: 'identity.imei-seen-before',
  axis: 'custody',
  title: 'IMEI on another phone before',
  what: 'The IMEI of this phone against those of earlier inspections, with the model and the serial number that stood beside it there.',
  why: 'An IMEI is one unit’s. Counterfeits come by the thousand with the IMEI of one genuine phone.',
  benign: [
    'A service workshop may write the old IMEI into a new mainboard: the model stays, the serial number may change. Ask for the repair.',
    'The earlier recording was of a clone, and this is the genuine phone: one of the two is not what it says, not necessarily this one.',
    'Recordings state serial numbers that their keepers changed.',
  ],
  confirm: 'Hold both phones side by side; ask the maker which serial number the IMEI was given to.',
  strength: 'conclusive',
  impossible:
    'A type allocation is one model’s and an IMEI one unit’s (TS 23.003, 6.2.1; TS.06). Phones of two models cannot both have it by right. The same model with another serial number can be a repaired phone, and is weak.',
  standing: 'told',
  needs: [],
  settledBy: 'captures of earlier inspections (--earlier)',
  group: 'history',
  causes: ['clone', 'repair'],
  catches: 'app',
  spec: ['3GPP TS 23.003, 6.2', 'GSMA TS.06'],
  run(context) {
    const { facts, history } = context;
    if (history.sightings.length === 0) return notChecked('no earlier inspection is known', 'captures of earlier inspections (--earlier)');
    const imeis = ownImeis(facts);
    const model = saidModel(context);
    if (imeis.length === 0) return notChecked('no IMEI of its own was stated', 'the IMEI of the phone (iphonesubinfo, *#06#)');
    const serials = ownSerials(facts);
    const brand = saidProperty(facts, 'ro.product.brand')?.value;
    return failOrPass(
      history.sightings.flatMap((seen): readonly Draft[] => {
        const shared = imeis.filter((imei) => seen.imeis.includes(imei));
        const [imei] = shared;
        const at = imeisOf(facts).find(({ value }) => imei !== undefined && value.startsWith(imei));
        if (imei === undefined || at === undefined) return [];
        const draft = (observed: string, because: string, isWeak: boolean): Draft => ({
          claimed: `IMEI ${at.value}, ${model?.value ?? 'model not stated'}`,
          observed,
          because,
          standing: 'told',
          evidence: [at.place, ...(model === undefined ? [] : [model.place])],
          ...(isWeak ? { strength: 'weak' as const } : {}),
        });
        const where = `in "${seen.source}" of ${seen.at.slice(0, 10)}`;
        const isOther = model !== undefined && seen.model !== undefined && !mayBeOne({ brand, model: model.value }, seen, context);
        const before = `${where} the same IMEI was on a ${[seen.brand, seen.model].filter((word) => word !== undefined).join(' ')}`;
        const sameSerial = serials.some((serial) => seen.serials.includes(serial));
        if (isOther && sameSerial)
          return [
            draft(
              `${before} with the same serial number`,
              'The same unit said that it is another model: its properties were changed since.',
              true,
            ),
          ];
        if (isOther)
          return [
            draft(before, 'One IMEI is on phones of two models: one of them has an identity that is not its own.', seen.trust === 'bearer'),
          ];
        if (serials.length > 0 && seen.serials.length > 0 && !sameSerial)
          return [
            draft(
              `${where} the same IMEI was beside another serial number`,
              'One IMEI is beside two serial numbers: a clone, a changed number, or a mainboard that was replaced.',
              true,
            ),
          ];
        return [];
      }),
      'told',
    );
  },
});

function saidModel({ facts }: CheckContext): { readonly value: string; readonly place: Place } | undefined {
  return saidProperty(facts, 'ro.product.model');
}

function saidProperty(facts: Facts, key: string): { readonly value: string; readonly place: Place } | undefined {
  for (const { value } of factsOf(facts, 'properties')) {
    const found = property(value, key);
    if (found !== undefined && found.value !== '') return found;
  }
  return undefined;
}

/**
 * Whether two names may be one model's. Regional names of one model are many: only brands of two makers, or two rows of our table without a device in common, are two models.
 */
function mayBeOne(
  one: { readonly brand: string | undefined; readonly model: string },
  seen: Sighting,
  { knowledge }: CheckContext,
): boolean {
  if (seen.model === undefined || normalName(one.model) === normalName(seen.model)) return true;
  if (one.brand !== undefined && seen.brand !== undefined && !sameHouse(one.brand, seen.brand)) return false;
  const [own, other] = [resolveModel(one.model, knowledge), resolveModel(seen.model, knowledge)];
  if (own === undefined || other === undefined) return true;
  return own.skus.some((sku) => other.skus.some(({ devices }) => devices.some((device) => sku.devices.includes(device))));
}
