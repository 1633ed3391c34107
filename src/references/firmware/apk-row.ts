/** An APK of an image → its row: what it calls itself, and by whom it is signed. */
import { FormatError, type Source } from '../../bytes/index.ts';
import { readApp, verifyApk } from '../../formats/apk/index.ts';
import type { ManifestApk } from '../manifest.ts';
import type { ExaminePorts, PartDraft } from './part.ts';

export interface ArchiveJob {
  readonly source: Source;
  readonly partition: string;
  readonly path: string;
  readonly sha256: string;
  readonly part: PartDraft;
  readonly ports: ExaminePorts;
}

/** The row. Some makers' `.apk` are no apps, only archives of other things: then the package is empty. */
export async function readApkRow({ source, partition, path, sha256, ports }: Omit<ArchiveJob, 'part'>): Promise<ManifestApk> {
  const row = { partition, path, package: '', versionCode: null, versionName: null, signers: [], schemes: [], sha256 };
  try {
    const { value: app } = await readApp(source, ports);
    const verified = await verifyApk(source, ports, { minSdk: undefined, maxSdk: undefined });
    return {
      ...row,
      package: app.packageName,
      versionCode: app.versionCode ?? null,
      versionName: app.versionName ?? null,
      signers: [...verified.signers],
      schemes: verified.verified ? [...verified.schemes] : [],
    };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return row;
  }
}
