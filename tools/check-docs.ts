/** node tools/check-docs.ts [--check]: writes docs/checks.md from the definitions of the checks and their measured rates; `--check` only says whether it is stale (exit 20). */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allChecks, type Check, groupRateOf, type Rate, rateOf } from '../src/checks/index.ts';
import measured from '../src/checks/measured-rates.json' with { type: 'json' };

const FILE = join(import.meta.dirname, '..', 'docs', 'checks.md');

/** Cells and list items hold text of ours only; a bar would end a cell. */
const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const rateText = ({ fails, n, upper }: Rate) =>
  n === 0 ? 'not measured' : `${fails} of ${n} (95 %: at most ${(100 * upper).toFixed(upper < 0.001 ? 2 : 1)} %)`;

/** The page, deterministic. */
export function checkDocs(checks: readonly Check[] = allChecks): string {
  const lines = [
    '# Checks',
    '',
    'Made by `node tools/check-docs.ts` from the definitions; do not edit. What a strength means: `conclusive` cannot happen on an unmodified phone, argued below; `strong`: no benign cause known, and measured on enough genuine phones',
    'that the 95 % upper bound of its rate is at most 2 %; `weak`: listed, never counted. A finding may be weaker than its check, never stronger.',
    '',
    `Rates: how many genuine phones tripped a check, of those on which it could run. Measured on: ${measured.population}. A phone counts once. The verdict counts a *group* of checks once, so the rate of a group's strong findings is what bounds it.`,
    '',
    '| check | axis | strength | rate | group | rate of the group |',
    '|---|---|---|---|---|---|',
    ...checks.map(
      (check) =>
        `| [${check.id}](#${check.id.replaceAll('.', '')}) | ${check.axis} | ${check.strength} | ${rateText(rateOf(check.id))} | ${check.group} | ${rateText(groupRateOf(check.group))} |`,
    ),
  ];
  for (const check of checks) {
    lines.push('', `## ${check.id}`, '', `**${cell(check.title)}** (${check.axis}, ${check.strength}, group ${check.group})`, '');
    lines.push(`- *What:* ${check.what}`, `- *Why:* ${check.why}`);
    if (check.impossible !== undefined) lines.push(`- *Why this cannot happen on an unmodified phone:* ${check.impossible}`);
    lines.push(`- *Genuine phones that would trip it:* ${check.benign.length === 0 ? 'none known.' : check.benign.join(' ')}`);
    lines.push(`- *How to confirm:* ${check.confirm}`);
    lines.push(
      `- *Needs:* ${check.needs.length === 0 ? check.settledBy : `${check.needs.join(', ')} (${check.settledBy})`}; weakest standing ${check.standing}`,
    );
    lines.push(`- *One event that explains it:* ${check.causes.join(', ')}`);
    lines.push(
      `- *Passing would have caught:* ${check.catches === undefined ? 'nobody for certain' : `an adversary who gets as far as the ${check.catches}`}`,
    );
    lines.push(`- *Rate:* ${rateText(rateOf(check.id))}`, `- *Sources:* ${check.spec.join('; ')}`);
  }
  return `${lines.join('\n')}\n`;
}

if (process.argv[1] === import.meta.filename) {
  const page = checkDocs();
  const stale = !existsSync(FILE) || readFileSync(FILE, 'utf8') !== page;
  if (process.argv.includes('--check')) {
    if (stale) console.error('docs/checks.md is stale: node tools/check-docs.ts');
    process.exitCode = stale ? 20 : 0;
  } else {
    mkdirSync(join(FILE, '..'), { recursive: true });
    writeFileSync(FILE, page);
    console.log(`docs/checks.md: ${allChecks.length} checks`);
  }
}
