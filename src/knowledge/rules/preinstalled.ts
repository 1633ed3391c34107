/**
 * Our own YARA rules for families that were found pre-installed on phones. Written for the subset that YARA 4 and YARA-X share: no modules.
 * A rule asks for several things that only that family is known to have together, so that a string in a virus scanner's list or in a newspaper's app does not meet it.
 * `class` and `family` are read by assay; `source` says where the facts were published.
 */
import type { RuleSource } from '../../bytes/index.ts';
import { BADBOX_SERVERS, COPYCAT_SERVERS, SOURCES, TRIADA_SERVERS } from '../packages/index.ts';

/** A rule of strings: all of `all`, and one of `any` where there are any. */
interface StringRule {
  readonly rule: string;
  readonly family: string;
  readonly class: 'malware' | 'adware' | 'riskware';
  readonly source: string;
  readonly all: readonly string[];
  readonly any?: readonly string[];
  /** Needs this many of `any`; one by default. */
  readonly least?: number;
  /** Bytes with gaps, all of them, as YARA writes them; `text` is an example that has them. */
  readonly bytes?: readonly { readonly hex: string; readonly text: string }[];
  /** Only in files that begin so. */
  readonly file: 'dex' | 'elf' | 'code';
}

const RULES: readonly StringRule[] = [
  {
    // A call to this was added to println_native; the loader logs under this tag.
    rule: 'keenadu_runtime',
    family: 'Keenadu',
    class: 'malware',
    source: SOURCES.kaspersky,
    file: 'elf',
    all: ['__log_check_tag_count'],
    any: ['AK_CPP', 'com.action.SystemOptimizeService', 'com.action.SystemProtectService', 'vndx_10x.jar'],
  },
  {
    rule: 'keenadu_loader',
    family: 'Keenadu',
    class: 'malware',
    source: SOURCES.kaspersky,
    file: 'code',
    all: ['com.action.SystemOptimizeService', 'com.action.SystemProtectService'],
  },
  {
    rule: 'keenadu_hosts',
    family: 'Keenadu',
    class: 'malware',
    source: SOURCES.kaspersky,
    file: 'dex',
    all: [],
    any: ['keepgo123.com', 'gsonx.com', 'zcnewy.com'],
    least: 2,
  },
  {
    rule: 'vo1d_hosts',
    family: 'Vo1d',
    class: 'malware',
    source: `${SOURCES.drweb} Android.Vo1d @b9ce4ff3`,
    file: 'code',
    all: [],
    any: ['meiboot.com', 'bitemores.com', '6f33933ce4a5c0e1b32fea736a61351a.com', 'catmos99.com', '/data/google/daemon'],
    least: 2,
  },
  {
    rule: 'vo1d_install',
    family: 'Vo1d',
    class: 'malware',
    source: `${SOURCES.drweb} Android.Vo1d @b9ce4ff3`,
    file: 'code',
    all: ['/system/xbin/vo1d', '/system/xbin/wd'],
  },
  {
    rule: 'backdoor3104_hosts',
    family: 'BackDoor.3104',
    class: 'malware',
    source: `${SOURCES.drweb} Android.BackDoor.3104 @ca0a1c8d`,
    file: 'code',
    all: [],
    any: ['api.genetence.com', 'api.matriature.com', 'api.miretic.com', 'api.sensfaction.com', 'statistics.flurrydata.com'],
    least: 2,
  },
  {
    rule: 'backdoor3104_files',
    family: 'BackDoor.3104',
    class: 'malware',
    source: `${SOURCES.drweb} Android.BackDoor.3104 @ca0a1c8d`,
    file: 'code',
    all: ['PrivteProvide.jar', '.art/'],
  },
  {
    rule: 'adups_client',
    family: 'Adups',
    class: 'riskware',
    source: `${SOURCES.drwebAdups}; ${SOURCES.kryptowire}`,
    file: 'dex',
    all: [],
    any: ['Lcom/adups/fota/', 'Lcom/fw/upgrade/sysoper/'],
  },
  {
    rule: 'cosiloon_packages',
    family: 'Cosiloon',
    class: 'adware',
    source: SOURCES.avast,
    file: 'dex',
    all: [],
    any: ['Lcom/google/eMediaService/', 'Lcom/google/eMusic1Service/', 'Lcom/google/ePlay3Service/', 'Lcom/google/eVideo2Service/'],
  },
  {
    rule: 'darthpusher_service',
    family: 'DarthPusher (Yt Service, 2015)',
    class: 'adware',
    source: `${SOURCES.bluebox}; ${SOURCES.xda2015}`,
    file: 'dex',
    all: ['Lcom/google/hfapservice/'],
  },
  {
    rule: 'phoneguard_service',
    family: 'PhoneGuardService (2015)',
    class: 'malware',
    source: SOURCES.xda2015,
    file: 'dex',
    all: ['Lcom/egame/tonyCore/feicheng/'],
  },
  {
    rule: 'xhelper_core',
    family: 'xHelper',
    class: 'malware',
    source: SOURCES.malwarebytes,
    file: 'dex',
    all: ['Lcom/mufc/'],
  },
  {
    // Functions that were added to libandroid_runtime; the loader is opened out of the library's own data.
    rule: 'triada_runtime',
    family: 'Triada',
    class: 'malware',
    source: SOURCES.xs19pro,
    file: 'elf',
    all: ['DEXNewClassLoaderExt'],
    any: ['load_jm_model', 'jm_model_config', '___andver_log_println', 'set_app_property'],
  },
  {
    // The head of a packed file within a library of the framework: no build of Android puts code in there. Keenadu, Guerrilla and Triada hook the same function, and some carry their loader so.
    rule: 'runtime_with_archive',
    family: 'code within libandroid_runtime, as Triada puts it there',
    class: 'malware',
    source: SOURCES.xs19pro,
    file: 'elf',
    all: ['println_native'],
    bytes: [
      {
        hex: '50 4B 03 04 [26] 4D 45 54 41 2D 49 4E 46 2F 4D 41 4E 49 46 45 53 54 2E 4D 46',
        text: `PK\x03\x04${'\0'.repeat(26)}META-INF/MANIFEST.MF`,
      },
    ],
  },
  {
    rule: 'triada_hosts',
    family: 'Triada',
    class: 'malware',
    source: SOURCES.xs19pro,
    file: 'code',
    all: [],
    any: TRIADA_SERVERS,
    least: 2,
  },
  {
    rule: 'badbox_hosts',
    family: 'BADBOX 2.0',
    class: 'malware',
    source: SOURCES.human,
    file: 'code',
    all: [],
    any: BADBOX_SERVERS,
    least: 2,
  },
  {
    rule: 'copycat_hosts',
    family: 'CopyCat',
    class: 'adware',
    source: SOURCES.checkPoint,
    file: 'code',
    all: [],
    any: COPYCAT_SERVERS,
    least: 2,
  },
  {
    // Its parts lie in the app under the names of a game's resources.
    rule: 'dvmap_parts',
    family: 'Dvmap',
    class: 'malware',
    source: SOURCES.dvmap,
    file: 'code',
    all: ['Game321.res', 'Game322.res', 'Game323.res', 'Game324.res'],
  },
  {
    rule: 'chrysaor_agent',
    family: 'Chrysaor (Pegasus for Android)',
    class: 'malware',
    source: SOURCES.chrysaor,
    file: 'dex',
    all: ['Lcom/network/android/', '/data/reinslock'],
  },
  {
    rule: 'pandora_daemon',
    family: 'Pandora',
    class: 'malware',
    source: `${SOURCES.drweb} Android.Pandora @2c8ac6db`,
    file: 'code',
    all: ['pandoraspear'],
    any: ['pcn.panddna.com', 'ok3.mflve.com', 'apz.bsaldo.com', 'abcr.ftsym1.com', 'romatotti520.oicp.io', 'fadfatest.pneydn.com'],
  },
];

/** Only programs: a list of names or hosts, as blockers and scanners keep, is none. */
const HEAD: Readonly<Record<StringRule['file'], string>> = {
  dex: 'uint32(0) == 0x0a786564',
  elf: 'uint32(0) == 0x464c457f',
  code: '(uint32(0) == 0x0a786564 or uint32(0) == 0x464c457f)',
};

const quoted = (text: string) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

function textOf({ rule, family, class: kind, source, all, any = [], least = 1, bytes = [], file }: StringRule): string {
  const strings = [
    ...all.map((text, i) => `    $all${i} = ${quoted(text)} ascii wide`),
    ...any.map((text, i) => `    $any${i} = ${quoted(text)} ascii wide`),
    ...bytes.map(({ hex }, i) => `    $bytes${i} = { ${hex} }`),
  ];
  const wants = [
    HEAD[file],
    ...(all.length === 0 ? [] : ['all of ($all*)']),
    ...(any.length === 0 ? [] : [`${least} of ($any*)`]),
    ...(bytes.length === 0 ? [] : ['all of ($bytes*)']),
  ];
  return `rule ${rule} {\n  meta:\n    family = ${quoted(family)}\n    class = ${quoted(kind)}\n    source = ${quoted(source)}\n  strings:\n${strings.join('\n')}\n  condition:\n    ${wants.join(' and ')}\n}\n`;
}

/** Our rules as one source. */
export const builtinRules: RuleSource = { name: 'assay', text: RULES.map(textOf).join('\n') };

/** For tests: what meets each rule, in its parts. */
export const ruleParts: readonly Pick<StringRule, 'rule' | 'all' | 'any' | 'least' | 'bytes' | 'file' | 'family'>[] = RULES;
