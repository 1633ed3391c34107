/** A location on a terminal: the finding first, then who, why, and what to inspect next. */
import type { LocationReport } from '../../provenance/locate/index.ts';
import { columns, fold, visible } from '../text.ts';
import { FORM_WORDS, ledgerRows, percent, sharedWords, signed, wrongWords } from './words.ts';

const BAR = 24;

/** Renders the summary. Names and words from the input are made visible, never interpreted. */
export function renderLocationTerminal(report: LocationReport, options: { readonly width: number; readonly colour: boolean }): string {
  const width = Math.max(60, Math.min(options.width, 110));
  const paint = (text: string, code: string) => (options.colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const lines: string[] = [];
  const say = (text: string, code?: string) => {
    for (const line of fold(visible(text, 900), width - 2)) lines.push(` ${code === undefined ? line : paint(line, code)}`);
  };
  const { counts } = report;
  if (report.form === 'working-paper') say(FORM_WORDS['working-paper'], '31');
  say(`${counts.phones} phones, ${counts.custodians} custodians; ${counts.inspected} inspected, ${counts.altered} found altered`, '2');
  lines.push('');
  say(report.finding, '1');
  say(wrongWords(report.wrong), '2');
  if (report.form === 'public') say(FORM_WORDS.public, '2');
  lines.push('');
  const shown = report.suspects.filter(({ posterior }, i) => i < 3 || posterior >= 0.02).slice(0, 8);
  const nameWidth = Math.min(36, Math.max(20, ...shown.map(({ name }) => columns(name))));
  for (const { name, posterior, altered, inspected } of shown) {
    lines.push(
      ` ${pad(visible(name, nameWidth), nameWidth)} ${bar(posterior)} ${percent(posterior).padStart(6)}  ${paint(`${Math.round(altered)} of ${Math.round(inspected)} altered`, '2')}`,
    );
  }
  lines.push(` ${pad('nobody in the chain', nameWidth)} ${bar(report.outside)} ${percent(report.outside).padStart(6)}`);
  const [first] = report.suspects;
  if (first !== undefined && first.ledger !== null) {
    lines.push('');
    say(`Why ${first.name}, in decibans (+10 makes it ten times likelier):`);
    for (const { words, decibans, kind } of ledgerRows(first.ledger))
      lines.push(` ${paint(signed(decibans).padStart(7), kind === 'sum' ? '1' : decibans < 0 ? '32' : '31')}  ${visible(words, 80)}`);
  }
  for (const { suspects, posterior, separable } of report.alike.slice(0, 2)) {
    lines.push('');
    say(
      `Cannot be told apart${separable ? ' yet' : ''}: ${suspects.slice(0, 6).join(', ')}${suspects.length > 6 ? ` and ${suspects.length - 6} more` : ''} (together at most ${percent(posterior)}).`,
    );
  }
  for (const shared of report.shared) say(sharedWords(shared));
  lines.push('');
  say(report.stop.because);
  for (const { phone, bits, alike } of report.next.slice(0, 3))
    say(`next: ${phone} (${bits.toFixed(2)} bits${alike > 1 ? `; ${alike - 1} others would tell the same` : ''})`);
  return `${lines.join('\n')}\n`;
}

const pad = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - columns(text)));
const bar = (p: number): string => '█'.repeat(Math.round(p * BAR)) + '·'.repeat(BAR - Math.round(p * BAR));
