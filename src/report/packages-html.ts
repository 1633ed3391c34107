/** Packages on the page: who added how many, what the build adds to a plain Android, and each package in a row, the weightiest first. */
import { type ComponentChild, h } from 'preact';
import type { PackageRow, PackagesReport } from './packages-schema.ts';
import { ADDED_WORDS, MEASURE_WORDS, originWords, preloadWords, signerWords } from './packages-words.ts';
import { visible } from './text.ts';

/** Rows that stand open; the others are folded away. */
const OPEN_MAX = 15;
const ROWS_MAX = 1000;
const NAMES_MAX = 12;

/** The section; null where no package was read. */
export function packagesSection(packages: PackagesReport | undefined): ComponentChild {
  if (packages === undefined) return null;
  const weighty = packages.rows.filter(({ risk }) => risk > 0);
  const open = weighty.slice(0, OPEN_MAX);
  const rest = packages.rows.filter((row) => !open.includes(row)).slice(0, ROWS_MAX);
  return h(
    'section',
    { class: 'packages' },
    h('h2', null, 'Packages'),
    h(
      'p',
      { class: 'soft' },
      `${packages.rows.length} package${packages.rows.length === 1 ? '' : 's'}: ${originWords(packages)}. The number is what weighs against a package, 0 to 100; it convicts nobody.`,
    ),
    preload(packages),
    open.length === 0 ? null : table(open),
    rest.length === 0 ? null : h('details', null, h('summary', null, `${rest.length} more packages`), table(rest)),
  );
}

function preload(packages: PackagesReport): ComponentChild {
  const words = preloadWords(packages);
  if (words === undefined || packages.preload === null) return null;
  return h(
    'details',
    null,
    h('summary', null, `${words}.`),
    h(
      'dl',
      null,
      ...packages.preload.scores.map(({ measure, score, most, added }) =>
        h(
          'div',
          { style: 'display: contents' },
          h('dt', null, MEASURE_WORDS[measure]),
          h('dd', null, `${score.toFixed(1)} of ${most}`, added.length === 0 ? null : h('span', { class: 'soft' }, `: ${names(added)}`)),
        ),
      ),
    ),
  );
}

const names = (all: readonly string[]) =>
  `${all
    .slice(0, NAMES_MAX)
    .map((name) => visible(name, 80))
    .join(', ')}${all.length > NAMES_MAX ? ` and ${all.length - NAMES_MAX} more` : ''}`;

function table(rows: readonly PackageRow[]): ComponentChild {
  const heads = ['Package', 'Signed by', 'Added by', 'May do', 'Weighs'];
  return h(
    'div',
    { class: 'wide' },
    h(
      'table',
      null,
      h('thead', null, h('tr', null, ...heads.map((text) => h('th', { scope: 'col' }, text)))),
      h('tbody', null, ...rows.map((row) => h('tr', null, ...cells(row).map((cell) => h('td', null, cell))))),
    ),
  );
}

const line = (text: string, soft = true) => h('div', soft ? { class: 'soft' } : null, h('bdi', null, text));

function cells(row: PackageRow): readonly ComponentChild[] {
  const users =
    row.users.length === 0
      ? 'removed for every user'
      : row.users.length === 1 && row.users[0] === 0
        ? null
        : `user ${row.users.join(', ')}`;
  const identity = [
    row.label === null ? null : `“${visible(row.label, 60)}”`,
    row.version === null ? null : visible(row.version, 40),
    users,
  ];
  const said = identity.filter((part) => part !== null).join(', ');
  const may = [
    row.granted.length === 0
      ? null
      : `${row.granted.length} permission${row.granted.length === 1 ? '' : 's'}${row.chosen.length === 0 ? '' : `, ${row.chosen.length} chosen by its user`}: ${names(row.granted.map((name) => name.replace(/^android\.permission\./, '')).slice(0, 6))}`,
    row.exported === null || row.exported === 0
      ? null
      : `${row.exported} components open to others, ${row.exportedOpen ?? 0} without a permission`,
    row.sharedUser === null ? null : `runs as ${visible(row.sharedUser, 60)}`,
    row.abis === null || row.abis.length === 0 ? null : `native code for ${visible(row.abis.join(', '), 60)}`,
  ];
  return [
    h('span', null, h('code', null, visible(row.name, 120)), said === '' ? null : line(said), line(visible(row.paths[0] ?? '', 120))),
    h('span', null, line(signerWords(row), false), row.schemes.length === 0 ? null : line(row.schemes.join(', '))),
    h(
      'span',
      null,
      line(ADDED_WORDS[row.addedBy], false),
      line(visible(row.addedBecause, 160)),
      row.firstSeen === null ? null : line(`since ${visible(row.firstSeen, 30)}`),
    ),
    h('span', null, ...may.map((text) => (text === null ? null : line(text)))),
    h('span', null, h('b', null, String(row.risk)), ...row.because.map(({ what }) => line(visible(what, 160)))),
  ];
}
