/** The *ask the maker* pack as a page that a maker's after-sales can read and print. */
import { type ComponentChild, h } from 'preact';
import { render } from 'preact-render-to-string';
import type { MakerPack } from '../../provenance/cases/index.ts';
import { pageHead } from '../page-head.ts';
import { STYLE } from '../style.ts';
import { visible } from '../text.ts';

/** Renders the whole document. */
export function renderMakerPackHtml(pack: MakerPack): string {
  const page = h(
    'html',
    { lang: 'en' },
    pageHead('Questions to the maker', STYLE),
    h(
      'body',
      null,
      h(
        'main',
        null,
        h('div', { class: 'kicker soft' }, h('span', null, 'assay: questions to the maker'), h('span', null, pack.made)),
        h('h1', null, 'Is this phone yours, and did it leave you like this?'),
        h(
          'p',
          null,
          'From ',
          said(pack.from),
          '. What follows was read from one phone and its papers. It accuses nobody: only the maker can answer the questions below.',
        ),
        h('h2', null, 'Questions'),
        ...pack.questions.map(({ question, because, answers }, i) =>
          h(
            'article',
            { class: 'finding' },
            h('h3', null, `${i + 1}. ${question}`),
            h('p', { class: 'soft' }, because),
            h('p', null, h('strong', null, 'Please answer: '), answers),
          ),
        ),
        h('h2', null, 'What it calls itself'),
        table(
          ['What', 'Value', 'Who says so'],
          pack.identities.map(({ kind, value, saidBy }) => [said(kind), said(value), said(saidBy)]),
        ),
        h('h2', null, 'What contradicts it'),
        pack.findings.length === 0
          ? h('p', null, 'Nothing that counts was found. The questions stay.')
          : table(
              ['Finding', 'Claimed', 'Observed', 'How sure'],
              pack.findings.map(({ title, claimed, observed, strength }) => [said(title), said(claimed), said(observed), strength]),
            ),
        h('h2', null, 'Photos'),
        table(
          ['What it shows', 'File', 'SHA-256'],
          pack.photos.map(({ shows, file, sha256 }) => [
            shows,
            file === null ? h('em', null, 'missing') : said(file),
            sha256 === null ? '' : h('code', null, sha256),
          ]),
        ),
      ),
    ),
  );
  return `<!doctype html>\n${render(page)}\n`;
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
