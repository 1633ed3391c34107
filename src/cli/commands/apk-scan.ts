/** `assay apk scan FILE…`: apps and libraries against the rules of known families. Loaded when it is called: rules and knowledge are much to load. */
import { scanFile } from '../../evidence/index.ts';
import { builtinRules } from '../../knowledge/index.ts';
import { nodeCodec, nodeRules, openFile } from '../../platform/node/index.ts';
import { because } from '../because.ts';
import { EXIT } from '../exit.ts';
import { openKnowledge } from '../knowledge.ts';
import { callerPath } from '../paths.ts';

export interface ScanFlags {
  readonly json?: true;
  readonly knowledge?: string;
}

/** 0 where nothing was met, 20 where something was, 1 where a file could not be scanned. */
export async function runScan(files: readonly string[], flags: ScanFlags): Promise<number> {
  const scanner = await nodeRules([builtinRules, ...(await openKnowledge(flags.knowledge)).rules]);
  if (scanner === undefined) throw new Error('there is no YARA engine for this machine');
  for (const { source, because } of scanner.refused) console.error(`assay: the rules of ${source} are not used: ${because}`);
  const results: object[] = [];
  const seen = { met: false, failed: false };
  for (const file of files) {
    try {
      const source = await openFile(callerPath(file));
      try {
        const { bytes, matches, left } = await scanFile({ path: file, source, scanner, codec: nodeCodec });
        results.push({ file, engine: scanner.engine, bytes, matches, left });
        seen.met ||= matches.length > 0;
        seen.failed ||= left.length > 0;
        if (flags.json === true) continue;
        console.log(`${file}: ${matches.length === 0 ? 'no rule is met' : `${matches.length} rules are met`} in ${bytes} bytes`);
        for (const { member, rule, source: from, meta, at } of matches)
          console.log(
            `  ${rule} (${from})${meta['family'] === undefined ? '' : `, ${meta['family']}`}: ${member ?? 'the file'}${at === undefined ? '' : ` at ${at}`}`,
          );
        for (const line of left) console.log(`  not scanned: ${line}`);
      } finally {
        await source.close();
      }
    } catch (error) {
      seen.failed = true;
      const why = because(error);
      results.push({ source: file, error: why });
      if (flags.json !== true) console.error(`assay: ${file}: ${why}`);
    }
  }
  if (flags.json === true) process.stdout.write(`${JSON.stringify(results.length === 1 ? results[0] : results, null, 2)}\n`);
  if (seen.met) return EXIT.reject;
  return seen.failed ? EXIT.couldNot : EXIT.done;
}
