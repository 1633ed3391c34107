/**
 * Our own YARA rules for families that were found pre-installed on phones. Written for the subset that YARA 4 and YARA-X share: no modules.
 * A rule asks for several things that only that family is known to have together, so that a string in a virus scanner's list or in a newspaper's app does not meet it.
 * `class` and `family` are read by assay; `source` says where the facts were published.
 */
import type { RuleSource } from '../../bytes/index.ts';
import { SOURCES } from '../packages/index.ts';

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
];

/** Only programs: a list of names or hosts, as blockers and scanners keep, is none. */
const HEAD: Readonly<Record<StringRule['file'], string>> = {
  dex: 'uint32(0) == 0x0a786564',
  elf: 'uint32(0) == 0x464c457f',
  code: '(uint32(0) == 0x0a786564 or uint32(0) == 0x464c457f)',
};

const quoted = (text: string) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

function textOf({ rule, family, class: kind, source, all, any = [], least = 1, file }: StringRule): string {
  const strings = [
    ...all.map((text, i) => `    $all${i} = ${quoted(text)} ascii wide`),
    ...any.map((text, i) => `    $any${i} = ${quoted(text)} ascii wide`),
  ];
  const wants = [HEAD[file], ...(all.length === 0 ? [] : ['all of ($all*)']), ...(any.length === 0 ? [] : [`${least} of ($any*)`])];
  return `rule ${rule} {\n  meta:\n    family = ${quoted(family)}\n    class = ${quoted(kind)}\n    source = ${quoted(source)}\n  strings:\n${strings.join('\n')}\n  condition:\n    ${wants.join(' and ')}\n}\n`;
}

/** Our rules as one source. */
export const builtinRules: RuleSource = { name: 'assay', text: RULES.map(textOf).join('\n') };

/** For tests: what meets each rule, in its parts. */
export const ruleParts: readonly Pick<StringRule, 'rule' | 'all' | 'any' | 'least' | 'file' | 'family'>[] = RULES;
