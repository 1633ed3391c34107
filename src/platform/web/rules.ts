/**
 * YARA rules by libyara as WebAssembly: in a browser, and where npm has no native engine.
 * It compiles anew for every scan and cannot be stopped from within: whoever scans hostile bytes with foreign rules runs it in a worker that can be ended.
 */
import type { CompileRulesPort, RuleMatch } from '../../bytes/index.ts';

const MATCHES_MAX = 100;

/** A vector of Emscripten's. */
interface Vector<T> {
  readonly size: () => number;
  readonly get: (at: number) => T;
  readonly delete?: () => void;
}

interface YaraRun {
  readonly compileErrors: Vector<{ readonly message: string; readonly lineNumber: number; readonly warning: boolean }>;
  readonly matchedRules: Vector<{
    readonly ruleName: string;
    readonly metadata: Vector<{ readonly identifier: string; readonly data: string }>;
    readonly resolvedMatches: Vector<{ readonly location: number; readonly matchLength: number; readonly stringIdentifier: string }>;
  }>;
}

type Engine = { readonly run: (bytes: Uint8Array, rules: string) => YaraRun };

let engine: Promise<Engine> | undefined;

/** Loads 1.2 MB when it is first asked for. */
async function load(): Promise<Engine> {
  // @ts-expect-error The package has no types; the cast is its README, and what it answers is described above.
  const { default: start } = (await import('libyara-wasm')) as { readonly default: () => Promise<Engine> };
  return start();
}

const all = <T>(vector: Vector<T>, most = Number.MAX_SAFE_INTEGER): readonly T[] =>
  Array.from({ length: Math.min(vector.size(), most) }, (_, at) => vector.get(at));

/** Compiles rules; a source that does not compile is left out. */
export const wasmRules: CompileRulesPort = async (sources) => {
  engine ??= load();
  const { run } = await engine;
  const refused: { source: string; because: string }[] = [];
  const usable = sources.filter(({ name, text }) => {
    const error = all(run(new Uint8Array(0), text).compileErrors).find(({ warning }) => !warning);
    if (error !== undefined) refused.push({ source: name, because: `line ${error.lineNumber}: ${error.message}` });
    return error === undefined;
  });
  return {
    engine: 'libyara (WebAssembly)',
    refused,
    async scan(bytes) {
      const matches = usable.flatMap(({ name, text }): readonly RuleMatch[] =>
        all(run(bytes, text).matchedRules).map(({ ruleName, metadata, resolvedMatches }) => ({
          source: name,
          rule: ruleName,
          meta: Object.fromEntries(all(metadata).map(({ identifier, data }) => [identifier, data])),
          strings: all(resolvedMatches, MATCHES_MAX).map(({ stringIdentifier, location, matchLength }) => ({
            id: stringIdentifier,
            at: Number(location),
            length: matchLength,
          })),
        })),
      );
      return { matches, stopped: [] };
    },
  };
};
