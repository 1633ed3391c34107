/** `assay apk info`: an app by its own account, beside what its signature proves of it. */
import { type AppCode, type AppInfo, readApp, readAppCode, verifyApk } from '../../formats/apk/index.ts';
import { builtinKnowledge, type Signer } from '../../knowledge/index.ts';
import { apkPorts, reportOf, type VerifyReport, withFile, withTricks } from '../apk-verify.ts';
import { because } from '../because.ts';
import { EXIT } from '../exit.ts';
import { plain } from './apk.ts';

/** Whose a signing certificate is known to be. */
interface KnownSigner {
  readonly sha256: string;
  readonly owner: string | null;
  /** `test`: anybody has the private key; `leaked`: it got out. */
  readonly role: Signer['role'] | null;
}

interface AppReport extends AppInfo {
  readonly file: string;
  readonly icon: NonNullable<AppCode['icon']> | null;
  readonly dex: AppCode['dex'];
  readonly native: AppCode['native'];
  readonly signers: readonly KnownSigner[];
  readonly signature: VerifyReport;
  readonly oddities: VerifyReport['oddities'];
}

type Outcome = AppReport | { readonly source: string; readonly error: string };

/** Describes files, one after the other: an unreadable one costs itself. */
export async function runInfo(files: readonly string[], json: boolean): Promise<number> {
  const outcomes: Outcome[] = [];
  for (const file of files) {
    const outcome = await infoOf(file);
    outcomes.push(outcome);
    if (json) continue;
    if ('error' in outcome) console.error(plain(`assay: ${file}: ${outcome.error}`));
    else console.log(describe(outcome));
  }
  if (json) console.log(JSON.stringify(outcomes.length === 1 ? outcomes[0] : outcomes, null, 2));
  return outcomes.some((outcome) => 'error' in outcome) ? EXIT.couldNot : EXIT.done;
}

async function infoOf(file: string): Promise<Outcome> {
  try {
    return await withFile(file, async (source) => {
      const app = await readApp(source, apkPorts);
      const code = await readAppCode(source, app.value, apkPorts);
      const verification = await verifyApk(source, apkPorts, { minSdk: undefined, maxSdk: undefined });
      const signature = reportOf(file, verification);
      return {
        file,
        ...app.value,
        icon: code.icon ?? null,
        dex: code.dex,
        native: code.native,
        signers: signature.signers.map(knownSigner),
        signature,
        oddities: withTricks([...app.oddities, ...code.oddities], verification.tricks),
      };
    });
  } catch (error) {
    return { source: file, error: because(error) };
  }
}

function knownSigner(sha256: string): KnownSigner {
  const known = builtinKnowledge.signers.find((signer) => signer.sha256 === sha256);
  return { sha256, owner: known?.owner ?? null, role: known?.role ?? null };
}

const ROLE_WORDS: Readonly<Record<Signer['role'], string>> = {
  platform: 'platform key',
  app: 'app key',
  test: 'anybody has its private key',
  leaked: 'its private key got out',
  ota: 'key of updates',
};

function describe(app: AppReport): string {
  const exported = app.components.filter((component) => component.exported);
  const { signature } = app;
  const abis = [...new Set(app.nativeLibraries.map(({ abi }) => abi))];
  const whose = ({ sha256, owner, role }: KnownSigner) =>
    `  signer       ${sha256} ${owner === null ? '(of nobody we know)' : `${owner}${role === null ? '' : `, ${ROLE_WORDS[role]}`}`}`;
  const lines = [
    `${app.file}:`,
    `  package      ${app.packageName}${app.label === undefined ? '' : ` (${app.label})`}`,
    `  version      ${app.versionName ?? '-'} (${app.versionCode ?? '-'})`,
    `  API level    ${app.minSdk ?? '-'} and later, made for ${app.targetSdk ?? '-'}`,
    `  signature    ${signature.verified ? 'verified' : 'NOT verified'} ${signature.schemes.join(', ')}${signature.verified ? '' : ` (${signature.issues.join(', ')})`}`,
    ...app.signers.map(whose),
    ...signature.lineage.map(({ sha256, capabilities }) => `  lineage      ${sha256} ${capabilities.join(', ')}`),
    ...(app.icon === null ? [] : [`  icon         ${app.icon.sha256} ${app.icon.path}`]),
    ...(app.sharedUserId === undefined ? [] : [`  shared user  ${app.sharedUserId}`]),
    ...(app.debuggable ? ['  debuggable   yes'] : []),
    ...(app.testOnly ? ['  test only    yes'] : []),
    ...app.dex.map(
      ({ name, version, methods, classes, size }) =>
        `  code         ${name} ${version}: ${classes} classes, ${methods} methods, ${size} bytes`,
    ),
    ...(app.nativeLibraries.length === 0 ? [] : [`  native       ${app.nativeLibraries.length} libraries for ${abis.join(', ')}`]),
    ...app.usesPermissions.map((name) => `  permission   ${name}`),
    ...app.definesPermissions.map(({ name, protectionLevel }) => `  defines      ${name} (0x${protectionLevel.toString(16)})`),
    ...exported.map(
      ({ kind, name, permission }) => `  exported     ${kind} ${name}${permission === undefined ? '' : ` needs ${permission}`}`,
    ),
    ...app.oddities.map((oddity) => `  ${'trick' in oddity ? 'trick ' : 'oddity'}       ${oddity.code}: ${oddity.detail}`),
  ];
  return plain(lines.join('\n'));
}
