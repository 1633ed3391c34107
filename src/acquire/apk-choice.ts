/** Which system APKs to pull: one for each signer that the package manager tells apart, so that all signers are known at the price of a few files. */

export interface ChosenApk {
  readonly package: string;
  /** As the phone says it: goes into a sync request and nowhere else. */
  readonly path: string;
  /** The package manager's own short hash of the signatures: tells signers apart on this phone, and nothing more. */
  readonly signer: string;
}

/** No genuine phone has more signers among its system packages. */
const SIGNERS_MAX = 60;
/** Named ones are always wanted: what poses as them is the point. */
const ALWAYS = new Set([
  'android',
  'com.android.systemui',
  'com.android.settings',
  'com.android.packageinstaller',
  'com.google.android.packageinstaller',
  'com.google.android.gms',
  'com.android.vending',
]);

/** Chooses from `dumpsys package` text; paths come from `pm list packages -f` where that names them. The dump's form: `Package [name] (…):`, `codePath=…`, `signatures=PackageSignatures{… [hash]}`, `flags=[ SYSTEM … ]`. */
export function choosePerSigner(text: string, list: string): readonly ChosenApk[] {
  const chosen: ChosenApk[] = [];
  const paths = new Map<string, string>();
  for (const match of list.matchAll(/^package:(\/[^\n]{1,900}\.apk)=([A-Za-z0-9_.]{1,255})(?=\s|$)/gm))
    paths.set(match[2] ?? '', match[1] ?? '');
  const seen = new Set<string>();
  for (const block of text.split(/^ {2}Package \[/m).slice(1)) {
    const name = /^([^\]\n]{1,255})\]/.exec(block)?.[1];
    const code = /^ {4}(?:codePath|resourcePath)=(\/[^\n]{1,900})$/m.exec(block)?.[1];
    const signer =
      /signatures=PackageSignatures\{[^\n[]*\[([^\]\n]{1,400})\]/.exec(block)?.[1] ??
      /signatures=PackageSignatures\{[0-9a-f]+ \[([^\]\n]{1,400})\]/.exec(block)?.[1];
    if (name === undefined || code === undefined || signer === undefined || !/flags=\[[^\]\n]*\bSYSTEM\b/.test(block)) continue;
    const wanted = ALWAYS.has(name) || !seen.has(signer);
    if (!wanted || chosen.length >= SIGNERS_MAX) continue;
    seen.add(signer);
    const path = paths.get(name) ?? (code.endsWith('.apk') ? code : `${code}/${code.split('/').at(-1) ?? ''}.apk`);
    chosen.push({ package: name, path, signer });
  }
  return chosen;
}
