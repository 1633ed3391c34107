/** The report as one page: no script, no request to anywhere, readable by a buyer, an analyst and a printer. */
import { type ComponentChild, type ComponentChildren, h } from 'preact';
import { render } from 'preact-render-to-string';
import { isMissingPiece } from '../checks/index.ts';
import { comparisonSection } from './comparison-html.ts';
import { packagesSection } from './packages-html.ts';
import { pageHead } from './page-head.ts';
import type { Report } from './schema.ts';
import { STYLE } from './style.ts';
import { visible } from './text.ts';
import { axisLines, DECISION_TONE, phoneName, rateWords, STANDING_WORDS, STRENGTH_WORDS, selfName, type Tone } from './words.ts';

type Finding = Report['findings'][number];

const MARK: Readonly<Record<Tone, string>> = { for: '✔', against: '✘', open: '?' };
const DECISION_WORDS: Readonly<Record<Report['verdict']['decision'], string>> = { accept: 'Accept', hold: 'Hold', reject: 'Reject' };
/** Rows of long tables that are shown; the JSON holds all. */
const ROWS_MAX = 2000;

/** Renders the whole document. The renderer escapes; `visible` shows what would hide. */
export function renderHtml(report: Report): string {
  const title = `${DECISION_WORDS[report.verdict.decision]}: ${visible(phoneName(report.subject), 80)}`;
  const page = h('html', { lang: 'en' }, pageHead(title, STYLE), h('body', null, h('main', null, ...sections(report))));
  return `<!doctype html>\n${render(page)}\n`;
}

function sections(report: Report): readonly ComponentChild[] {
  return [
    header(report),
    decision(report),
    axes(report),
    contradictions(report),
    missingPieces(report),
    comparisonSection(report.comparisons, report.subject.kind),
    weak(report),
    posture(report),
    packagesSection(report.packages),
    notExamined(report),
    passed(report),
    evidence(report),
    changes(report),
    footer(report),
  ];
}

function header({ subject }: Report): ComponentChild {
  const { says, claims } = subject;
  const rows: [string, string | null][] = [
    ['Calls itself', selfName(subject) ?? null],
    ['Android', says.android === null ? null : `${says.android}${says.patchLevel === null ? '' : `, patch level ${says.patchLevel}`}`],
    ['Build', says.build],
    ['Fingerprint', says.fingerprint],
    ['Taken', subject.takenAt],
  ];
  return h(
    'header',
    null,
    h(
      'div',
      { class: 'kicker soft' },
      h('span', null, `assay report on ${subject.kind === 'image' ? 'an image' : `a ${subject.kind}`}`),
      h('span', null, said(subject.source)),
    ),
    h('h1', null, said(phoneName(subject))),
    h(
      'dl',
      null,
      ...Object.entries(claims).map(([key, value]) => pair(`Claimed ${key}`, said(String(value)))),
      ...rows.map(([name, value]) => (value === null ? null : pair(name, said(value)))),
    ),
  );
}

function decision({ verdict, expires }: Report): ComponentChild {
  const tone = DECISION_TONE[verdict.decision];
  return h(
    'section',
    { class: `decision ${tone}` },
    h('b', null, `${MARK[tone]} ${DECISION_WORDS[verdict.decision].toUpperCase()}`),
    h('p', { class: 'reason' }, said(verdict.reason, 800)),
    h('p', null, h('strong', null, 'Next: '), said(verdict.nextStep, 600)),
    h(
      'p',
      { class: 'soft' },
      `Decided by the policy “${visible(verdict.policy, 60)}”. Valid until ${expires.slice(0, 10)}; inspect again after that.`,
    ),
  );
}

function axes({ verdict, subject }: Report): ComponentChild {
  return h(
    'section',
    { class: 'axes' },
    ...axisLines(verdict, subject.kind).map(({ axis, answer, tone, explanation }) =>
      h(
        'div',
        { class: 'axis' },
        h('span', { class: 'soft' }, axis),
        h('b', { class: tone }, `${MARK[tone]} ${answer}`),
        h('span', { class: 'soft' }, explanation),
      ),
    ),
  );
}

function contradictions(report: Report): ComponentChild {
  const counted = report.findings.filter(
    ({ axis, strength }) => axis !== 'posture' && (strength === 'conclusive' || strength === 'strong'),
  );
  const decided = new Set(report.verdict.decidedBy);
  return h(
    'section',
    null,
    h('h2', null, 'Contradictions'),
    counted.length === 0
      ? h('p', null, 'None that counts was found by the checks that could be made.')
      : counted.map((finding) => findingCard(finding, decided.has(finding.check))),
  );
}

function weak(report: Report): ComponentChild {
  const rows = report.findings.filter(({ axis, strength }) => axis !== 'posture' && (strength === 'weak' || strength === 'note'));
  if (rows.length === 0) return null;
  return h(
    'section',
    null,
    h('h2', null, 'Weak signs'),
    h('p', { class: 'soft' }, 'Also seen on genuine phones, or not measured on enough of them. Listed, never counted.'),
    rows.slice(0, ROWS_MAX).map((finding) => findingCard(finding, false)),
  );
}

function findingCard(finding: Finding, decides: boolean): ComponentChild {
  return h(
    'article',
    { class: `finding${decides ? ' decides' : ''}` },
    h('h3', null, finding.title),
    h('div', null, tag(finding.axis), tag(finding.strength), tag(finding.standing), decides ? tag('decides the verdict') : null),
    h(
      'div',
      { class: 'sides' },
      h('div', { class: 'side' }, h('span', null, 'claimed'), said(finding.claimed)),
      h('div', { class: 'side' }, h('span', null, 'observed'), said(finding.observed)),
    ),
    h('p', null, said(finding.because, 600)),
    h(
      'details',
      null,
      h('summary', null, 'How sure, what else could explain it, how to confirm it'),
      h(
        'dl',
        null,
        pair('Strength', `${finding.strength}: ${STRENGTH_WORDS[finding.strength]}`),
        pair('Standing', STANDING_WORDS[finding.standing]),
        pair('Genuine phones that show it', rateWords(finding.falsePositiveRate)),
        finding.benign.length === 0
          ? null
          : pair('Innocent explanations', h('ul', null, ...finding.benign.map((text) => h('li', null, text)))),
        pair('To confirm', finding.confirm),
        pair(
          'Evidence',
          finding.evidence.map(({ artefact, at, length }) =>
            h('div', null, h('code', null, `${visible(artefact, 120)} bytes ${at} to ${at + length}`)),
          ),
        ),
        pair('Check', h('code', null, finding.check)),
      ),
    ),
  );
}

function posture(report: Report): ComponentChild {
  const rows = report.findings.filter(({ axis }) => axis === 'posture');
  if (rows.length === 0) return null;
  return h(
    'section',
    null,
    h('h2', null, 'Posture'),
    h('p', { class: 'soft' }, 'What makes the phone unsafe to use, whoever made it so. “Genuine” and “clean” are two things.'),
    table(
      ['What', 'Observed', 'How sure'],
      rows
        .slice(0, ROWS_MAX)
        .map(({ title, observed, because, strength }) => [
          title,
          h('span', null, said(observed), h('br', null), h('span', { class: 'soft' }, said(because, 400))),
          h('span', { class: 'word' }, strength),
        ]),
    ),
  );
}

/** What stands between the phone and `genuine`, where its secure world answered. */
function missingPieces(report: Report): ComponentChild {
  const pieces = report.notExamined.filter(isMissingPiece);
  if (pieces.length === 0) return null;
  return h(
    'section',
    null,
    h('h2', null, 'What is missing to call it genuine'),
    h('p', { class: 'soft' }, 'The secure world answered. Each of these pieces would have to be there too.'),
    table(
      ['Piece', 'Why it is missing', 'What would supply it'],
      pieces.map(({ what, because, settledBy }) => [said(what), said(because), said(settledBy)]),
    ),
  );
}

function notExamined(report: Report): ComponentChild {
  return h(
    'section',
    null,
    h('h2', null, 'Not examined'),
    h('p', { class: 'soft' }, 'What this verdict does not rest on, and what would settle it.'),
    table(
      ['What', 'Why not', 'What would settle it'],
      [...byReason(report.notExamined.filter((one) => !isMissingPiece(one))).values()]
        .slice(0, ROWS_MAX)
        .map(([first, ...others]) => [
          said([first, ...others].map(({ what }) => what).join('; ')),
          said(first.because),
          said(first.settledBy),
        ]),
    ),
  );
}

type NotExamined = Report['notExamined'][number];

/** What one reason keeps from being examined stands in one row: a missing reference is one thing to bring, not nine. */
function byReason(all: readonly NotExamined[]): ReadonlyMap<string, readonly [NotExamined, ...NotExamined[]]> {
  const rows = new Map<string, readonly [NotExamined, ...NotExamined[]]>();
  for (const one of all) {
    const key = JSON.stringify([one.because, one.settledBy]);
    const row = rows.get(key);
    rows.set(key, row === undefined ? [one] : [...row, one]);
  }
  return rows;
}

function passed(report: Report): ComponentChild {
  return h(
    'details',
    null,
    h('summary', null, `${report.passed.length} checks passed`),
    table(
      ['Check', 'On evidence that is'],
      report.passed.map(({ check, standing }) => [h('code', null, check), standing]),
    ),
  );
}

function evidence(report: Report): ComponentChild {
  return h(
    'details',
    null,
    h('summary', null, `Evidence index: ${report.evidence.length} artefacts`),
    table(
      ['Artefact', 'How it was read', 'Bytes', 'SHA-256'],
      report.evidence
        .slice(0, ROWS_MAX)
        .map(({ artefact, command, outcome, bytes, sha256 }) => [
          h('code', null, visible(artefact, 120)),
          said([command, outcome === 'done' ? null : outcome].filter((part) => part !== null).join(', ')),
          h('span', { class: 'number' }, bytes.toLocaleString('en')),
          h('code', null, sha256),
        ]),
    ),
  );
}

function changes(report: Report): ComponentChild {
  if (report.changes.length === 0) return null;
  return h(
    'section',
    null,
    h('h2', null, 'What the inspection changed on the phone'),
    table(
      ['What', 'Undone', 'How to undo the rest'],
      report.changes.map(({ what, undone, undo }) => [said(what), undone ? 'yes' : 'no', said(undo ?? '')]),
    ),
  );
}

function footer({ versions, subject }: Report): ComponentChild {
  return h(
    'footer',
    { class: 'soft' },
    h(
      'p',
      null,
      'A phone is never a witness in its own case: its word can convict it, but never clear it. This report says what was observed, how sure that is and what else could explain it; it accuses no person and no shop.',
    ),
    h(
      'p',
      null,
      `assay ${versions.assay}, knowledge ${versions.knowledge}, ${versions.references.length === 0 ? 'no reference build' : `references ${versions.references.join(', ')}`}; judged as of ${subject.judgedAsOf}.`,
    ),
  );
}

/** Text from outside: in its own direction, so that it cannot turn the words around it. */
const said = (text: string, max = 300) => h('bdi', null, visible(text, max));
const tag = (text: string) => h('span', { class: 'tag' }, text);
const pair = (name: string, value: ComponentChildren) =>
  h('div', { style: 'display: contents' }, h('dt', null, name), h('dd', null, value));

function table(heads: readonly string[], rows: readonly (readonly ComponentChildren[])[]): ComponentChild {
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
