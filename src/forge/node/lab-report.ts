/** The matrix of the lab as a page of documentation, and what it comes to. */
import { browserSigns } from '../alterations/index.ts';
import { isRight } from './lab.ts';
import { type LabRow, labAlterations } from './lab-row.ts';

export interface LabSummary {
  readonly altered: number;
  readonly convicted: number;
  readonly benign: number;
  readonly benignRight: number;
  readonly unaltered: number;
  readonly unalteredRight: number;
  /** Alterations that ended genuine on any axis that they attack: must be 0. */
  readonly endedGenuine: number;
}

export function summaryOf(rows: readonly LabRow[]): LabSummary {
  const of = (kind: LabRow['kind']) => rows.filter((row) => row.kind === kind);
  const right = (kind: LabRow['kind']) => of(kind).filter(isRight).length;
  return {
    altered: of('altered').length,
    convicted: right('altered'),
    benign: of('benign').length,
    benignRight: right('benign'),
    unaltered: of('unaltered').length,
    unalteredRight: right('unaltered'),
    endedGenuine: of('altered').filter(
      ({ axis, verdict }) => axis !== null && verdict[axis] === (axis === 'custody' ? 'authorised' : 'genuine'),
    ).length,
  };
}

const percent = (part: number, whole: number) => (whole === 0 ? 'none' : `${part} of ${whole} (${((100 * part) / whole).toFixed(1)} %)`);

/** One line that a person reads. */
export function summaryLine(rows: readonly LabRow[]): string {
  const summary = summaryOf(rows);
  return `altered phones convicted on the axis attacked, with the right nature: ${percent(summary.convicted, summary.altered)}; benign variants not accused: ${percent(summary.benignRight, summary.benign)}; unaltered phones not accused: ${percent(summary.unalteredRight, summary.unaltered)}; altered phones that ended genuine: ${summary.endedGenuine}`;
}

/** The cell of one row: what the verdict says of the axis, marked where it is not as it should be. */
function cell(row: LabRow): string {
  const { hardware, software, nature, custody } = row.verdict;
  const words = [
    ...(hardware === 'unproven' ? [] : [hardware]),
    ...(software === 'unproven' ? [] : [software === 'altered' && nature !== null ? nature : software]),
    ...(custody === 'unproven' ? [] : [custody]),
  ];
  return `${isRight(row) ? '' : '**miss:** '}${words.length === 0 ? 'unproven' : words.join(', ')}`;
}

/** Rows that stay a miss, with why nothing that can be had convicts them. */
function beyondUs(rows: readonly LabRow[]): string {
  const there = labAlterations.filter(({ id, beyondUs: why }) => why !== undefined && rows.some(({ alteration }) => alteration === id));
  if (there.length === 0) return '';
  return `\n## What nothing convicts\n\n\`unproven\` is the right answer here, and the row counts as a miss all the same.\n\n${there.map(({ id, beyondUs: why }) => `- ${id}: ${why}.`).join('\n')}\n`;
}

/** What a browser says besides the truth: which weak sign shows it, if any. */
function signsOf(rows: readonly LabRow[]): string {
  const found = rows.filter(({ kind }) => kind === 'sign');
  if (found.length === 0) return '';
  const lines = found.map((row) => {
    const { title = '', shows } = browserSigns.find(({ id }) => id === row.alteration) ?? { shows: undefined };
    return `| ${row.alteration ?? ''} | ${title} | ${cell(row)} | ${shows ?? 'nothing can: the report says that only some browser computed them'} |`;
  });
  return `\n## What a browser says, which convicts nobody\n\nEach is a phone that nobody touched, on \`${found[0]?.phone ?? ''}\`, and a page of ours in its browser; every finding is weak.\n\n| browser | what it does | verdict | shown by |\n| --- | --- | --- | --- |\n${lines.join('\n')}\n`;
}

/** docs/adversary-matrix.md */
export function matrixPage(rows: readonly LabRow[]): string {
  const phones = [...new Set(rows.map(({ phone }) => phone))];
  const table = (kind: LabRow['kind']) => {
    const ids = [...new Set(rows.filter((row) => row.kind === kind).map(({ alteration }) => alteration))];
    return ids
      .map((id) => {
        const found = labAlterations.find((entry) => entry.id === id);
        const cells = phones
          .map((phone) => rows.find((row) => row.phone === phone && row.kind === kind && row.alteration === id))
          .map((row) => (row === undefined ? '–' : cell(row)));
        const checks = [
          ...new Set(
            rows
              .filter((row) => row.kind === kind && row.alteration === id)
              .flatMap((row) => row.checks.filter((check) => !check.startsWith('('))),
          ),
        ];
        const name = kind === 'altered' ? `${id} | ${found?.level ?? ''} | ${found?.axis ?? ''}` : `${id ?? 'unaltered'} |  | `;
        return `| ${name} | ${cells.join(' | ')} | ${checks.join(', ')} |`;
      })
      .join('\n');
  };
  const head = `| phone as altered | level | axis | ${phones.join(' | ')} | checks that counted |\n|${' --- |'.repeat(phones.length + 4)}`;
  return `# The adversary matrix

Written by \`npm run lab\`; a test fails when it is stale. Each cell is a virtual phone, opened, read over ADB as any phone is, and judged by the policy \`lab\` against
the reference of the build that its base runs. The lab's knowledge names the keys of the forged world: the makers' platform keys, Google's, and the developers' of three checkers.
\`unproven\` is the right answer for what nobody touched: nothing of a phone's own word clears it. A kernel-level alteration is answers scripted as such a kernel would give them: a claim about our checks, not about kernels.
Rows whose name begins with \`attest\` ask the secure world and the bootloader too, with radios off by the operator's word. They are judged as if asking over ADB were proven on real phones,
which it is not yet: until then nothing of the sort clears, or convicts beyond weak. \`serial-edited\` is heard in its bootloader too.
Rows whose name begins with \`rom\` are raw images of a forged build, made by the distribution’s tools and judged without a phone against the maker’s build and its next one: images that equal such a build are genuine.

${summaryLine(rows)}.

## Unaltered phones and benign variants

${head}
${table('unaltered')}
${table('benign')}

## Alterations

${head}
${table('altered')}
${beyondUs(rows)}${signsOf(rows)}`;
}
