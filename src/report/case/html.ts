/** The public page of a case: its claims with their states, every entry as it was signed, corrections beside what they correct, and the proofs. No script, no request. */
import { type ComponentChild, h } from 'preact';
import { render } from 'preact-render-to-string';
import type { Instant } from '../../bytes/index.ts';
import {
  type CaseEntry,
  type CaseFile,
  type CaseState,
  type CaseTrust,
  caseState,
  type Secret,
  saidAt,
} from '../../provenance/cases/index.ts';
import { pageHead } from '../page-head.ts';
import { STYLE } from '../style.ts';
import { visible } from '../text.ts';

const OWN_STYLE = `
.entry { border: 1px solid var(--line); border-inline-start: .35rem solid var(--soft); border-radius: .3rem; margin: .75rem 0; padding: .7rem 1rem; break-inside: avoid; }
.entry.claim { border-inline-start-color: var(--open); } .entry.rebuttal { border-inline-start-color: var(--against); } .entry.evidence { border-inline-start-color: #4463a8; } .entry.resolution { border-inline-start-color: var(--for); }
.entry .head { display: flex; gap: .8rem; flex-wrap: wrap; align-items: baseline; }
.entry .kind { font-weight: 700; text-transform: uppercase; letter-spacing: .05em; font-size: .8rem; }
.corrected { border-inline-start: .3rem solid var(--open); margin-top: .5rem; padding: .1rem .8rem; background: var(--open-ground); }
.steps { display: flex; flex-wrap: wrap; gap: .3rem; align-items: center; margin: .3rem 0; }
.step { border: 1px solid var(--line); border-radius: 1rem; padding: 0 .7rem; font-size: .85rem; }
.step.now { background: var(--text); color: var(--ground); font-weight: 700; }
.withheld { background: var(--text); color: var(--ground); padding: 0 .4rem; border-radius: .2rem; font-size: .85em; }
.claim-card { background: var(--panel); border: 1px solid var(--line); border-radius: .3rem; padding: .7rem 1rem; margin: .6rem 0; }
`;

export interface CasePageOptions {
  readonly asOf: Instant;
  /** What verifying the case gave; undefined where it was not verified, and the page says so. */
  readonly trust: CaseTrust | undefined;
  /** Withheld values that this page may show. */
  readonly disclosed: readonly Secret[];
}

/** Renders the whole document. */
export function renderCaseHtml(file: CaseFile, options: CasePageOptions): string {
  const entries = file.entries.map(({ entry }) => entry);
  const [opening] = entries;
  const title = opening?.kind === 'opening' ? opening.title : 'A case';
  const state = caseState(entries, options.asOf);
  const page = h(
    'html',
    { lang: 'en' },
    pageHead(visible(title, 120), STYLE + OWN_STYLE),
    h(
      'body',
      null,
      h(
        'main',
        null,
        h(
          'div',
          { class: 'kicker soft' },
          h('span', null, 'assay: a case'),
          h('span', null, `${entries.length} entries, as of ${options.asOf}`),
        ),
        h('h1', null, said(title, 300)),
        opening === undefined ? null : h('p', null, words(opening, options)),
        trustBox(options.trust),
        h('h2', null, 'What is claimed, and where it stands'),
        state.claims.length === 0
          ? h('p', null, 'Nothing is claimed yet.')
          : state.claims.map((claim) => claimCard(claim, entries, options)),
        promises(state, entries),
        h('h2', null, 'Everything that was said, in its order'),
        h(
          'p',
          { class: 'soft' },
          'Entries are signed and follow each other by digest. None is ever rewritten: a correction stands beside what it corrects.',
        ),
        entries.filter(({ kind }) => kind !== 'opening').map((entry) => entryCard(entry, { file, state, options })),
        proofs(file, options.trust),
      ),
    ),
  );
  return `<!doctype html>\n${render(page)}\n`;
}

type Claim = CaseState['claims'][number];

const OUTCOME: Readonly<Record<NonNullable<Claim['outcome']>, string>> = {
  upheld: 'it holds',
  refuted: 'it does not hold',
  withdrawn: 'it was withdrawn',
  undecided: 'it stays undecided',
};

function claimCard(claim: Claim, entries: readonly CaseEntry[], options: CasePageOptions): ComponentChild {
  const entry = entries[claim.claim];
  if (entry === undefined) return null;
  const resolution = entries.findLast((one) => one.kind === 'resolution' && one.about === claim.claim);
  return h(
    'div',
    { class: 'claim-card' },
    h('p', null, words(entry, options)),
    h('div', { class: 'soft' }, said(entry.by.name), `, ${entry.by.role}, ${saidAt(entry)}`),
    h(
      'div',
      { class: 'steps' },
      ...claim.steps.flatMap(({ entry: at, state }, i) => [
        i === 0 ? null : h('span', { class: 'soft' }, '→'),
        h(
          'span',
          { class: `step${i === claim.steps.length - 1 ? ' now' : ''}` },
          h('a', { href: `#entry-${at}`, style: 'color: inherit' }, state),
        ),
      ]),
    ),
    claim.state === 'resolved' && claim.outcome !== null && resolution?.kind === 'resolution'
      ? h(
          'p',
          null,
          h('strong', null, `Resolved: ${OUTCOME[claim.outcome]}`),
          resolution.agreed.length === 0 ? '.' : h('span', null, '; agreed by ', said(resolution.agreed.join(', '), 300), '.'),
        )
      : h('p', { class: 'soft' }, `Evidence for it: ${claim.evidenceFor}; against it: ${claim.evidenceAgainst}. Not resolved.`),
  );
}

function promises({ promises: all }: CaseState, entries: readonly CaseEntry[]): ComponentChild {
  if (all.length === 0) return null;
  const hours = (value: number) =>
    `${Math.abs(value) < 48 ? `${Math.abs(Math.round(value))} h` : `${Math.round(Math.abs(value) / 24)} days`}`;
  const stateWords = {
    open: (h: number) => `open, ${hours(h)} left`,
    kept: () => 'kept',
    late: (h: number) => `answered ${hours(h)} late`,
    broken: (h: number) => `not answered, ${hours(h)} over`,
  };
  return h(
    'section',
    null,
    h('h2', null, 'Promised answers'),
    h(
      'div',
      { class: 'wide' },
      h(
        'table',
        null,
        h('thead', null, h('tr', null, ...['Who', 'By when', 'State'].map((text) => h('th', { scope: 'col' }, text)))),
        h(
          'tbody',
          null,
          ...all.map(({ promise, due, state, hours: left, answer }) =>
            h(
              'tr',
              null,
              h('td', null, said(entries[promise]?.by.name ?? '')),
              h('td', null, due),
              h(
                'td',
                null,
                h('strong', null, stateWords[state](left)),
                answer === null ? null : h('span', null, ' by ', h('a', { href: `#entry-${answer}` }, `entry ${answer}`)),
              ),
            ),
          ),
        ),
      ),
    ),
  );
}

const KIND: Readonly<Record<CaseEntry['kind'], string>> = {
  opening: 'opening',
  claim: 'claim',
  rebuttal: 'rebuttal',
  evidence: 'evidence',
  promise: 'promise',
  answer: 'answer',
  resolution: 'resolution',
  correction: 'correction',
};

interface Setting {
  readonly file: CaseFile;
  readonly state: CaseState;
  readonly options: CasePageOptions;
}

function entryCard(entry: CaseEntry, { file, state, options }: Setting): ComponentChild {
  const trust = options.trust?.entries[entry.index];
  const about = 'about' in entry && entry.about !== undefined ? entry.about : undefined;
  const speaks = entry.kind === 'evidence' ? ` ${entry.speaks} it` : '';
  return h(
    'article',
    { class: `entry ${entry.kind}`, id: `entry-${entry.index}` },
    h(
      'div',
      { class: 'head' },
      h('span', { class: 'kind' }, `${entry.index} · ${KIND[entry.kind]}${speaks}`),
      h('span', null, said(entry.by.name), `, ${entry.by.role}`),
      h('span', { class: 'soft' }, saidAt(entry)),
      about === undefined ? null : h('a', { class: 'soft', href: `#entry-${about}` }, `about entry ${about}`),
    ),
    h('p', null, words(entry, options)),
    entry.kind === 'resolution' ? h('p', null, h('strong', null, `Outcome: ${OUTCOME[entry.outcome]}.`)) : null,
    entry.sources.length === 0
      ? null
      : h(
          'ul',
          { class: 'soft' },
          ...entry.sources.map(({ title, where, sha256 }) =>
            h(
              'li',
              null,
              said(title),
              where === undefined ? null : h('span', null, ': ', said(where)),
              sha256 === undefined ? null : h('span', null, ' ', h('code', null, sha256)),
            ),
          ),
        ),
    ...(state.corrections.get(entry.index) ?? []).map((at) => {
      const correction = file.entries[at]?.entry;
      return correction === undefined
        ? null
        : h(
            'div',
            { class: 'corrected' },
            h('strong', null, `Corrected on ${saidAt(correction)} `),
            h('a', { href: `#entry-${at}` }, `(entry ${at}): `),
            words(correction, options),
          );
    }),
    h(
      'div',
      { class: 'soft' },
      `entered ${entry.at}`,
      trust === undefined
        ? ''
        : trust.signedBy.length > 0 && trust.invalid.length === 0
          ? h('span', null, ', signed by ', said(trust.signedBy.join(', '), 200))
          : ', NOT signed by a key that is trusted',
      trust?.logged === true ? ', in the log' : '',
    ),
  );
}

/** A text with what it withholds as bars, or as the value where this page may show it. */
function words(entry: CaseEntry, { disclosed }: CasePageOptions): ComponentChild {
  return h(
    'span',
    null,
    ...entry.text.split(/(\{[a-z][a-z0-9-]*\})/).map((part) => {
      const label = /^\{([a-z][a-z0-9-]*)\}$/.exec(part)?.[1];
      if (label === undefined) return said(part, 8000);
      const secret = disclosed.find((one) => one.entry === entry.index && one.label === label);
      return secret === undefined ? h('span', { class: 'withheld' }, `${label} withheld`) : h('strong', null, said(secret.value));
    }),
  );
}

function trustBox(trust: CaseTrust | undefined): ComponentChild {
  if (trust === undefined)
    return h('div', { class: 'decision open' }, h('p', null, 'The signatures of this case were not verified when this page was made.'));
  return h(
    'div',
    { class: `decision ${trust.verified ? 'for' : 'against'}` },
    h('p', null, h('strong', null, trust.verified ? '✔ Verified. ' : '✘ NOT verified. '), said(trust.because)),
  );
}

function proofs({ entries, proofs: all }: CaseFile, trust: CaseTrust | undefined): ComponentChild {
  return h(
    'details',
    null,
    h('summary', null, `Proofs: ${entries.length} digests, ${all.length} log proofs`),
    h(
      'p',
      { class: 'soft' },
      'Each digest is the SHA-256 of what was signed, and the next entry names it. Verify the file of this case with `assay case verify`.',
    ),
    h(
      'div',
      { class: 'wide' },
      h(
        'table',
        null,
        h('thead', null, h('tr', null, ...['Entry', 'Digest', 'Signed with key'].map((text) => h('th', { scope: 'col' }, text)))),
        h(
          'tbody',
          null,
          ...entries.map(({ entry, digest, envelope }) =>
            h(
              'tr',
              null,
              h('td', null, String(entry.index)),
              h('td', null, h('code', null, digest)),
              h('td', null, ...envelope.signatures.map(({ keyid }) => h('code', null, visible(keyid.slice(0, 16), 20), '… '))),
            ),
          ),
        ),
      ),
    ),
    ...all.map(({ entry, logProof }) =>
      h(
        'pre',
        null,
        h(
          'code',
          null,
          `entry ${entry}${trust?.entries[entry]?.logged === true ? ' (verified)' : ''}\n${visible(logProof, 4000).replaceAll('⏎', '\n')}`,
        ),
      ),
    ),
  );
}

const said = (text: string, max = 300) => h('bdi', null, visible(text, max));
