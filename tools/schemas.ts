/** node tools/schemas.ts [--check]: writes docs/formats/*.schema.json from the schemas in the code, or says which are stale. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod/mini';
import { CaptureSchema, HashesSchema } from '../src/acquire/index.ts';
import { RecordSchema } from '../src/challenges/index.ts';
import { packSchema } from '../src/knowledge/index.ts';
import { flowSchema, locationSchema } from '../src/provenance/locate/index.ts';
import { manifestSchema, referenceSchema } from '../src/references/index.ts';
import { comparisonSchema, reportSchema } from '../src/report/index.ts';
import { policySchema } from '../src/verdict/index.ts';

/** File name → schema: every document that assay writes for others to read. */
const schemas: Readonly<Record<string, z.ZodMiniType>> = {
  capture: CaptureSchema,
  hashes: HashesSchema,
  report: reportSchema,
  comparison: comparisonSchema,
  policy: policySchema,
  manifest: manifestSchema,
  reference: referenceSchema,
  pack: packSchema,
  record: RecordSchema,
  flow: flowSchema,
  location: locationSchema,
};

const folder = join(import.meta.dirname, '..', 'docs', 'formats');

/** The files as they should be. */
export function schemaFiles(): readonly { readonly path: string; readonly text: string }[] {
  return Object.entries(schemas).map(([name, schema]) => ({
    path: join(folder, `${name}.schema.json`),
    text: `${JSON.stringify(z.toJSONSchema(schema), null, 2)}\n`,
  }));
}

if (import.meta.main) {
  for (const { path, text } of schemaFiles()) {
    if (!process.argv.includes('--check')) writeFileSync(path, text);
    else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
      console.error(`${path} is stale: node tools/schemas.ts`);
      process.exitCode = 1;
    }
  }
}
