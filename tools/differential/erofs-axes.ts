/** Options of mkfs.erofs 1.5 to 1.9. What the one at hand does not know is found out before, and left out. */
import { type Axis, has, NONE, type Options } from './options.ts';

export const EROFS_AXES: readonly Axis[] = [
  [
    NONE,
    ['-zlz4'],
    ['-zlz4hc,1'],
    ['-zlz4hc,9'],
    ['-zlz4hc,12'],
    ['-zlzma'],
    ['-zlzma,level=1,dictsize=65536'],
    ['-zlzma,level=6,lc=0,lp=4,pb=0'],
    ['-zdeflate,1'],
    ['-zdeflate,level=9,dictsize=1024'],
    ['-zlibdeflate,9'],
    ['-zzstd,1'],
    ['-zzstd,level=15,dictsize=65536'],
    ['-zlz4hc,9:lzma', '--compress-hints'],
    ['-zzstd,3:deflate,4', '--compress-hints'],
    ['-zdeflate:lz4', '--compress-hints'],
  ],
  [NONE, ['-C4096'], ['-C8192'], ['-C16384'], ['-C65536'], ['-C1048576']],
  [NONE, ['-Elegacy-compress']],
  [NONE, ['-Eztailpacking']],
  [NONE, ['-Efragments'], ['-Efragments=65536'], ['-Eall-fragments'], ['-Eall-fragments=1048576']],
  [NONE, ['-Efragdedupe=full'], ['-Efragdedupe=inode'], ['-E^fragdedupe']],
  [NONE, ['-Ededupe']],
  [NONE, ['-Eforce-inode-compact'], ['-Eforce-inode-extended']],
  [NONE, ['-Enoinline_data'], ['-E^inline_data']],
  [NONE, ['-E48bit']],
  [NONE, ['-Edot-omitted']],
  [NONE, ['--chunksize=4096'], ['--chunksize=65536'], ['--chunksize=1048576']],
  [NONE, ['-Eforce-chunk-indexes'], ['-Eforce-inode-blockmap']],
  [NONE, ['--blobdev']],
  [NONE, ['-x-1'], ['-x1'], ['-x1000']],
  [NONE, ['--xattr-prefix=user.'], ['--xattr-prefix=security.sel', '--xattr-prefix=trusted.overlay.']],
  [NONE, ['-Explain-xattr-prefixes']],
  [NONE, ['-Exattr-name-filter']],
  [NONE, ['--root-xattr-isize=100']],
  [NONE, ['-b512'], ['-b1024'], ['-b2048'], ['-b16384'], ['-b65536']],
  [NONE, ['--max-extent-bytes=5000'], ['--max-extent-bytes=65536']],
  [NONE, ['-m4096'], ['-m65536'], ['-m16384:lz4']],
  [NONE, ['--MZ'], ['--MZ=i'], ['--MZ=id']],
  [NONE, ['--zD=1']],
  [NONE, ['--hard-dereference']],
  [NONE, ['--ovlfs-strip=1']],
  [NONE, ['--ignore-mtime'], ['--preserve-mtime']],
  [NONE, ['-T1400000000', '--mkfs-time']],
  [NONE, ['--dsunit=16'], ['--fsalignblks=32']],
  [NONE, ['-Enosbcrc']],
  [NONE, ['--workers=0'], ['--workers=1'], ['--workers=3']],
];

/** The number that an option has, or 0. */
function sizeIn(options: Options, pattern: RegExp): number {
  return Math.max(0, ...options.map((option) => Number(pattern.exec(option)?.[1] ?? 0)));
}

/** What belongs together: options of compressed files with a compressor, options of chunks with chunks. */
export function erofsAllows(options: Options): boolean {
  const packed = has(options, /^-z/);
  const chunked = has(options, /^--chunksize/);
  if (packed && chunked) return false;
  if (!packed && has(options, /^-C|^-Elegacy|^-Eztail|^-E(?:all-)?frag|^-E\^frag|^-Ededupe|^--max|^-m|^--zD/)) return false;
  if (!chunked && has(options, /^--blobdev|^-Eforce-(?:chunk|inode-blockmap)/)) return false;
  if (has(options, /^-E\^?fragdedupe/) && !has(options, /^-E(?:all-)?fragments/)) return false;
  if (has(options, /^-Explain/) && !has(options, /^--xattr-prefix/)) return false;
  // Metadata and fragments are packed in clusters no larger than those of content.
  if (sizeIn(options, /^-(?:m|E(?:all-)?fragments=)(\d+)/) > Math.max(sizeIn(options, /^-C(\d+)/), 4096)) return false;
  return !(has(options, /^-Eforce-inode-compact/) && has(options, /^--preserve-mtime/));
}
