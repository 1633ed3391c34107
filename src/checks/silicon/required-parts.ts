import type { PartName } from '../../knowledge/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked, type Outcome } from '../define.ts';
import { claimedModel } from './claimed-model.ts';
import { PARTS, partLists } from './parts.ts';

const SETTLED =
  'an imported table of models with sensors and cameras (assay knowledge import), `dumpsys sensorservice` and `dumpsys media.camera`';

export const requiredParts = defineCheck({
  id: 'silicon.required-parts',
  axis: 'hardware',
  title: 'Sensors and cameras that the model must have',
  what: 'Parts that an imported table states for every variant of the model that is claimed, or else named, against the sensors and cameras that their services list, and the HALs that run.',
  why: 'Cheap copies leave out what a buyer does not look for: gyroscope, compass, barometer.',
  benign: [
    'A part that is broken, or that its driver did not find at this start.',
    'Tables of specifications are copied from each other, and wrong of variants.',
    'Custom ROMs that do not drive a part.',
  ],
  confirm: 'Use the part in an app; open the phone and look for it; look the variant up with its maker.',
  // It rests on tables that somebody brought.
  strength: 'weak',
  standing: 'told',
  needs: [],
  settledBy: SETTLED,
  group: 'declared-parts',
  causes: ['other-silicon', 'repair', 'sku', 'rom-flash'],
  catches: undefined,
  spec: ['AOSP SensorList.cpp, CameraProviderManager.cpp (dump)'],
  run(context): Outcome {
    const model = claimedModel(context);
    const stated = model?.skus.flatMap(({ parts }) => (parts === undefined ? [] : [parts])) ?? [];
    const required = (stated[0] ?? []).filter((part) => stated.every((parts) => parts.includes(part)));
    if (model === undefined || required.length === 0) return notChecked('no table says which sensors and cameras the model has', SETTLED);
    const lists = partLists(context.facts);
    const seen = required.flatMap((name) => {
      const list = lists.find(({ has }) => has(PARTS[name]) !== undefined);
      return list === undefined ? [] : [{ name, list, isThere: lists.some(({ has }) => has(PARTS[name]) === true) }];
    });
    if (seen.length === 0) return notChecked('no list of sensors, cameras or HALs was read', SETTLED);
    const outcome = failOrPass(
      seen.flatMap(({ name, list, isThere }): Draft[] =>
        isThere
          ? []
          : [
              {
                claimed: `${model.name} has ${articled(name)}`,
                observed: list.text,
                because: 'Every variant of the model that the imported table states has this part.',
                standing: 'told',
                evidence: [list.place],
              },
            ],
      ),
      'told',
    );
    const unseen = required.filter((name) => !seen.some((one) => one.name === name));
    if (outcome.outcome !== 'pass' || unseen.length === 0) return outcome;
    return {
      ...outcome,
      beyond: [
        { what: `Whether it has ${unseen.map(articled).join(', ')}`, because: 'no list that was read speaks of it', settledBy: SETTLED },
      ],
    };
  },
});

const articled = (name: PartName): string => (name === 'NFC' ? name : `${name.startsWith('a') ? 'an' : 'a'} ${name}`);
