/** The recordings of genuine phones in a data folder, each phone with everything that was recorded of it: for measuring rules and for conformance. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { bytesSource } from '../src/bytes/index.ts';
import {
  type Artefact,
  type ArtefactKind,
  type Capture,
  type CaptureTrust,
  type Facts,
  factsOf,
  property,
  readFacts,
} from '../src/evidence/index.ts';

export interface GenuineDevice {
  /** The recording's name, as in `galaxy-s9-global`. */
  readonly name: string;
  readonly capture: Capture;
  readonly facts: Facts;
  /** As in `samsung`; `unknown` where nothing says. */
  readonly maker: string;
  /** `2011-2014` (Android 4), `2015-2017` (5 to 7), `2018-2020` (8 to 10), `2021-` (11 and later), `unknown`. */
  readonly era: string;
}

/** Development boards and servers in the collection: genuine, but no phones. */
const NO_PHONES = /^(?:scaleway|raspberrypi|jetson|odroid|pandaboard|beagleboard|arndaleboard|msm8996$)/;

interface Found {
  readonly kind: ArtefactKind;
  readonly path: string;
  readonly origin: string | undefined;
}

/** Reads every phone of `devices/` under the folder; empty where there is none. Of a 64-bit phone's two views of /proc/cpuinfo its own is taken. */
export async function genuineDevices(dataDir: string, trust: CaptureTrust = 'live'): Promise<readonly GenuineDevice[]> {
  const root = join(dataDir, 'devices');
  const byName = new Map<string, Found[]>();
  const add = (name: string, found: Found) => byName.set(name, [...(byName.get(name) ?? []), found]);
  const files = (folder: string) => (existsSync(join(root, folder)) ? readdirSync(join(root, folder)).toSorted() : []);
  const each = (folder: string, suffix: string, kind: ArtefactKind, origin?: string) => {
    for (const file of files(folder))
      if (file.endsWith(suffix)) add(basename(file, suffix).replaceAll('_', '-'), { kind, path: join(root, folder, file), origin });
  };
  each('cpuinfo-mock', '.json.gz', 'device-set');
  each('proc-cpuinfo', '.txt', 'proc/cpuinfo', '/proc/cpuinfo');
  each('dmesg', '.txt.gz', 'dmesg');
  each('props/cpuinfo-build.prop', '.prop', 'build.prop', '/system/build.prop');
  each('props/getprop', '.txt', 'getprop');
  for (const folder of files('props-modern')) {
    if (folder.endsWith('.tsv')) continue;
    for (const file of files(join('props-modern', folder)))
      if (file.endsWith('.prop')) add(folder, { kind: 'build.prop', path: join(root, 'props-modern', folder, file), origin: file });
  }
  const devices: GenuineDevice[] = [];
  for (const [name, found] of byName) {
    // The 32-bit view of a phone stands under its own name in the collection; it is not another phone.
    if (NO_PHONES.test(name) || name.endsWith('.armeabi')) continue;
    const sets = found.some(({ kind }) => kind === 'device-set');
    // The set holds the same /proc/cpuinfo.
    const taken = found.filter(({ kind }) => !(sets && kind === 'proc/cpuinfo'));
    devices.push(await deviceOf(name, taken, trust));
  }
  return devices;
}

async function deviceOf(name: string, found: readonly Found[], trust: CaptureTrust): Promise<GenuineDevice> {
  const artefacts = found.map(({ kind, path, origin }): Artefact => {
    const raw = readFileSync(path);
    const unpacked = path.endsWith('.gz') ? gunzipSync(raw) : raw;
    // Summaries of dumps give the fingerprint of vendor or odm under a key of their own.
    const bytes = path.endsWith('readme.prop')
      ? Buffer.from(unpacked.toString('utf8').replace(/^vendor_or_odm\.fingerprint=/m, 'ro.vendor.build.fingerprint='))
      : unpacked;
    return { name: `${kind.replaceAll('/', '-')}-${basename(path)}`, kind, origin, source: bytesSource(new Uint8Array(bytes)) };
  });
  const capture: Capture = { trust, origin: 'recording', takenAt: undefined, artefacts, items: [], changes: [], claims: {}, unused: [] };
  const facts = await readFacts(capture);
  const said = (keys: readonly string[]) => {
    for (const key of keys)
      for (const fact of factsOf(facts, 'properties')) {
        const value = property(fact.value, key)?.value.trim();
        if (value !== undefined && value !== '') return value;
      }
    return undefined;
  };
  const fingerprint = said([
    'ro.build.fingerprint',
    'ro.vendor.build.fingerprint',
    'ro.system.build.fingerprint',
    'ro.odm.build.fingerprint',
    'ro.bootimage.build.fingerprint',
  ]);
  const maker =
    said(['ro.product.brand', 'ro.product.system.brand', 'ro.product.vendor.brand']) ?? fingerprint?.split('/')[0] ?? name.split('-')[0];
  const release = said(['ro.build.version.release', 'ro.system.build.version.release', 'ro.vendor.build.version.release']);
  return { name, capture, facts, maker: (maker ?? 'unknown').toLowerCase(), era: eraOf(Number(release?.split('.')[0])) };
}

function eraOf(major: number): string {
  if (!(major > 0)) return 'unknown';
  if (major <= 4) return '2011-2014';
  if (major <= 7) return '2015-2017';
  return major <= 10 ? '2018-2020' : '2021-';
}
