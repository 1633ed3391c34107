/** `canary.json`: what was sent under a name, and what was found installed. */
import * as z from 'zod/mini';
import { type ArtefactReader, makeFact, wholeOf } from '../reader.ts';
import { parseDocument } from './json.ts';

const sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/));

export const CanarySchema = z.strictObject({
  format: z.literal('assay.canary/1'),
  canaries: z
    .array(
      z.strictObject({
        package: z.string().check(z.maxLength(255)),
        role: z.enum(['random', 'checker-name', 'published-checker']),
        outcome: z.enum(['installed', 'refused', 'failed']),
        sentSha256: sha256,
        pulledSha256: z.nullable(sha256),
        shellSha256: z.nullable(sha256),
        installedSigners: z.nullable(z.array(sha256)),
        sentSigners: z.nullable(z.array(sha256)),
        removed: z.boolean(),
        /** What the phone said, or why nothing was read back. */
        note: z.nullable(z.string()),
      }),
    )
    .check(z.maxLength(16)),
});
export type CanaryDocument = z.infer<typeof CanarySchema>;

export const canaryReader: ArtefactReader = {
  kinds: ['canary'],
  read(artefact) {
    const place = wholeOf(artefact);
    // What the phone said when it refused stays in the artefact: no rule reads prose.
    const canaries = parseDocument(artefact, CanarySchema).canaries.map((canary) => ({
      package: canary.package,
      role: canary.role,
      outcome: canary.outcome,
      sentSha256: canary.sentSha256,
      pulledSha256: canary.pulledSha256 ?? undefined,
      shellSha256: canary.shellSha256 ?? undefined,
      installedSigners: canary.installedSigners ?? undefined,
      sentSigners: canary.sentSigners ?? undefined,
      removed: canary.removed,
      place,
    }));
    return { facts: [makeFact('canaries', canaries, { standing: 'shown', place })], unread: [] };
  },
};
