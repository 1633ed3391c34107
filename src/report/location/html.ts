/** A location as one page: no script, no request to anywhere. The finding stands in the conditional, with how often such findings are wrong beside it. */
import { type ComponentChild, h } from 'preact';
import { render } from 'preact-render-to-string';
import type { LocationReport } from '../../provenance/locate/index.ts';
import { pageHead } from '../page-head.ts';
import { STYLE } from '../style.ts';
import { visible } from '../text.ts';
import { flowPicture } from './flow-picture.ts';
import { ledgerPicture } from './ledger-picture.ts';
import { assumptionLines, FORM_WORDS, ledgerRows, percent, wrongWords } from './words.ts';

const OWN_STYLE = `
svg { width: 100%; height: auto; display: block; margin: .5rem 0; }
svg text { font: 13px system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; fill: var(--text); }
svg.flow text { paint-order: stroke; stroke: var(--ground); stroke-width: 3px; stroke-linejoin: round; }
svg .quiet, svg .tick text, svg .axis-words, svg .legend text { fill: var(--soft); }
svg .loud, svg .sum text { font-weight: 700; }
svg .tick line { stroke: var(--soft); stroke-opacity: .5; }
svg .charges { fill: #b3402e; } svg .clears { fill: #2f7d5b; } svg rect.prior { fill: #8a94a3; } svg rect.sum { fill: #3d4654; }
.warning { border: 2px solid var(--against); color: var(--against); padding: .5rem .8rem; font-weight: 700; border-radius: .3rem; }
.reply { border-inline-start: .3rem solid var(--soft); padding: .2rem .9rem; margin: .6rem 0; white-space: pre-wrap; }
@media (prefers-color-scheme: dark) { svg rect.sum { fill: #c9d1dc; } svg .charges { fill: #e0705c; } svg .clears { fill: #5fb98e; } }
`;

/** Rows of tables that are shown; the JSON holds all. */
const ROWS_MAX = 20;
/** Suspects below this probability are counted, not listed, beyond the first five. */
const LISTED_FROM = 0.01;

/** Renders the whole document. */
export function renderLocationHtml(report: LocationReport): string {
  const page = h(
    'html',
    { lang: 'en' },
    pageHead('Where the phones would have been altered', STYLE + OWN_STYLE),
    h('body', null, h('main', null, ...sections(report))),
  );
  return `<!doctype html>\n${render(page)}\n`;
}

function sections(report: LocationReport): readonly ComponentChild[] {
  const { counts, form, suspects } = report;
  const shown = suspects.filter(({ ledger, posterior }, i) => ledger !== null && (i === 0 || posterior >= 0.05)).slice(0, 3);
  return [
    form === 'working-paper' ? h('p', { class: 'warning' }, FORM_WORDS[form]) : null,
    h(
      'header',
      null,
      h(
        'div',
        { class: 'kicker soft' },
        h('span', null, 'assay: where the phones were altered'),
        h(
          'span',
          null,
          `${counts.phones} phones, ${counts.custodians} custodians; ${counts.inspected} inspected, ${counts.altered} found altered`,
        ),
      ),
    ),
    h(
      'section',
      { class: `decision ${suspects.some(({ named }) => named) ? 'against' : 'open'}` },
      h('p', { class: 'reason' }, said(report.finding, 600)),
      h('p', null, h('strong', null, 'How often this is wrong: '), wrongWords(report.wrong)),
      h('p', null, h('strong', null, 'Next: '), said(report.stop.because, 400)),
      form === 'public' ? h('p', { class: 'soft' }, FORM_WORDS.public) : null,
    ),
    h('h2', null, 'The way of the phones'),
    flowPicture(report),
    h(
      'p',
      { class: 'soft' },
      'Left to right, from makers to shops. The width of a stream grows with the square root of its phones; the likeliest of each step are drawn by themselves.',
    ),
    ...shown.flatMap((suspect) => [
      h('h2', null, 'Why ', said(suspect.name), ` would be at ${percent(suspect.posterior)}`),
      suspect.ledger === null ? null : ledgerPicture(ledgerRows(suspect.ledger)),
      h(
        'p',
        { class: 'soft' },
        `Weights of evidence in decibans: +10 makes it ten times likelier, −10 ten times less likely; +13 is 20 to 1. It would alter ${percent(suspect.share.low)} to ${percent(suspect.share.high)} of what passes it. ${Math.round(suspect.altered)} of ${Math.round(suspect.inspected)} inspected phones that came through it are altered; it handled ${Math.round(suspect.phones)} in all.`,
      ),
    ]),
    replies(report),
    everybody(report),
    alike(report),
    next(report),
    notUsed(report),
    h('h2', null, 'What this rests on'),
    h('ul', null, ...assumptionLines(report).map((line) => h('li', null, said(line, 300)))),
    h(
      'footer',
      { class: 'soft' },
      h(
        'p',
        null,
        'A probability is no proof. It follows from the records of custody, which their keepers can falsify, and from inspections, which can err. Whoever is named has the right to be heard before anything is published: the reply is printed on this page as it is.',
      ),
    ),
  ];
}

function everybody({ suspects, outside, counts }: LocationReport): ComponentChild {
  const listed = suspects.filter(({ posterior }, i) => i < 5 || posterior >= LISTED_FROM).slice(0, ROWS_MAX);
  return h(
    'section',
    null,
    h('h2', null, 'All that could have done it'),
    table(
      ['Who', 'Probability', 'Altered of inspected', 'Would alter'],
      [
        ...listed.map(({ name, posterior, altered, inspected, share }) => [
          said(name),
          percent(posterior),
          `${Math.round(altered)} of ${Math.round(inspected)}`,
          posterior < LISTED_FROM ? '' : `${percent(share.low)} to ${percent(share.high)}`,
        ]),
        [h('em', null, 'nobody in the known chain'), percent(outside), '', ''],
      ],
    ),
    h(
      'p',
      { class: 'soft' },
      `Of ${counts.custodians} custodians and the ways between them, those that are not listed are below ${percent(LISTED_FROM * 0.99)} each.`,
    ),
  );
}

function replies(report: LocationReport): ComponentChild {
  const isNamed = report.suspects.some(({ named }) => named);
  if (!isNamed && report.replies.length === 0) return null;
  return h(
    'section',
    null,
    h('h2', null, 'Reply'),
    report.replies.length === 0
      ? h('p', null, 'None was received. This is the place for it; it will be printed unchanged.')
      : report.replies.map(({ name, at, text }) =>
          h(
            'div',
            { class: 'reply' },
            h('div', { class: 'soft' }, said(name), `, ${at}`),
            ...text.split('\n').map((line) => h('p', null, said(line, 4000))),
          ),
        ),
  );
}

function alike({ alike: sets }: LocationReport): ComponentChild {
  if (sets.length === 0) return null;
  return h(
    'section',
    null,
    h('h2', null, 'Cannot be told apart'),
    h('p', { class: 'soft' }, 'Every inspected phone that passed one of them passed all of them.'),
    table(
      ['Who', 'Together at most', 'Could a phone that is left tell?'],
      sets
        .slice(0, ROWS_MAX)
        .map(({ suspects, posterior, separable }) => [said(suspects.join(', '), 400), percent(posterior), separable ? 'yes' : 'no']),
    ),
  );
}

function next({ next: single, batch }: LocationReport): ComponentChild {
  if (single.length === 0) return null;
  return h(
    'section',
    null,
    h('h2', null, 'Phones to inspect next'),
    table(
      ['Phone', 'Expected information', 'Found altered with', 'Others that came the same way'],
      single
        .slice(0, 5)
        .map(({ phone, bits, altered, alike: same }) => [
          said(phone),
          `${bits.toFixed(2)} bits`,
          altered === null ? '' : percent(altered),
          String(same - 1),
        ]),
    ),
    batch.length === 0
      ? null
      : h(
          'p',
          null,
          `If ${batch.length} are fetched at once: `,
          said(batch.map(({ phone }) => phone).join(', '), 600),
          ` (together ${batch.reduce((sum, { bits }) => sum + bits, 0).toFixed(2)} bits).`,
        ),
  );
}

function notUsed({ notUsed: rows }: LocationReport): ComponentChild {
  if (rows.length === 0) return null;
  return h(
    'section',
    null,
    h('h2', null, 'Not used'),
    table(
      ['Phone', 'Why not'],
      rows.slice(0, ROWS_MAX).map(({ phone, because }) => [said(phone), said(because)]),
    ),
    rows.length > ROWS_MAX ? h('p', { class: 'soft' }, `and ${rows.length - ROWS_MAX} more`) : null,
  );
}

const said = (text: string, max = 300) => h('bdi', null, visible(text, max));

function table(heads: readonly string[], rows: readonly (readonly ComponentChild[])[]): ComponentChild {
  return h(
    'div',
    { class: 'wide' },
    h(
      'table',
      null,
      h('thead', null, h('tr', null, ...heads.map((text) => h('th', { scope: 'col' }, text)))),
      h('tbody', null, ...rows.map((cells) => h('tr', null, ...cells.map((cell) => h('td', null, cell))))),
    ),
  );
}
