import { type Fact, factsOf } from '../../evidence/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { claimedSdk } from './images.ts';

const GROUP = 'version-behaviour';

export const apexesAgainstVersion = defineCheck({
  id: 'properties.version-apex',
  axis: 'software',
  title: 'APEX modules against the claimed version',
  what: 'Names under /apex against ro.build.version.sdk.',
  why: 'From Android 10 on the runtime comes in APEX modules; before it there are none. A version string does not change that.',
  benign: ['A folder that could not be listed is not examined.'],
  confirm: 'ls /apex; start `app_process` and look where its runtime lies.',
  strength: 'conclusive',
  impossible:
    'The runtime of Android 10 and later is com.android.runtime or com.android.art and lies under /apex; without it no app process starts. Systems before it have no apexd that could make the folder’s contents.',
  standing: 'told',
  needs: ['properties', 'apexes'],
  settledBy: 'ls /apex',
  group: GROUP,
  causes: ['property-edit'],
  catches: 'framework',
  spec: ['source.android.com/docs/core/ota/apex'],
  run({ facts }) {
    const claimed = claimedSdk(facts);
    if (claimed === undefined) return notChecked('the phone does not state its API level', 'getprop');
    const findings = factsOf(facts, 'apexes').flatMap((fact): readonly Draft[] => {
      const names = fact.value.map(({ value }) => value);
      // Lists of fewer modules are parts of one: a system has at least a dozen.
      const runtime = names.some((name) => /^com\.(?:google\.)?android\.(?:runtime|art)\b/.test(name));
      const old = claimed.sdk < 29 && runtime;
      const none = claimed.sdk >= 29 && !runtime && (names.length === 0 || names.length > 5);
      if (!old && !none) return [];
      return [
        {
          claimed: `API level ${claimed.sdk}`,
          observed:
            names.length === 0
              ? 'no APEX module'
              : `${names.length} APEX modules, ${runtime ? 'among them the runtime' : 'none of them the runtime'}`,
          because: old ? 'Systems before API level 29 have no APEX modules.' : 'Systems from API level 29 on have their runtime in one.',
          standing: fact.standing,
          evidence: [claimed.stated.place, fact.place],
          nature: 'modified',
        },
      ];
    });
    return failOrPass(findings, 'shown');
  },
});

/** Services that SystemServer starts on every phone, without a condition, from this API level on. Source: AOSP frameworks/base/services/java/com/android/server/SystemServer.java by tag. */
const SERVICES: readonly (readonly [sdk: number, names: readonly string[]])[] = [
  [21, ['jobscheduler', 'launcherapps', 'media_session', 'batterystats']],
  [26, ['overlay', 'storagestats', 'otadexopt']],
  [28, ['system_update', 'crossprofileapps', 'slice']],
  [29, ['activity_task', 'role', 'device_config', 'color_display', 'rollback', 'uri_grants']],
  [30, ['platform_compat', 'blob_store', 'file_integrity', 'lights']],
  [31, ['app_hibernation', 'domain_verification', 'legacy_permission', 'media_communication']],
  [34, ['grammatical_inflection', 'credential', 'device_lock']],
];
/** Fewer services are a part of the list: every system since Android 5 has more. */
const WHOLE_LIST = 60;

export const servicesAgainstVersion = defineCheck({
  id: 'properties.version-services',
  axis: 'software',
  title: 'System services against the claimed version',
  what: 'The list of binder services against ro.build.version.sdk: services that a version always has, and services of later versions.',
  why: 'Fakes that say Android 14 run Android 5 to 8. What the system does not have it cannot list.',
  benign: [
    'Makers remove single services and take single ones of later versions over: all of a version’s must be missing, or most of several later ones’ there.',
  ],
  confirm: 'service list; try a command of the claimed version, as `cmd role`.',
  strength: 'conclusive',
  impossible:
    'The system server starts these services without any condition, and fails to start itself where one of them cannot. A system that has none of those of an API level is older than it.',
  standing: 'told',
  needs: ['properties', 'services'],
  settledBy: 'service list',
  group: GROUP,
  causes: ['property-edit'],
  catches: 'framework',
  spec: ['AOSP frameworks/base/services/java/com/android/server/SystemServer.java'],
  run({ facts }) {
    const claimed = claimedSdk(facts);
    if (claimed === undefined) return notChecked('the phone does not state its API level', 'getprop');
    const lists = factsOf(facts, 'services').filter(({ value }) => value.length >= WHOLE_LIST);
    if (lists.length === 0) return notChecked('no whole list of services was read', 'service list');
    const findings = lists.flatMap((fact): readonly Draft[] => {
      const names = new Set(fact.value.map(({ value }) => value));
      const missing = SERVICES.filter(([sdk, all]) => sdk <= claimed.sdk && all.every((name) => !names.has(name)));
      const later = SERVICES.filter(([sdk, all]) => sdk > claimed.sdk && all.filter((name) => names.has(name)).length >= 3);
      const draft = (observed: string, because: string, weak: boolean): Draft => ({
        claimed: `API level ${claimed.sdk}`,
        observed,
        because,
        standing: fact.standing,
        evidence: [claimed.stated.place, fact.place],
        nature: 'modified',
        ...(weak ? { strength: 'weak' as const } : {}),
      });
      const [lacks] = missing;
      const [has] = later;
      if (lacks !== undefined)
        return [
          draft(`none of ${lacks[1].join(', ')}`, `Every system from API level ${lacks[0]} on has these services.`, lacks[1].length < 4),
        ];
      return has === undefined
        ? []
        : [draft(has[1].filter((name) => names.has(name)).join(', '), `These services came with API level ${has[0]}.`, true)];
    });
    return failOrPass(findings, 'shown');
  },
});

export const adbAgainstVersion = defineCheck({
  id: 'properties.version-adb',
  axis: 'software',
  title: 'Features of the ADB daemon against the claimed version',
  what: 'The features in the daemon’s banner against ro.build.version.sdk.',
  why: 'The daemon of the real system answers, whatever the version string says: those before Android 7 have no shell protocol.',
  benign: [
    'A server or a proxy between may hide features.',
    'Daemons of later versions are put on old phones by developers; that direction is no finding.',
  ],
  confirm: 'Connect without a server in between, and read the banner.',
  strength: 'weak',
  standing: 'told',
  needs: ['properties', 'adb'],
  settledBy: 'a direct ADB connection',
  group: GROUP,
  causes: ['property-edit', 'tool'],
  catches: 'framework',
  spec: ['AOSP packages/modules/adb/transport.cpp, supported_features'],
  run({ facts }) {
    const claimed = claimedSdk(facts);
    const connections = factsOf(facts, 'adb').filter(({ value }) => value.transport !== 'server');
    if (claimed === undefined || connections.length === 0)
      return notChecked('no direct connection, or no API level', 'a direct ADB connection');
    if (claimed.sdk < 24) return failOrPass([], 'shown');
    return failOrPass(
      connections.filter(({ value }) => !value.features.includes('shell_v2')).map((fact) => withoutShell(fact, claimed)),
      'shown',
    );
  },
});

function withoutShell(fact: Fact<'adb'>, claimed: NonNullable<ReturnType<typeof claimedSdk>>): Draft {
  return {
    claimed: `API level ${claimed.sdk}`,
    observed: fact.value.features.length === 0 ? 'a daemon without features' : `features ${fact.value.features.join(', ')}`,
    because: 'Every daemon from Android 7 on has shell_v2.',
    standing: fact.standing,
    evidence: [claimed.stated.place, fact.place],
    nature: 'modified',
  };
}
