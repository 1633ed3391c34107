import type { RuleScanner, RuleSource } from '../../bytes/index.ts';

/** Compiles rules for the engine of this machine, which is loaded for them: most runs scan nothing. `scanMs` bounds one source over one file. */
export async function nodeRules(sources: readonly RuleSource[], scanMs?: number): Promise<RuleScanner | undefined> {
  return (await import('./rule-engine.ts')).compileRules(sources, scanMs);
}
