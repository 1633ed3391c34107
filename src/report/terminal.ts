/** The report on a terminal: the verdict first, then the contradictions side by side, in one screen. */
import { isMissingPiece } from '../checks/index.ts';
import { yardstickLines } from './comparison-terminal.ts';
import { originWords, preloadWords } from './packages-words.ts';
import type { Report } from './schema.ts';
import { columns, fold, visible } from './text.ts';
import { axisLines, DECISION_TONE, phoneName, type Tone } from './words.ts';

/** Missing pieces that are named; the page lists all. */
const PIECES_SHOWN = 4;

export interface TerminalOptions {
  /** Columns of the terminal. */
  readonly width: number;
  /** Whether to use colours. */
  readonly colour: boolean;
  /** Lines of the terminal: contradictions that do not fit are counted, at least one is shown. Default 40. */
  readonly height?: number;
}

const HEIGHT = 40;
/** Packages that weigh as much are named on the first screen. */
const HEAVY = 30;

const CODES: Readonly<Record<Tone | 'bold' | 'dim', string>> = { for: '32', against: '31', open: '33', bold: '1', dim: '2' };
const MARK: Readonly<Record<Tone, string>> = { for: '✔', against: '✘', open: '?' };

type Finding = Report['findings'][number];

/** Renders the summary. What comes from the phone is made visible, never interpreted. */
export function renderTerminal(report: Report, options: TerminalOptions): string {
  const width = Math.max(60, Math.min(options.width, 120));
  const paint = (text: string, code: keyof typeof CODES) => (options.colour ? `\u001b[${CODES[code]}m${text}\u001b[0m` : text);
  const lines: string[] = [];
  const { verdict, subject } = report;
  const tone = DECISION_TONE[verdict.decision];

  const name = visible(phoneName(subject), Math.floor(width / 2));
  lines.push(
    paint(name, 'bold') + paint(`  ${subject.kind}, ${visible(subject.source, width - columns(name) - subject.kind.length - 4)}`, 'dim'),
  );
  lines.push('');
  lines.push(
    `${paint(` ${MARK[tone]} ${verdict.decision.toUpperCase()} `, tone)} ${paint(`policy ${visible(verdict.policy, 20)}, until ${report.expires.slice(0, 10)}`, 'dim')}`,
  );
  for (const line of fold(visible(verdict.reason, 600), width - 3)) lines.push(`   ${line}`);
  lines.push('');
  for (const { axis, answer, tone: axisTone, explanation } of axisLines(verdict, subject.kind)) {
    lines.push(
      `   ${pad(axis, 9)} ${paint(pad(`${MARK[axisTone]} ${answer}`, 21), axisTone)} ${paint(fold(explanation, width - 35)[0] ?? '', 'dim')}`,
    );
    for (const line of fold(explanation, width - 35).slice(1)) lines.push(' '.repeat(35) + paint(line, 'dim'));
  }

  const weighty = report.findings.filter(
    ({ strength, axis }) => axis !== 'posture' && (strength === 'conclusive' || strength === 'strong'),
  );
  const light = report.findings.filter(({ strength, axis }) => axis !== 'posture' && strength === 'weak');
  const tail: string[] = [];
  /** Words folded under a margin of three. */
  const say = (text: string, code: Tone | 'bold' | 'dim' | undefined) => {
    for (const line of fold(text, width - 3)) tail.push(`   ${code === undefined ? line : paint(line, code)}`);
  };
  if (report.posture.length > 0) {
    const serious = report.posture.filter(({ strength }) => strength !== 'note');
    const kinds = [...new Set(serious.map(({ what }) => visible(what, 50)))];
    const named = kinds.slice(0, 4);
    const rest = kinds.length > 4 ? ` · ${kinds.length - 4} more` : '';
    tail.push('');
    say(`Posture: ${serious.length === 0 ? 'nothing but notes' : named.join(' · ') + rest}`, undefined);
  }
  if (report.packages !== undefined) {
    const { rows } = report.packages;
    const worst = rows.filter(({ risk }) => risk >= HEAVY).slice(0, 3);
    const named = worst.map(({ name, risk }) => `${visible(name, 50)} (${risk})`).join(', ');
    tail.push('');
    say(`Packages: ${rows.length}: ${originWords(report.packages)}${named === '' ? '' : `; weightiest ${named}`}`, undefined);
    const preload = preloadWords(report.packages);
    if (preload !== undefined) say(preload, 'dim');
  }
  const pieces = report.notExamined.filter(isMissingPiece);
  if (pieces.length > 0) {
    tail.push('');
    const more = pieces.length > PIECES_SHOWN ? `; ${pieces.length - PIECES_SHOWN} more` : '';
    const shown = pieces.slice(0, PIECES_SHOWN).map(({ because }) => visible(because, 120));
    say(`Not yet genuine: ${shown.join('; ')}${more}.`, undefined);
  }
  tail.push('');
  const counts = [
    `${weighty.length} contradictions that count`,
    `${light.length} weak signs that do not`,
    `${report.passed.length} checks passed`,
    `${report.notExamined.length} things not examined`,
  ];
  say(counts.join(', '), 'dim');
  say(`Next: ${visible(verdict.nextStep, 400)}`, 'bold');
  if (weighty.length > 0) {
    const room = (options.height ?? HEIGHT) - lines.length - tail.length - 3;
    // The comparison with the maker's build has a third of the room, contradictions have the rest.
    const share = report.comparisons.length === 0 ? 0 : Math.max(2, Math.floor(room / 3));
    lines.push('', paint(heading('claimed', 'observed', width), 'bold'), ...fitting(onePerCheck(weighty), room - share, { width, paint }));
  }
  const left = (options.height ?? HEIGHT) - lines.length - tail.length - 2;
  if (report.comparisons.length > 0) lines.push('', ...yardstickLines(report.comparisons, left, { width, paint }));
  return `${[...lines, ...tail].join('\n')}\n`;
}

/** Rows of contradictions, as many as there is room for, and how many are left. */
function fitting(kinds: ReturnType<typeof onePerCheck>, room: number, canvas: Canvas): readonly string[] {
  const lines: string[] = [];
  for (const [index, { finding, more }] of kinds.entries()) {
    const next = row(finding, more, canvas);
    // The last line may be needed to say that there are more.
    const isLast = index === kinds.length - 1;
    if (index > 0 && lines.length + next.length > (isLast ? room : room - 1)) {
      const left = kinds.length - index;
      return [...lines, canvas.paint(`   … and ${left} more kind${left === 1 ? '' : 's'} in the full report (--html FILE, --json)`, 'dim')];
    }
    lines.push(...next);
  }
  return lines;
}

function heading(left: string, right: string, width: number): string {
  const column = Math.floor((width - 16) / 2);
  return `   ${pad(left, column)} ${pad(right, column)} standing`;
}

/** The first finding of each check, with how many others it has: a screen has room for kinds, the page for all. */
function onePerCheck(findings: Report['findings']): readonly { readonly finding: Finding; readonly more: number }[] {
  const checks = [...new Set(findings.map(({ check }) => check))];
  return checks.flatMap((check) => {
    const [finding, ...rest] = findings.filter((other) => other.check === check);
    return finding === undefined ? [] : [{ finding, more: rest.length }];
  });
}

interface Canvas {
  readonly width: number;
  readonly paint: (text: string, code: Tone | 'dim') => string;
}

function row(finding: Finding, more: number, { width, paint }: Canvas): readonly string[] {
  const column = Math.floor((width - 16) / 2);
  const left = fold(visible(finding.claimed, 160), column);
  const right = fold(visible(finding.observed, 160), column);
  const lines: string[] = [];
  for (let i = 0; i < Math.max(left.length, right.length, 1) && i < 3; i++) {
    const mark = i > 0 ? ' ' : finding.strength === 'conclusive' ? '✘' : '!';
    lines.push(
      ` ${paint(mark, 'against')} ${pad(left[i] ?? '', column)} ${pad(right[i] ?? '', column)} ${i === 0 ? finding.standing : ''}`.trimEnd(),
    );
  }
  const because = fold(`${visible(finding.because, 240)}${more > 0 ? ` (and ${more} more of this kind)` : ''}`, width - 6);
  lines.push(...because.slice(0, 3).map((line) => paint(`      ${line}`, 'dim')));
  return lines;
}

const pad = (text: string, width: number) => text + ' '.repeat(Math.max(0, width - columns(text)));
