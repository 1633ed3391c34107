/** What the scripts of a package say of its files: which is flashed to which partition, and what their digests are. Scripts are read, never run. */

import { elementsOf, isProgramTable, parseProgramTable, TABLE_MAX } from './programs.ts';

const SCRIPT_MAX = 1 << 20;
const LINES_MAX = 20_000;

/** A script or table that says where the files beside it are flashed: of fastboot, of a recovery, of Motorola's, Qualcomm's and MediaTek's own tools. */
export const isFlashScript = (name: string): boolean =>
  /(?:^|\/)(?:flash[^/]*\.(?:sh|bat)|updater-script|(?:flashfile|servicefile)[^/]*\.xml|[^/]*scatter[^/]*\.(?:txt|xml))$/i.test(name) ||
  isProgramTable(name);

/** A list of digests: `md5sum.txt`, `SHA256SUMS`, `images.md5` … */
export const isDigestList = (name: string): boolean =>
  /(?:^|\/)(?:[^/]*(?:md5|sha1|sha256)(?:sums?)?(?:\.txt|\.list)?|checksums?(?:\.txt)?)$/i.test(name);

/** A file in the package, and a partition that it is written to, without its slot. A file may be written to several. */
export type Flashed = readonly [file: string, partition: string];

/**
 * What is written where: of `fastboot flash PARTITION FILE`, of `package_extract_file("FILE", "…/by-name/PARTITION")`, of tables that name both:
 * `<step operation="flash" partition= filename=>` (Motorola), `<program label= filename=>` (Qualcomm), `partition_name:` and `file_name:` (MediaTek's scatter, as text and XML).
 * A partition that several files make together is left out: that is `foldMembers`' business.
 */
export function parseFlashScript(text: string): readonly Flashed[] {
  const found: Flashed[] = [...parseTables(text.slice(0, TABLE_MAX))];
  for (const line of text.slice(0, SCRIPT_MAX).split('\n').slice(0, LINES_MAX)) {
    const [, partition, rest] = /\bfastboot\b.{0,80}?\sflash\s+(?:--\S+\s+)*"?([A-Za-z0-9_-]{1,64})"?\s+(.{1,400})/.exec(line) ?? [];
    // `images/boot.img`, `%~dp0images\boot.img`, `\`dirname $0\`/images/boot.img`, `"$DIR/boot.img" || exit 1`
    const name = /([^\s/\\"'`)]{1,200}\.[A-Za-z0-9]{1,8})["']?(?:[\s|;&]|$)/.exec(rest ?? '')?.[1];
    if (partition !== undefined && name !== undefined) found.push([name, withoutSlot(partition)]);
    const [, packed, target] =
      /package_extract_file\(\s*"([^"]{1,400})"\s*,\s*"[^"]{0,200}\/by-name\/([A-Za-z0-9_-]{1,64})"/.exec(line) ?? [];
    if (packed !== undefined && target !== undefined) found.push([packed.replace(/^.*\//, ''), withoutSlot(target)]);
  }
  return found;
}

const BARE = /^[A-Za-z0-9_-]{1,64}$/;

function parseTables(text: string): readonly Flashed[] {
  const rows: { readonly partition: string; readonly file: string }[] = parseProgramTable(text).map(({ label, file }) => ({
    partition: label,
    file,
  }));
  for (const attributes of elementsOf(text, 'step'))
    if (attributes.get('operation') === 'flash')
      rows.push({ partition: attributes.get('partition') ?? '', file: attributes.get('filename') ?? '' });
  let partition = '';
  for (const [, key, plain, tagged] of text.matchAll(
    /\b(partition_name|file_name)(?::[ \t]*([^\s#]{1,200})|>\s{0,8}([^<\s]{1,200})\s{0,8}<)/g,
  )) {
    const value = plain ?? tagged ?? '';
    if (key === 'partition_name') partition = value;
    else if (value.toUpperCase() !== 'NONE') rows.push({ partition, file: value });
  }
  const files = new Map<string, Set<string>>();
  for (const { partition: name, file } of rows) files.set(name, (files.get(name) ?? new Set()).add(file));
  return rows.flatMap(({ partition: name, file }) =>
    BARE.test(name) && file !== '' && files.get(name)?.size === 1
      ? [[file.replace(/^.*[/\\]/, ''), withoutSlot(name.toLowerCase())] as const]
      : [],
  );
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
