import { factsOf } from '../../evidence/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked, type Outcome } from '../define.ts';
import { PARTS, partLists } from './parts.ts';

const SETTLED = '`pm list features` with `dumpsys sensorservice`, `dumpsys media.camera`, `lshal` and `service list`';

export const declaredParts = defineCheck({
  id: 'silicon.declared-parts',
  axis: 'hardware',
  title: 'Parts that are declared against parts that are listed',
  what: 'Features that the ROM declares (sensors, cameras, fingerprint reader, NFC) against the sensors and cameras that their services list, and the HALs that run.',
  why: 'A feature is a line in a file, and a ROM made to look like another phone’s carries its lines. The services list what drivers found.',
  benign: [
    'A part that is broken, or that its driver did not find at this start.',
    'A ROM built for several variants declares what only some of them have.',
    'Custom ROMs and generic system images declare what their vendor image does not drive.',
  ],
  confirm: 'Use the part in an app; open the phone and look for it.',
  // No recording of a genuine phone at hand has both lists.
  strength: 'weak',
  standing: 'told',
  needs: ['features'],
  settledBy: SETTLED,
  group: 'declared-parts',
  causes: ['rom-flash', 'other-silicon', 'repair', 'sku'],
  catches: undefined,
  spec: ['Android CDD 7.3, 7.4.4, 7.5', 'AOSP frameworks/native data/etc', 'AOSP SensorList.cpp, CameraProviderManager.cpp (dump)'],
  run({ facts }): Outcome {
    const declared = new Map(factsOf(facts, 'features').flatMap(({ value }) => value.map((said) => [said.value, said.place] as const)));
    const compared = partLists(facts).flatMap((list) =>
      Object.values(PARTS).flatMap((part) => {
        const [place, isThere] = [declared.get(part.feature), list.has(part)];
        return place === undefined || isThere === undefined ? [] : [{ part, place, isThere, list }];
      }),
    );
    if (compared.length === 0) return notChecked('no feature that is declared has a list to be held against', SETTLED);
    return failOrPass(
      compared.flatMap(({ part, place, isThere, list }): Draft[] =>
        isThere
          ? []
          : [
              {
                claimed: `the feature ${part.feature}`,
                observed: list.text,
                because: 'The list holds what drivers found, and the part that is declared is not in it.',
                standing: 'told',
                evidence: [place, list.place],
              },
            ],
      ),
      'told',
    );
  },
});
