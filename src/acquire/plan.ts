/**
 * The collection plan: what is read from a phone, as data. The runner (`run-plan.ts`) knows no item by name.
 *
 * How shell items are sent. Several items go in one command, so that a round trip is paid once. With `N` a fresh nonce of 16 hex digits:
 *
 *     N=0123456789abcdef
 *     echo;echo "@$N b 0"
 *     ( SCRIPT OF ITEM 0
 *     ) </dev/null;r=$?;echo;echo "@$N e 0 $r"
 *     …
 *
 * On shell v2 the same marks go to standard error (`>&2`) too. An item's output is what lies between the newline that ends its `b` mark and the newline
 * before its `e` mark. The marks carry the nonce because files and properties cannot know it; the shell itself can forge them, as it can anything.
 * `$U` in the scripts of items that are read for each user is replaced by the user's number before sending.
 *
 * The scripts keep to what mksh and toolbox of Android 4.4, and mksh and toybox of later ones, do alike: `;`, `&&`, `if [ … ]; then … elif … else … fi`
 * with -e -f -d -r -L, `for x in WORDS; do … done` with globs, `"$x"`, `$?`, `echo` (a TAB is written as one), `read -r v < "$f"`, `2>&1`, `2>/dev/null`, `$(…)` (in the probe only).
 *
 * Formats of our own artefacts:
 *
 * - `probe`: lines `key<TAB>value`: `id`, `uname`, `date` (seconds), `sdk`, `serial`, `fingerprint`, `context` (of `stat -c %C /`), and one `tool<TAB>NAME` for each tool found.
 * - `sys/cpu`, `sys/names`: lines `path<TAB>first line of the file`.
 * - `stat`: lines `S %D %i %s %a %u %g %C %n` of stat(1), and `F %T %n` of `stat -f`; without stat(1) `ls -lZd` and `ls -ld` lines.
 * - bundles (`slots`, `sockets`, `iphonesubinfo`): sections, each begun by a line `NONCE NAME`; the first line gives the nonce away.
 * - `file-list`: first line `NONCE file-list/1 stat ROOT`; then lines `NONCE %f %u %g %s %Y %C %N` of toybox stat: mode in hex, uid, gid, size, seconds, context or `?`,
 *   name with `` -> `target' `` for a link. A line that does not begin with the nonce continues the name before it. `NONCE link` and `NONCE absent` where the root is no folder.
 *   With `ls` instead of `stat`: the output of `ls -laR`, then `NONCE context`, then that of `ls -aRZ`.
 * - `file-hashes`: first line `NONCE file-hashes/1 ROOT`; then sha256sum's own lines.
 * - `root-binaries`: a line `NONCE root-binaries/1`, then one path a line. `ca-certificates`: `FOLDER:` and its names, for the folders that may be read. `ls/…`: the output of `ls -l`.
 * - `texts`: a tar whose members are named by their paths on the phone.
 * - `adb`, `usb`, `canary`: JSON, schemas in `evidence/own/`.
 */
import { fileItems } from './plan/files.ts';
import { packageItems } from './plan/packages.ts';
import { serviceItems } from './plan/services.ts';
import { identityItems, stateItems, volatileItems } from './plan/state.ts';
import { MIB, ORDER, type PlanItem, shellItem } from './plan-types.ts';

/** Tools that the probe looks for, and that variants name. */
export const PROBE_TOOLS = [
  'find',
  'stat',
  'sha256sum',
  'toybox',
  'toolbox',
  'lshal',
  'lpdump',
  'tradeinmode',
  'bugreportz',
  'cmd',
  'wm',
  'bootctl',
] as const;

/** Sent first, alone: who we are on the phone, its clock, its tools. */
export const probeItem: PlanItem = shellItem(
  { id: 'probe', artefact: 'probe.txt', kind: 'probe' },
  `echo "id\t$(id)"; echo "uname\t$(uname -a 2>/dev/null)"; echo "date\t$(date +%s)"; echo "sdk\t$(getprop ro.build.version.sdk)"; echo "serial\t$(getprop ro.serialno)"; echo "fingerprint\t$(getprop ro.build.fingerprint)"; echo "context\t$(stat -c %C / 2>/dev/null)"; for t in ${PROBE_TOOLS.join(' ')}; do if command -v $t >/dev/null 2>&1; then echo "tool\t$t"; fi; done`,
  ['tools', 'which commands this phone has; the phone’s clock against ours'],
  { order: 'identity', limit: MIB, origin: 'probe' },
);

/** Trade-in Mode (Android 16): offered before the setup wizard, by a daemon that runs nothing else. `evaluate` ends in a wipe: it is in no plan. */
export const tradeInItem: PlanItem = shellItem(
  { id: 'tradeinmode', artefact: 'tradeinmode.json', kind: 'tradeinmode' },
  'tradeinmode getstatus',
  ['trade-in status', 'IMEI, serial, locks and parts as a phone says them before it is set up'],
  { order: 'identity', since: 36, limit: MIB, origin: 'tradeinmode getstatus' },
);

/** Every item of the full plan in the order of reading. */
export const plan: readonly PlanItem[] = [
  ...identityItems,
  ...volatileItems,
  ...stateItems,
  ...serviceItems,
  ...packageItems,
  ...fileItems,
].toSorted((a, b) => ORDER.indexOf(a.order) - ORDER.indexOf(b.order));

/** What other tools read and we do not, with the reason: the report says so. */
export const notRead: readonly { readonly what: string; readonly because: string }[] = [
  { what: 'messages, photos, accounts, contacts, call lists, what was typed or copied', because: 'personal content' },
  { what: 'backup (androidqf backup.ab)', because: 'personal content' },
  { what: 'intrusion logs (Android 16 Advanced Protection)', because: 'they belong to the owner, who can export them' },
  { what: 'bug report', because: 'holds personal content; read on request' },
  { what: 'files on shared storage other than packages', because: 'personal content' },
  { what: 'plain vendor files, partitions', because: 'the shell may not read them on Android 8 and later' },
];
