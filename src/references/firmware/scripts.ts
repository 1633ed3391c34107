/** What the scripts of a package say of its files: which is flashed to which partition, and what their digests are. Scripts are read, never run. */

const SCRIPT_MAX = 1 << 20;
const LINES_MAX = 20_000;

/** A script or list that says something of the files beside it. */
export const isFlashScript = (name: string): boolean => /(?:^|\/)(?:flash[^/]*\.(?:sh|bat)|updater-script)$/i.test(name);

/** A list of digests: `md5sum.txt`, `SHA256SUMS`, `images.md5` … */
export const isDigestList = (name: string): boolean =>
  /(?:^|\/)(?:[^/]*(?:md5|sha1|sha256)(?:sums?)?(?:\.txt|\.list)?|checksums?(?:\.txt)?)$/i.test(name);

/** File name in the package → partition, without slots: of `fastboot flash PARTITION FILE` and of `package_extract_file("FILE", "…/by-name/PARTITION")`. */
export function parseFlashScript(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of text.slice(0, SCRIPT_MAX).split('\n').slice(0, LINES_MAX)) {
    const [, partition, rest] = /\bfastboot\b.{0,80}?\sflash\s+(?:--\S+\s+)*"?([A-Za-z0-9_-]{1,64})"?\s+(.{1,400})/.exec(line) ?? [];
    // `images/boot.img`, `%~dp0images\boot.img`, `\`dirname $0\`/images/boot.img`, `"$DIR/boot.img" || exit 1`
    const name = /([^\s/\\"'`)]{1,200}\.[A-Za-z0-9]{1,8})["']?(?:[\s|;&]|$)/.exec(rest ?? '')?.[1];
    if (partition !== undefined && name !== undefined) found.set(name, withoutSlot(partition));
    const [, packed, target] =
      /package_extract_file\(\s*"([^"]{1,400})"\s*,\s*"[^"]{0,200}\/by-name\/([A-Za-z0-9_-]{1,64})"/.exec(line) ?? [];
    if (packed !== undefined && target !== undefined) found.set(packed.replace(/^.*\//, ''), withoutSlot(target));
  }
  return found;
}

/** A partition's name without its slot. */
export const withoutSlot = (name: string): string => name.replace(/_(?:a|b|ab)$/, '');

export interface StatedDigest {
  readonly name: string;
  readonly algorithm: 'md5' | 'sha1' | 'sha256';
  readonly hex: string;
}

const ALGORITHMS: Readonly<Record<number, StatedDigest['algorithm']>> = { 32: 'md5', 40: 'sha1', 64: 'sha256' };

/** Lines of `md5sum` and its kin: hex, blanks, an asterisk or not, a name. */
export function parseDigestList(text: string): readonly StatedDigest[] {
  return text
    .slice(0, SCRIPT_MAX)
    .split('\n')
    .slice(0, LINES_MAX)
    .flatMap((line) => {
      const [, hex = '', name = ''] = /^\s*([0-9a-fA-F]{32,64})\s+\*?(.{1,400}?)\s*$/.exec(line) ?? [];
      const algorithm = ALGORITHMS[hex.length];
      return algorithm === undefined || name === '' ? [] : [{ name: name.replace(/^\.\//, ''), algorithm, hex: hex.toLowerCase() }];
    });
}
