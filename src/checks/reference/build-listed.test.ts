import { expect, test } from 'vitest';
import { context, props } from '../boot/made-facts.ts';
import { buildListed } from './build-listed.ts';

const listed = [{ maker: 'Example', device: 'one', version: 'V1.2.3', name: 'one_V1.2.3.tgz' }];
const phone = (version: string) => [props({ 'ro.build.version.incremental': version })];

test('listed is said as context, and never counts', () => {
  const outcome = buildListed.run(context(phone('V1.2.3'), { listed }));
  expect(outcome).toMatchObject({ outcome: 'fail', findings: [{ observed: 'Example lists one_V1.2.3.tgz of that version for one' }] });
  expect(buildListed).toMatchObject({ strength: 'note', catches: undefined });
});

test('not listed is unknown, never against a phone; an empty version and one like another are not listed', () => {
  for (const version of ['V9', '', 'V1.2.3.RESELLER'])
    expect(buildListed.run(context(phone(version), { listed }))).toMatchObject({ outcome: 'not-checked' });
});

test('where no list was imported the question does not arise', () => {
  expect(buildListed.run(context(phone('V1.2.3')))).toEqual({ outcome: 'not-applicable' });
});
