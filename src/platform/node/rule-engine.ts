/** YARA rules by YARA-X, where npm has its binary for this machine; otherwise by libyara as WebAssembly. */
import { createRequire } from 'node:module';
import { z } from 'zod/mini';
import type { RuleMatch, RuleScanner, RuleSource } from '../../bytes/index.ts';
import { wasmRules } from '../web/rules.ts';
import { guarded, ruleFault } from './rule-text.ts';

const SCAN_MS = 20_000;
const MATCHES_MAX = 100;

interface YaraScanner {
  readonly scanAsync: (bytes: Uint8Array) => Promise<unknown>;
  readonly setTimeout: (ms: number) => void;
  readonly setMaxMatchesPerPattern: (most: number) => void;
}

interface YaraX {
  readonly compile: (text: string) => YaraScanner;
}

interface NativeEngine {
  readonly engine: YaraX;
  readonly version: string;
}

/** What a match looks like: the engine is foreign, so it is checked as a document is. */
const matchSchema = z.array(
  z.looseObject({
    ruleIdentifier: z.string(),
    meta: z.record(z.string(), z.unknown()),
    matches: z.array(z.looseObject({ offset: z.number(), length: z.number(), identifier: z.string() })),
  }),
);

const PACKAGE = '@litko/yara-x-linux-x64-gnu';

/** The native engine; undefined where npm has none for this machine. */
function yaraX(): NativeEngine | undefined {
  const require = createRequire(import.meta.url);
  try {
    // The cast is the package's documented interface; what it answers is checked above.
    const engine = require(PACKAGE) as YaraX;
    const { version } = require(`${PACKAGE}/package.json`) as { readonly version: string };
    return { engine, version };
  } catch {
    return undefined;
  }
}

/** Compiles rules for the engine of this machine. `scanMs` bounds one source over one file; the WebAssembly engine cannot be stopped. */
export const compileRules = async (sources: readonly RuleSource[], scanMs = SCAN_MS): Promise<RuleScanner | undefined> => {
  const native = yaraX();
  return native === undefined ? wasmRules(sources) : nativeScanner(native, sources, scanMs);
};

function nativeScanner({ engine, version }: NativeEngine, sources: readonly RuleSource[], scanMs: number): RuleScanner {
  // Each source is compiled alone, so that names may repeat and one that does not compile costs itself.
  const compiled: { readonly source: string; readonly scanner: YaraScanner }[] = [];
  const refused: { source: string; because: string }[] = [];
  for (const { name, text } of sources) {
    const fault = ruleFault(text);
    if (fault !== undefined) {
      refused.push({ source: name, because: fault });
      continue;
    }
    try {
      const scanner = engine.compile(guarded(text));
      scanner.setTimeout(scanMs);
      scanner.setMaxMatchesPerPattern(MATCHES_MAX);
      compiled.push({ source: name, scanner });
    } catch (error) {
      refused.push({
        source: name,
        because: (error instanceof Error ? error.message : String(error)).split('\n', 4).join(' ').slice(0, 400),
      });
    }
  }
  return {
    engine: `yara-x ${version}`,
    refused,
    async scan(bytes) {
      const matches: RuleMatch[] = [];
      const stopped: string[] = [];
      for (const { source, scanner } of compiled) {
        let found: unknown;
        try {
          found = await scanner.scanAsync(bytes);
        } catch (error) {
          stopped.push(`${source}: ${error instanceof Error ? error.message : String(error)}`);
          continue;
        }
        for (const { ruleIdentifier, meta, matches: strings } of matchSchema.parse(found))
          matches.push({
            source,
            rule: ruleIdentifier,
            meta: Object.fromEntries(Object.entries(meta).map(([key, value]) => [key, String(value)])),
            strings: strings.map(({ identifier, offset, length }) => ({ id: identifier, at: offset, length })),
          });
      }
      return { matches, stopped };
    },
  };
}
