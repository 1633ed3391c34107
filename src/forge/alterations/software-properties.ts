import type { AlterationEntry } from './catalogue.ts';
import { all, isNew, isOld, setuidSu, systemApp, withProperties, withRuntimeProperties, withText } from './edit.ts';

export const propertyAlterations: readonly AlterationEntry[] = [
  {
    id: 'version-string',
    title: 'A newer Android version in build.prop',
    level: 'framework',
    axis: 'software',
    nature: 'modified',
    apply: (phone) => withProperties({ 'ro.build.version.release': isOld(phone) ? '10' : '18' })(phone),
  },
  {
    id: 'version-everywhere',
    title: 'A newer Android version and API level in every property, on the old system',
    level: 'framework',
    axis: 'software',
    fits: isOld,
    apply: (phone) =>
      withProperties({
        'ro.build.version.release': '10',
        'ro.build.version.sdk': '29',
        'ro.build.description': (phone.properties['ro.build.description'] ?? '').replace(/ \d+(\.\d+)* /, ' 10 '),
        'ro.build.fingerprint': (phone.properties['ro.build.fingerprint'] ?? '').replace(/:\d+(\.\d+)*\//, ':10/'),
      })(phone),
  },
  {
    id: 'model-by-property-service',
    title: 'The model name of a dearer phone by a hooked property service',
    level: 'framework',
    axis: 'software',
    nature: 'modified',
    apply: (phone) =>
      withRuntimeProperties(
        phone.properties['ro.product.brand'] === 'samsung'
          ? { 'ro.product.model': 'Pixel 8 Pro', 'ro.product.brand': 'google', 'ro.product.manufacturer': 'Google' }
          : { 'ro.product.model': 'SM-S918B', 'ro.product.brand': 'samsung', 'ro.product.manufacturer': 'samsung' },
      )(phone),
  },
  {
    id: 'fingerprint-of-another-build',
    title: 'The fingerprint of another build, to pass a certification test',
    level: 'framework',
    axis: 'software',
    nature: 'modified',
    apply: withRuntimeProperties({ 'ro.build.fingerprint': 'google/walleye/walleye:8.1.0/OPM1.171019.011/4448085:user/release-keys' }),
  },
  {
    id: 'reseller-version',
    title: 'A reseller’s unofficial MIUI with another digit group in its version',
    level: 'framework',
    axis: 'software',
    nature: 'modified',
    fits: (phone) => (phone.properties['ro.miui.ui.version.name'] ?? '') !== '',
    apply: (phone) => {
      const build = phone.properties['ro.build.version.incremental'] ?? 'V14.0.7.0.TMCMIXM';
      const longer = build.startsWith('V') ? build.replace(/^(V?\d+(?:\.\d+){2})/, '$1.0.0') : 'V6.3.3.0.0.KXDMIBL';
      return all(
        withProperties({ 'ro.build.version.incremental': longer }),
        systemApp('com.reseller.market', 'retailer', { privileged: true }),
      )(phone);
    },
  },
  {
    id: 'debuggable',
    title: 'A debuggable system that says it is a user build',
    level: 'framework',
    axis: 'software',
    nature: 'modified',
    apply: withProperties({ 'ro.debuggable': '1', 'ro.secure': '0', 'ro.adb.secure': '0' }),
  },
  {
    id: 'green-forged',
    title: 'Green boot state in the properties of an unlocked phone',
    level: 'bootloader',
    axis: 'software',
    nature: 'modified',
    fits: isNew,
    apply: (phone) => ({
      ...withRuntimeProperties({
        'ro.boot.verifiedbootstate': 'green',
        'ro.boot.flash.locked': '1',
        'ro.boot.vbmeta.device_state': 'unlocked',
      })(phone),
      fastboot: phone.fastboot.map(([name, value]) => (name === 'unlocked' ? ([name, 'yes'] as const) : ([name, value] as const))),
    }),
  },
  {
    id: 'relocked-own-key',
    title: 'Relocked with a key of the adversary’s own',
    level: 'bootloader',
    axis: 'software',
    nature: 'modified',
    fits: isNew,
    apply: withRuntimeProperties({ 'ro.boot.verifiedbootstate': 'yellow', 'ro.boot.flash.locked': '1' }),
  },
  {
    id: 'unlocked-orange',
    title: 'Unlocked bootloader, with a patched boot image that hides nothing',
    level: 'bootloader',
    axis: 'software',
    nature: 'modified',
    fits: isNew,
    apply: all(
      withRuntimeProperties({
        'ro.boot.verifiedbootstate': 'orange',
        'ro.boot.flash.locked': '0',
        'ro.boot.vbmeta.device_state': 'unlocked',
      }),
      (phone) => ({ ...setuidSu(phone), shell: { ...phone.shell, su: 'grants' } }),
    ),
  },
  {
    id: 'scripted-device',
    title: 'A daemon that answers known questions from a script',
    level: 'kernel',
    axis: 'software',
    nature: 'modified',
    // The script is of one phone: on another of the same age nothing contradicts it.
    fits: isOld,
    apply: (phone) => ({
      ...phone,
      behaviours: {
        ...phone.behaviours,
        answers: [
          ...phone.behaviours.answers,
          { program: 'getprop', args: ['ro.build.version.sdk'], stdout: '35\n' },
          {
            program: 'cat',
            args: ['/proc/version'],
            stdout: 'Linux version 6.1.75-android14-11 (build@host) (Android clang version 17.0.2) #1 SMP PREEMPT\n',
          },
        ],
      },
    }),
  },
  {
    id: 'kernel-of-another-age',
    title: 'A kernel older than any this Android version can run on',
    level: 'kernel',
    axis: 'software',
    nature: 'mixed',
    fits: isNew,
    apply: (phone) =>
      withText(
        '/proc/version',
        () => 'Linux version 3.4.67 (root@builder) (gcc version 4.7 (GCC) ) #1 SMP PREEMPT Mon Mar 2 18:12:15 CST 2015\n',
      )({
        ...phone,
        kernel: { ...phone.kernel, release: '3.4.67', version: '#1 SMP PREEMPT Mon Mar 2 18:12:15 CST 2015' },
      }),
  },
];
