import { describe, expect, test } from 'vitest';
import { contextOf, fact, factsOfAll, outcomeOf, properties } from '../../../test/support/check-facts.ts';
import type { Claims, Fact } from '../../evidence/index.ts';
import { builtinKnowledge, parseSpecTable } from '../../knowledge/index.ts';
import { batteryCapacity } from './battery.ts';
import { screenSize } from './screen-size.ts';

const battery = (milliampHours: number | undefined, charged = 0.8) =>
  fact('battery', { charged, chargeMicroampHours: milliampHours === undefined ? undefined : milliampHours * 1000 }, 'told');
const { models } = parseSpecTable(
  'brand,model,code,soc,battery_mah,screen_inches\nMade,Up 5,MU-5,MT6765,5000,6.7\nMade,Up 5,MU-5N,MT6765,4500 mAh,"6.7"""\nMade,Odd,MU-6,MT6765,huge,none\n',
  'test',
  builtinKnowledge.socs,
);

describe('what the battery holds', () => {
  test.each<[string, Claims, readonly Fact[], string]>([
    ['as sold', { batteryMilliampHours: 5000 }, [battery(3900)], 'pass'],
    ['worn to six tenths', { batteryMilliampHours: 5000 }, [battery(2400)], 'pass'],
    ['a third of what was claimed', { batteryMilliampHours: 5000 }, [battery(1280)], 'fail weak'],
    ['half as much again', { batteryMilliampHours: 3000 }, [battery(3600)], 'fail weak'],
    ['hardly charged', { batteryMilliampHours: 5000 }, [battery(300, 0.2)], 'not-checked'],
    ['a gauge in another unit', { batteryMilliampHours: 5000 }, [battery(3.9), battery(3_900_000)], 'not-checked'],
    [
      'a gauge that counts nothing, or backwards',
      { batteryMilliampHours: 5000 },
      [battery(undefined), battery(0), battery(-4000)],
      'not-checked',
    ],
    ['nothing to compare with', {}, [battery(1280)], 'not-checked'],
    ['no battery was read', { batteryMilliampHours: 5000 }, [], 'not-checked'],
  ])('%s', (_name, claims, facts, outcome) => expect(outcomeOf(batteryCapacity, facts, claims)).toBe(outcome));

  test('the model’s own, by an imported table: any variant will do', () => {
    const judged = (milliampHours: number) =>
      batteryCapacity.run({
        ...contextOf(factsOfAll(battery(milliampHours), properties({ 'ro.product.model': 'MU-5' })), { model: 'Up 5' }),
        knowledge: { ...builtinKnowledge, models },
      });
    expect(judged(3500).outcome).toBe('pass');
    expect(judged(1280)).toMatchObject({
      outcome: 'fail',
      findings: [{ claimed: '5000 or 4500 mAh (Up 5)', observed: expect.stringContaining('some 1600 mAh') }],
    });
  });

  test('what a table says that makes no sense is left out', () => {
    expect(models.find(({ names }) => names.includes('Odd'))?.skus[0]).not.toHaveProperty('batteryMilliampHours');
    expect(models.find(({ names }) => names.includes('Up 5'))?.skus.map(({ screenInches }) => screenInches)).toEqual([6.7, 6.7]);
  });
});

describe('the screen under a ruler', () => {
  const panel = (physicalWidth: number, physicalHeight: number) =>
    fact('display', {
      physicalWidth,
      physicalHeight,
      overrideWidth: undefined,
      overrideHeight: undefined,
      physicalDensity: undefined,
      overrideDensity: undefined,
      xDpi: undefined,
      yDpi: undefined,
    });
  test.each<[string, Claims, readonly Fact[], string]>([
    ['as sold', { screenInches: 6.7, ruler: '69.8x155.2' }, [panel(1080, 2400)], 'pass'],
    ['a little off, long side first', { screenInches: 6.7, ruler: '152x69' }, [panel(1080, 2400)], 'pass'],
    ['another diagonal', { screenInches: 6.7, ruler: '64x136' }, [], 'fail weak'],
    ['a panel of 16:9 that says it has 20:9', { ruler: '68x121' }, [panel(1080, 2400)], 'fail weak'],
    ['nobody measured', { screenInches: 6.7 }, [panel(1080, 2400)], 'not-checked'],
    ['nothing to hold it against', { ruler: '68x121' }, [], 'not-checked'],
    ['a panel of nothing', { ruler: '68x121' }, [panel(0, 0)], 'not-checked'],
    ['nonsense', { ruler: '68', screenInches: 6.7 }, [], 'not-checked'],
  ])('%s', (_name, claims, facts, outcome) => expect(outcomeOf(screenSize, facts, claims)).toBe(outcome));
});
