/**
 * Alterations of the software axis: archives that deceive the verifier, or those who take apps apart (forge/apk-recipe.ts makes them).
 * All lie in the system, whose apps no release of Android verifies byte by byte when it starts: there even tricks that a platform's installer refuses run.
 */
import { type ApkTrick, seeded } from '../content.ts';
import type { VirtualPhone } from '../phone.ts';
import type { AlterationEntry } from './catalogue.ts';
import { all, hasPackage, isNew, isOld, systemApp, withApk, withFile, withSigner } from './edit.ts';

/** An app of the maker's platform key that every phone has, and that is pulled wherever it lies. */
const VICTIM = 'com.android.settings';

const row = (
  id: string,
  title: string,
  apply: AlterationEntry['apply'],
  fits: (phone: VirtualPhone) => boolean = () => true,
): AlterationEntry => ({ id, title, level: 'framework', axis: 'software', nature: 'modified', fits, apply });

/** The maker's app, changed behind its own signature. */
const behind = (id: string, title: string, trick: ApkTrick, fits?: (phone: VirtualPhone) => boolean): AlterationEntry =>
  row(id, title, withApk(VICTIM, { trick }), fits);

/** A stranger's app that hides what it holds. */
const hidden = (id: string, title: string, trick: ApkTrick): AlterationEntry =>
  row(id, title, systemApp('com.retail.helper', 'retailer', { privileged: true, made: { trick } }));

/** Every package of the platform's key, under another: what a ROM built from the maker's parts has. */
function resigned(phone: VirtualPhone): VirtualPhone {
  const platform = phone.packages.find(({ name }) => name === 'android')?.signer;
  return all(...phone.packages.filter(({ signer }) => signer === platform).map(({ name }) => withSigner(name, 'rom-builder')))(phone);
}

export const apkAlterations: readonly AlterationEntry[] = [
  behind('apk-janus', 'Code before the settings app’s archive, behind the maker’s v1 signature (Janus)', 'janus'),
  behind('apk-master-key-duplicate', 'Settings with code twice: one verified, one loaded (bug 8219321)', 'master-key-duplicate', isOld),
  behind('apk-master-key-extra', 'Settings with an extra field read as negative (bug 9695860)', 'master-key-extra', isOld),
  behind('apk-master-key-name', 'Settings with a name of two lengths (bug 9950697)', 'master-key-name', isOld),
  row(
    'apk-fake-id',
    'An app whose chain names the maker, who never signed it (FakeID)',
    (phone) =>
      systemApp('com.retail.helper', 'retailer', {
        made: { trick: 'fake-id', other: phone.packages.find(({ name }) => name === 'android')?.signer ?? 'maker' },
      })(phone),
    isOld,
  ),
  behind('apk-stripped-v3', 'Settings whose newer signatures were taken off', 'stripped-v3', isNew),
  behind('apk-injected-dex', 'One more code file in settings, that no signature covers', 'injected-dex'),
  row('apk-repackaged', 'The maker’s HTML viewer with a payload, under a stranger’s key', (phone) =>
    withApk('com.android.htmlviewer', {
      trick: 'repackaged',
      signer: 'retailer',
      other: phone.packages.find(({ name }) => name === 'com.android.htmlviewer')?.signer ?? 'maker',
    })(phone),
  ),
  row(
    'apk-downgraded',
    'The maker’s settings app of an older release, under the maker’s own key',
    withApk(VICTIM, { versionCode: 1, versionName: '0.9' }),
  ),
  row('platform-resigned', 'The whole platform signed anew by whoever built the ROM', resigned, hasPackage('android')),
  hidden('apk-packed-encrypted', 'A preloaded app marked encrypted without being so', 'packed-encrypted'),
  hidden('apk-packed-methods', 'A preloaded app under compression methods that do not exist', 'packed-methods'),
  hidden('apk-packed-sizes', 'A preloaded app with forged sizes', 'packed-sizes'),
  hidden('apk-packed-names', 'A preloaded app with a name longer than file systems hold', 'packed-names'),
  hidden('apk-packed-manifest', 'A preloaded app whose manifest Android reads and tools do not', 'packed-manifest'),
  row(
    'framework-runtime-trojan',
    'A changed libandroid_runtime, which every app loads, and its payload (Keenadu)',
    all(
      withFile('/system/lib/libandroid_runtime.so', { content: seeded('runtime-changed', 80_000) }),
      withFile('/system/lib/libVndxUtils.a', { content: seeded('vndx', 30_000) }),
    ),
  ),
];
