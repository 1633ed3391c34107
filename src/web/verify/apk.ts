/** An APK that was dropped: the verdict of `assay apk verify`, by the same code, with whose the signer is known to be. Its code is not scanned here. */
import { type ApkPorts, readApp, verifyApk } from '../../formats/apk/index.ts';
import { signers as known } from '../../knowledge/packages/index.ts';
import { blobSource, webCodec, webHash, webVerify } from '../../platform/web/index.ts';
import type { Answer } from './answer.ts';

const ports: ApkPorts = { hash: webHash, verify: webVerify, codec: webCodec };

/** Whether a file begins as an archive does, or ends its name as an app's does. */
export async function isApk(file: File): Promise<boolean> {
  const head = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  return (head[0] === 0x50 && head[1] === 0x4b) || /\.apk$/i.test(file.name);
}

/** Never throws: what cannot be read is refused with its reason. */
export async function aboutApk(file: Blob): Promise<Answer> {
  try {
    const source = blobSource(file);
    const { verified, schemes, signers, issues, tricks, refusal } = await verifyApk(source, ports, {
      minSdk: undefined,
      maxSdk: undefined,
    });
    const app = await readApp(source, ports).catch(() => undefined);
    const owners = signers.map((sha256) => ({ sha256, row: known.find((row) => row.sha256 === sha256) }));
    const isOpenKey = owners.some(({ row }) => row?.role === 'test' || row?.role === 'leaked');
    const isKnown = owners.length > 0 && owners.every(({ row }) => row !== undefined);
    const names = [...new Set([...issues.map(({ name }) => name), ...(refusal === undefined ? [] : [refusal.exception])])];
    const outcome = verified ? 'pass' : 'fail';
    return {
      verified,
      tone: !verified || isOpenKey || tricks.length > 0 ? 'bad' : isKnown ? 'good' : 'open',
      headline: verified ? `Signature verified: ${schemes.join(', ')}` : 'Signature not verified',
      rows: [
        ...(app === undefined
          ? []
          : ([
              ['app', 'not-checked', `calls itself ${app.value.packageName || 'nothing'}, version ${app.value.versionName ?? '-'}`],
            ] as const)),
        ['signature', outcome, verified ? `Android accepts it by ${schemes.join(', ')}` : names.join(', ')],
        ...owners.map(
          ({ sha256, row }) =>
            [
              'signer',
              row === undefined ? 'not-checked' : isOpenKey ? 'fail' : 'pass',
              `${sha256}: ${row === undefined ? 'nobody that this page knows' : `${row.owner}${row.role === 'test' ? ', whose private key anybody has' : row.role === 'leaked' ? ', whose private key got out' : ''}`}`,
            ] as const,
        ),
        ...tricks.map(({ name, because }) => ['trick', 'fail', `${name}: ${because}`] as const),
      ],
    };
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    return { verified: false, tone: 'bad', headline: 'Signature not verified', rows: [['archive', 'fail', because]] };
  }
}
