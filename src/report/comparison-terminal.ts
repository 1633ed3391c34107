/** Comparisons on a terminal: of two builds whole, of a phone the heaviest lines. */
import type { ComparisonReport, GroupReport, YardstickReport } from './comparison-schema.ts';
import {
  byTitle,
  CHANGE_MARKS,
  countWords,
  coverageWords,
  expectedOnes,
  groupName,
  partitionLimits,
  partitionWords,
  reasonWords,
  unexpected,
} from './comparison-words.ts';
import { fold, visible } from './text.ts';

export interface ComparisonCanvas {
  readonly width: number;
  readonly paint: (text: string, code: 'bold' | 'dim' | 'against' | 'open') => string;
}

/** Lines of one group: mark, name, details folded under it. */
function groupLines(group: GroupReport, { width, paint }: ComparisonCanvas): readonly string[] {
  const mark = paint(CHANGE_MARKS[group.change], group.change === 'removed' || group.change === 'moved' ? 'open' : 'against');
  const [first = '', ...rest] = fold(visible(groupName(group), 400), width - 7);
  const details = [...group.details, ...(group.elsewhere === null ? [] : [`the same content is ${group.elsewhere}`])]
    .map((text) => visible(text, 200))
    .join(', ');
  return [
    `   ${mark} ${first}`,
    ...rest.map((line) => `     ${line}`),
    ...(details === '' ? [] : fold(details, width - 9).map((line) => paint(`       ${line}`, 'dim'))),
  ];
}

/** Lines below which a comparison is one line. */
const HEAD_LINES = 6;

/** What a phone's report says of the first yardstick, within so many lines; the page has the rest. */
export function yardstickLines(comparisons: readonly YardstickReport[], room: number, canvas: ComparisonCanvas): readonly string[] {
  const [first] = comparisons;
  if (first === undefined) return [];
  const { width, paint } = canvas;
  const groups = unexpected(first);
  if (room < HEAD_LINES) return [`   ${fold(`Against the maker’s build: ${countWords(first.counts)}`, width - 3)[0] ?? ''}`];
  const head = [
    paint('   Against the maker’s build', 'bold'),
    ...fold(`${visible(first.reference.name, 160)} (${reasonWords(first)}): ${countWords(first.counts)}`, width - 3).map(
      (line) => `   ${line}`,
    ),
    ...fold(coverageWords(first), width - 3).map((line) => paint(`   ${line}`, 'dim')),
  ];
  const lines = [...head];
  for (const [index, group] of groups.entries()) {
    const next = groupLines(group, canvas);
    if (lines.length + next.length > room - (index === groups.length - 1 ? 0 : 1)) {
      const left = groups.length - index + first.groupsLeft;
      return [...lines, paint(`   … and ${left} more line${left === 1 ? '' : 's'} of differences in the full report`, 'dim')];
    }
    lines.push(...next);
  }
  const more = contentLines(first, canvas);
  const left = room - lines.length;
  if (more.length <= left) return [...lines, ...more];
  return left < 2
    ? lines
    : [...lines, ...more.slice(0, left - 1), paint('   … and more of what differs in texts in the full report', 'dim')];
}

/** What differs within files, a line each: properties that matter, then texts. */
function contentLines({ properties, texts }: YardstickReport, { width, paint }: ComparisonCanvas): readonly string[] {
  const short = (text: string) => fold(visible(text, 240), width - 7)[0] ?? '';
  return [
    ...properties
      .filter(({ matters }) => matters)
      .map(
        ({ key, before, after }) => `   ${paint('~', 'against')} ${short(`${key}: ${before ?? 'not there'} → ${after ?? 'not there'}`)}`,
      ),
    ...texts.flatMap(({ path, changes, left }) => [
      `   ${paint(short(path), 'bold')}`,
      ...changes.map(({ sign, text }) => `     ${paint(sign, sign === '+' ? 'against' : 'open')} ${short(text)}`),
      ...(left === null ? [] : [`     ${paint(short(left), 'dim')}`]),
    ]),
  ];
}

/** Two builds, whole. */
export function renderComparison(report: ComparisonReport, options: { readonly width: number; readonly colour: boolean }): string {
  const width = Math.max(60, Math.min(options.width, 120));
  const codes = { bold: '1', dim: '2', against: '31', open: '33' } as const;
  const paint = (text: string, code: keyof typeof codes) => (options.colour ? `\u001b[${codes[code]}m${text}\u001b[0m` : text);
  const canvas = { width, paint };
  const lines = [
    ` ${paint('first ', 'dim')} ${paint(visible(report.before.name, 200), 'bold')}`,
    ` ${paint('second', 'dim')} ${paint(visible(report.after.name, 200), 'bold')}`,
    '',
    ...fold(`${countWords(report.counts)}; ${report.compared} paths are in both.`, width - 1).map((line) => ` ${line}`),
    ...fold(`Partitions ${partitionWords(report)}.`, width - 1).map((line) => paint(` ${line}`, 'dim')),
    ...partitionLimits(report).flatMap((words) => fold(visible(words, 300), width - 3).map((line) => paint(`   ${line}`, 'dim'))),
  ];
  for (const { title, means, groups } of byTitle(unexpected(report))) {
    lines.push('', ` ${paint(title, 'bold')}`, ...fold(means, width - 1).map((line) => paint(` ${line}`, 'dim')));
    for (const group of groups) lines.push(...groupLines(group, canvas));
  }
  if (report.groupsLeft > 0) lines.push(paint(`   … and ${report.groupsLeft} more lines (--json counts them)`, 'dim'));
  lines.push(...propertyLines(report, canvas), ...textLines(report, canvas), ...expectedLines(report, canvas));
  return `${lines.join('\n')}\n`;
}

/** Properties on a screen. */
const PROPERTIES_SHOWN = 40;

function propertyLines({ properties, propertiesLeft }: ComparisonReport, { width, paint }: ComparisonCanvas): readonly string[] {
  if (properties.length === 0) return [];
  const lines = ['', ` ${paint('Properties', 'bold')}`];
  for (const { path, key, before, after } of properties.slice(0, PROPERTIES_SHOWN)) {
    lines.push(...fold(`${visible(key, 120)} in ${visible(path, 120)}`, width - 4).map((line) => `   ${line}`));
    if (before !== null) lines.push(...fold(visible(before, 200), width - 8).map((line) => `     ${paint('-', 'open')} ${line}`));
    if (after !== null) lines.push(...fold(visible(after, 200), width - 8).map((line) => `     ${paint('+', 'against')} ${line}`));
  }
  const left = Math.max(0, properties.length - PROPERTIES_SHOWN) + propertiesLeft;
  if (left > 0) lines.push(paint(`   … and ${left} more`, 'dim'));
  return lines;
}

function textLines({ texts }: ComparisonReport, { width, paint }: ComparisonCanvas): readonly string[] {
  return texts.flatMap(({ path, changes, left }) => [
    '',
    ` ${paint(visible(path, 200), 'bold')}`,
    ...changes.map(
      ({ sign, line, text }) =>
        `   ${paint(`${sign} ${String(line).padStart(4)}`, sign === '+' ? 'against' : 'open')} ${fold(visible(text, 240), width - 12)[0] ?? ''}`,
    ),
    ...(left === null ? [] : [paint(`   ${left}`, 'dim')]),
  ]);
}

function expectedLines(report: ComparisonReport, { width, paint }: ComparisonCanvas): readonly string[] {
  const groups = expectedOnes(report);
  if (groups.length === 0) return [];
  return [
    '',
    ` ${paint('Expected', 'bold')}`,
    ...groups.flatMap((group) =>
      fold(visible(`${groupName(group)}: ${group.expected ?? ''}`, 500), width - 3).map((line) => paint(`   ${line}`, 'dim')),
    ),
  ];
}
