/** `assay apk scan FILE…`: apps and libraries against the rules of known families. Loaded when it is called: rules and knowledge are much to load. */
import { builtinRules } from '../../knowledge/index.ts';
import { nodeRules } from '../../platform/node/index.ts';
import { EXIT } from '../exit.ts';
import { openKnowledge } from '../knowledge.ts';
import { type ScanOutcome, scanFiles } from '../scan-pool.ts';
import { plain } from './apk.ts';

export interface ScanFlags {
  readonly json?: true;
  readonly knowledge?: string;
}

/** 0 where nothing was met, 20 where something was, 1 where a file could not be scanned. */
export async function runScan(files: readonly string[], flags: ScanFlags): Promise<number> {
  const rules = [builtinRules, ...(await openKnowledge(flags.knowledge)).rules];
  const scanner = await nodeRules(rules);
  if (scanner === undefined) throw new Error('there is no YARA engine for this machine');
  for (const { source, because } of scanner.refused) console.error(`assay: the rules of ${source} are not used: ${because}`);
  const results: object[] = [];
  const seen = { met: false, failed: false };
  for await (const outcome of scanFiles(files, { rules, scanner })) {
    if ('error' in outcome) {
      seen.failed = true;
      results.push(outcome);
      if (flags.json !== true) console.error(`assay: ${outcome.source}: ${outcome.error}`);
      continue;
    }
    const { file, bytes, matches, left } = outcome;
    results.push({ file, engine: scanner.engine, bytes, matches, left });
    seen.met ||= matches.length > 0;
    seen.failed ||= left.length > 0;
    if (flags.json !== true) console.log(describe(outcome));
  }
  if (flags.json === true) process.stdout.write(`${JSON.stringify(results.length === 1 ? results[0] : results, null, 2)}\n`);
  if (seen.met) return EXIT.reject;
  return seen.failed ? EXIT.couldNot : EXIT.done;
}

function describe({ file, bytes, matches, left }: Exclude<ScanOutcome, { readonly error: string }>): string {
  const lines = [`${file}: ${matches.length === 0 ? 'no rule is met' : `${matches.length} rules are met`} in ${bytes} bytes`];
  for (const { member, rule, source, meta, at } of matches) {
    const family = meta['family'] === undefined ? '' : `, ${meta['family']}`;
    lines.push(`  ${rule} (${source})${family}: ${member ?? 'the file'}${at === undefined ? '' : ` at ${at}`}`);
  }
  for (const line of left) lines.push(`  not scanned: ${line}`);
  return plain(lines.join('\n'));
}
