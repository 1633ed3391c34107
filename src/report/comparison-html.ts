/** Comparisons on the page: a section of their own, heaviest first, each with what it means. */
import { type ComponentChild, h } from 'preact';
import type { GroupReport, YardstickReport } from './comparison-schema.ts';
import {
  byTitle,
  CHANGE_MARKS,
  CHANGE_WORDS,
  countWords,
  coverageWords,
  expectedOnes,
  groupName,
  reasonWords,
  unexpected,
  vouchedWords,
} from './comparison-words.ts';
import type { Report } from './schema.ts';
import { visible } from './text.ts';

/** Groups of one weight that stand open; more are folded away. */
const OPEN_MAX = 12;
const PATHS_SHOWN = 20;

const said = (text: string, max = 300): string => visible(text, max);

/** The section; null where the phone was held against nothing. */
export function comparisonSection(comparisons: readonly YardstickReport[], kind: Report['subject']['kind']): ComponentChild {
  if (comparisons.length === 0) return null;
  return h(
    'section',
    { class: 'comparisons' },
    h('h2', null, 'Against the maker’s build'),
    h(
      'p',
      { class: 'soft' },
      `What was seen of the files, held against builds that are known. The ${kind === 'image' ? 'image' : 'phone'} does not choose the build alone: where it names one, the one claimed and the likest are shown beside it.`,
    ),
    ...comparisons.map((one, index) => yardstick(one, index === 0)),
  );
}

function yardstick(one: YardstickReport, isFirst: boolean): ComponentChild {
  const head = [h('span', { class: 'build' }, said(one.reference.name)), h('span', { class: 'soft' }, ` ${reasonWords(one)}`)];
  const body = [
    h('p', null, h('strong', null, countWords(one.counts)), ` · ${coverageWords(one)} · ${vouchedWords(one.reference)}.`),
    ...differences(one),
    properties(one),
    ...texts(one),
    expected(one),
    coverage(one),
  ];
  return isFirst
    ? h('article', { class: 'yardstick' }, h('h3', null, ...head), ...body)
    : h('details', { class: 'yardstick' }, h('summary', null, ...head, ` — ${countWords(one.counts)}`), ...body);
}

function differences(one: YardstickReport): readonly ComponentChild[] {
  const groups = unexpected(one);
  if (groups.length === 0) return [h('p', null, 'Nothing that was seen differs from it.')];
  const parts = byTitle(groups).map(({ title, means, groups: own }) =>
    h(
      'div',
      { class: 'weight' },
      h('h4', null, title, h('span', { class: 'soft' }, ` ${means}`)),
      h('ul', { class: 'differences' }, ...own.slice(0, OPEN_MAX).map(row)),
      own.length > OPEN_MAX
        ? h(
            'details',
            null,
            h('summary', null, `${own.length - OPEN_MAX} more`),
            h('ul', { class: 'differences' }, ...own.slice(OPEN_MAX).map(row)),
          )
        : null,
    ),
  );
  return one.groupsLeft === 0 ? parts : [...parts, h('p', { class: 'soft' }, `${one.groupsLeft} more lines are not shown.`)];
}

function row(group: GroupReport): ComponentChild {
  const more = group.files - group.paths.length;
  const details = [...group.details, ...(group.elsewhere === null ? [] : [`the same content is ${group.elsewhere}`])];
  return h(
    'li',
    { class: group.change === 'mixed' ? 'changed' : group.change },
    h('span', { class: 'mark', 'aria-hidden': 'true' }, CHANGE_MARKS[group.change]),
    h(
      'div',
      null,
      h('span', { class: 'change' }, CHANGE_WORDS[group.change]),
      ' ',
      h('code', null, said(groupName(group), 400)),
      group.otherSigner ? h('span', { class: 'tag against' }, 'other signer') : null,
      details.length === 0 ? null : h('div', { class: 'soft' }, said(details.join(' · '), 600)),
      group.files < 2
        ? null
        : h(
            'details',
            null,
            h('summary', null, `${group.files} paths`),
            h(
              'ul',
              { class: 'paths' },
              ...group.paths.slice(0, PATHS_SHOWN).map((path) => h('li', null, h('code', null, said(path)))),
              more > 0 ? h('li', { class: 'soft' }, `and ${more} more`) : null,
            ),
          ),
    ),
  );
}

function properties({ properties: rows, propertiesLeft }: YardstickReport): ComponentChild {
  if (rows.length === 0) return null;
  const cells = rows.map(({ key, path, before, after, matters }) =>
    h(
      'tr',
      { class: matters ? 'matters' : '' },
      h('td', null, h('code', null, said(key)), h('div', { class: 'soft' }, said(path))),
      h('td', null, before === null ? h('span', { class: 'soft' }, 'not there') : h('code', null, said(before))),
      h('td', null, after === null ? h('span', { class: 'soft' }, 'not there') : h('code', null, said(after))),
    ),
  );
  return h(
    'details',
    { open: rows.some(({ matters }) => matters) && rows.length <= OPEN_MAX },
    h('summary', null, rows.length + propertiesLeft === 1 ? '1 property differs' : `${rows.length + propertiesLeft} properties differ`),
    h(
      'div',
      { class: 'wide' },
      h(
        'table',
        null,
        h('thead', null, h('tr', null, h('th', null, 'Property'), h('th', null, 'The build'), h('th', null, 'Here'))),
        h('tbody', null, ...cells),
      ),
    ),
  );
}

function texts({ texts: rows }: YardstickReport): readonly ComponentChild[] {
  return rows.map(({ path, changes, left }) =>
    h(
      'details',
      { open: changes.length > 0 && changes.length <= OPEN_MAX },
      h('summary', null, h('code', null, said(path))),
      h('pre', { class: 'wide' }, changes.map(({ sign, text }) => `${sign} ${said(text)}`).join('\n')),
      left === null ? null : h('p', { class: 'soft' }, said(left)),
    ),
  );
}

function expected(one: YardstickReport): ComponentChild {
  const groups = expectedOnes(one);
  if (groups.length === 0) return null;
  return h(
    'details',
    null,
    h('summary', null, `${groups.reduce((sum, { files }) => sum + files, 0)} differences that genuine phones show, too`),
    h(
      'ul',
      null,
      ...groups.map((group) =>
        h('li', null, h('code', null, said(groupName(group))), ' ', h('span', { class: 'soft' }, said(group.expected ?? '', 400))),
      ),
    ),
  );
}

function coverage({ coverage: rows }: YardstickReport): ComponentChild {
  if (rows.length === 0) return null;
  return h(
    'details',
    null,
    h('summary', null, 'How much of each partition was seen'),
    h(
      'div',
      { class: 'wide' },
      h(
        'table',
        null,
        h(
          'thead',
          null,
          h(
            'tr',
            null,
            ...['Partition', 'Files', 'With digest', 'Without', 'Not seen', 'Why not all of it'].map((name) => h('th', null, name)),
          ),
        ),
        h(
          'tbody',
          null,
          ...rows.map(({ partition, files, withDigest, withoutDigest, notSeen, because }) =>
            h(
              'tr',
              null,
              h('td', null, h('code', null, said(partition, 80))),
              ...[files, withDigest, withoutDigest, notSeen].map((count) => h('td', { class: 'number' }, count)),
              h('td', { class: 'soft' }, said(because)),
            ),
          ),
        ),
      ),
    ),
  );
}
