/** Small edits of a virtual phone, from which alterations are put together. Each answers a new phone. */
import { type ApkRecipe, apk as apkContent, type Content, seeded, text } from '../content.ts';
import type { Alteration, PhoneFile, PhonePackage, PhoneProcess, VirtualPhone } from '../phone.ts';

/** Does several alterations, one after the other. */
export const all =
  (...steps: readonly Alteration[]): Alteration =>
  (phone) =>
    steps.reduce((altered, step) => step(altered), phone);

/** Sets what getprop answers, and nothing else: what a hooked property service does (`resetprop`). */
export const withRuntimeProperties =
  (values: Readonly<Record<string, string>>): Alteration =>
  (phone) => ({ ...phone, properties: { ...phone.properties, ...values } });

/** Sets properties in force and in the files that state them: what an edited build.prop does. */
export const withProperties =
  (values: Readonly<Record<string, string>>): Alteration =>
  (phone) => {
    let altered = withRuntimeProperties(values)(phone);
    for (const [path, file] of phone.files) {
      if (!/\/(build|default)\.prop$/.test(path) || file.content?.kind !== 'text') continue;
      const lines = file.content.text.split('\n').map((line) => {
        const key = line.slice(0, line.indexOf('='));
        return key in values && !line.startsWith('#') ? `${key}=${values[key]}` : line;
      });
      altered = withFile(path, { content: text(lines.join('\n')) })(altered);
    }
    return altered;
  };

const PLAIN: PhoneFile = { type: 'file', mode: 0o644, uid: 0, gid: 0, context: 'u:object_r:system_file:s0', mtime: 1_420_070_400 };

/** Adds a file, or changes fields of the one that is there. */
export const withFile =
  (path: string, fields: Partial<PhoneFile>): Alteration =>
  (phone) => {
    const files = new Map(phone.files);
    files.set(path, { ...(files.get(path) ?? PLAIN), ...fields });
    return { ...phone, files };
  };

/** Replaces the text of a file, by a function of what it was. A phone without the file stays as it is. */
export const withText =
  (path: string, change: (before: string) => string): Alteration =>
  (phone) => {
    const before = phone.files.get(path)?.content;
    return before?.kind === 'text' ? withFile(path, { content: text(change(before.text)) })(phone) : phone;
  };

/** Another number of the board, in every place that states it: the bootloader's, and what kernel, properties and USB make of it. */
export const withSerial =
  (serial: string): Alteration =>
  (phone) =>
    withText('/proc/cmdline', (before) => before.replace(/androidboot\.serialno=\S+/, `androidboot.serialno=${serial}`))({
      ...phone,
      properties: { ...phone.properties, 'ro.serialno': serial, 'ro.boot.serialno': serial },
      identifiers: { ...phone.identifiers, serial },
      usb: phone.usb.map((descriptor) => ({ ...descriptor, serial: descriptor.serial === undefined ? undefined : serial })),
      fastboot: phone.fastboot.map(([name, value]) => (name === 'serialno' ? ([name, serial] as const) : ([name, value] as const))),
    });

export const withProcess =
  (process: Omit<PhoneProcess, 'pid' | 'parent' | 'vszKiB' | 'rssKiB'>): Alteration =>
  (phone) => {
    const pid = Math.max(100, ...phone.processes.map((other) => other.pid)) + 1;
    return { ...phone, processes: [...phone.processes, { pid, parent: 1, vszKiB: 20_000, rssKiB: 4000, ...process }] };
  };

/** What an added package needs; the rest is as for most. */
export interface AddedPackage {
  readonly name: string;
  readonly path: string;
  /** The signing identity (content.ts). */
  readonly signer: string;
  readonly system: boolean;
  readonly privileged?: boolean;
  readonly installer?: string | null;
  readonly granted?: readonly string[];
  readonly sharedUser?: string;
  readonly versionCode?: number;
  readonly handlers?: PhonePackage['handlers'];
  readonly accessibilityServices?: readonly string[];
  /** How its APK is not plain. */
  readonly made?: Pick<ApkRecipe, 'trick' | 'other'>;
}

/** Installs a package: its APK in the tree and its entry in the package manager. */
export const withPackage =
  (added: AddedPackage): Alteration =>
  (phone) => {
    const versionCode = added.versionCode ?? 1;
    const entry: PhonePackage = {
      name: added.name,
      uid: Math.max(10_100, ...phone.packages.map(({ uid }) => uid)) + 1,
      paths: [added.path],
      versionCode,
      versionName: '1.0',
      minSdk: 14,
      targetSdk: Math.min(phone.sdk, 28),
      system: added.system,
      privileged: added.privileged ?? false,
      updatedSystem: false,
      installer: added.installer ?? null,
      firstInstall: '2015-02-20 09:12:44',
      lastUpdate: '2015-02-20 09:12:44',
      ...(added.sharedUser === undefined ? {} : { sharedUser: added.sharedUser }),
      signer: added.signer,
      requested: added.granted ?? ['android.permission.INTERNET'],
      granted: added.granted ?? ['android.permission.INTERNET'],
      installedFor: [0],
      disabledFor: [],
      uninstalledFor: [],
      handlers: added.handlers ?? [],
      accessibilityServices: added.accessibilityServices ?? [],
    };
    const content: Content = apkContent({
      package: added.name,
      versionCode,
      versionName: '1.0',
      signer: added.signer,
      seed: added.name,
      fill: 4096,
      ...added.made,
    });
    const withApk = withFile(added.path, { content, context: added.system ? 'u:object_r:system_file:s0' : 'u:object_r:apk_data_file:s0' })(
      phone,
    );
    return { ...withApk, packages: [...phone.packages.filter(({ name }) => name !== added.name), entry] };
  };

/** Changes a package that is there, and what its APK is signed with. */
export const withSigner =
  (name: string, signer: string): Alteration =>
  (phone) => {
    const found = phone.packages.find((candidate) => candidate.name === name);
    if (found === undefined) return phone;
    const [path] = found.paths;
    const content: Content = apkContent({
      package: name,
      versionCode: found.versionCode,
      versionName: found.versionName,
      signer,
      seed: `${name}/${signer}`,
      fill: 4096,
    });
    return {
      ...withFile(path, { content })(phone),
      packages: phone.packages.map((other) => (other === found ? { ...found, signer } : other)),
    };
  };

/** Makes the APK of a package that is there anew, where it lies; signer and version as they were, unless said otherwise. */
export const withApk =
  (name: string, recipe: Partial<ApkRecipe>): Alteration =>
  (phone) => {
    const found = phone.packages.find((candidate) => candidate.name === name);
    if (found === undefined) return phone;
    const { versionCode, versionName } = found;
    const made = { package: name, versionCode, versionName, signer: found.signer, seed: `${name}/made anew`, fill: 4096, ...recipe };
    return withPackageFields(name, { signer: made.signer, versionCode: made.versionCode, versionName: made.versionName })(
      withFile(found.paths[0], { content: apkContent(made) })(phone),
    );
  };

/** Updates a system app, as its store does: the newer copy lies among the data, the older one stays in the system. */
export const withUpdate =
  (name: string, recipe: Partial<ApkRecipe>): Alteration =>
  (phone) => {
    const found = phone.packages.find((candidate) => candidate.name === name);
    if (found === undefined) return phone;
    const path = phone.sdk >= 21 ? `/data/app/${name}-1/base.apk` : `/data/app/${name}-1.apk`;
    const moved = withFile(path, { context: 'u:object_r:apk_data_file:s0' })(
      withPackageFields(name, { paths: [path], updatedSystem: true, installer: 'com.android.vending' })(phone),
    );
    return withApk(name, { versionCode: found.versionCode + 1, ...recipe })(moved);
  };

export const withPackageFields =
  (name: string, fields: Partial<PhonePackage>): Alteration =>
  (phone) => ({ ...phone, packages: phone.packages.map((other) => (other.name === name ? { ...other, ...fields } : other)) });

/** The folder that a release keeps a system app in: a folder of its own since Android 5. */
export function systemAppPath(phone: VirtualPhone, name: string, privileged = false): string {
  const folder = privileged ? 'priv-app' : 'app';
  return phone.sdk >= 21 ? `/system/${folder}/${name}/${name}.apk` : `/system/${folder}/${name}.apk`;
}

/** Adds a system app where this phone keeps its own. */
export const systemApp =
  (name: string, signer: string, more: Pick<AddedPackage, 'granted' | 'privileged' | 'sharedUser' | 'made'> = {}): Alteration =>
  (phone) =>
    withPackage({ name, signer, system: true, path: systemAppPath(phone, name, more.privileged), ...more })(phone);

export const setuidSu: Alteration = withFile('/system/xbin/su', {
  mode: 0o6755,
  content: seeded('su', 66_000),
  context: 'u:object_r:su_exec:s0',
});

/** Of before Android 8, whose system is one partition. */
export const isOld = (phone: VirtualPhone) => phone.sdk < 26;
export const isNew = (phone: VirtualPhone) => phone.sdk >= 26;
export const hasPackage = (name: string) => (phone: VirtualPhone) => phone.packages.some((candidate) => candidate.name === name);
