/** Packages in a report: what is installed, whose it is, and how much the build adds to a plain Android. */
import { z } from 'zod/mini';

const packageSchema = z.strictObject({
  name: z.string(),
  label: z.nullable(z.string()),
  version: z.nullable(z.string()),
  /** Users and profiles that have it; 0 is the owner. */
  users: z.array(z.int()),
  paths: z.array(z.string()),
  inSystem: z.boolean(),
  /** SHA-256 of signing certificates, and whose they are known to be. */
  signers: z.array(z.strictObject({ sha256: z.string(), owner: z.nullable(z.string()) })),
  /** Whether the signer is the one that this package's owner uses. */
  signer: z.enum(['own', 'other', 'public test key', 'not verified', 'unknown']),
  schemes: z.array(z.string()),
  addedBy: z.enum(['maker', 'maker-signed', 'system-signed', 'google', 'developer', 'carrier', 'retailer', 'user', 'unknown']),
  addedBecause: z.string(),
  /** Granted permissions worth saying. */
  granted: z.array(z.string()),
  /** Those of them that somebody chose on a screen; of a package in the system the others were there before anybody saw the phone. */
  chosen: z.array(z.string()),
  /** Components that other apps may call, and those without a permission; null: its APK was not read. */
  exported: z.nullable(z.int()),
  exportedOpen: z.nullable(z.int()),
  sharedUser: z.nullable(z.string()),
  installer: z.nullable(z.string()),
  firstSeen: z.nullable(z.string()),
  /** Native code by ABI; null: its APK was not read. */
  abis: z.nullable(z.array(z.string())),
  targetSdk: z.nullable(z.int()),
  /** 0 to 100, and what it is made of. */
  risk: z.int(),
  because: z.array(z.strictObject({ points: z.number(), what: z.string() })),
});

export const packagesSchema = z.strictObject({
  rows: z.array(packageSchema),
  /** What the build adds to a plain Android of its release, by Uraniborg's measures; null: there is no baseline of that release. */
  preload: z.nullable(
    z.strictObject({
      release: z.string(),
      total: z.number(),
      most: z.number(),
      scores: z.array(
        z.strictObject({
          measure: z.enum(['platform-signature', 'shared-users', 'permissions', 'cleartext', 'installers']),
          score: z.number(),
          most: z.number(),
          added: z.array(z.string()),
        }),
      ),
    }),
  ),
});

export type PackagesReport = z.infer<typeof packagesSchema>;
export type PackageRow = PackagesReport['rows'][number];
