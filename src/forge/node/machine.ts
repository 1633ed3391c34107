/** A phone while it runs: the value it was made of, and what has changed since. */
import type { ApkMaker } from '../content.ts';
import type { RunningState } from '../dumpsys-package.ts';
import type { PhonePackage, VirtualPhone } from '../phone.ts';
import { apkName } from './apk-name.ts';
import { PhoneTree, SYSTEM } from './tree.ts';

/** Something that was installed over adb or in the shell. */
export interface Installation {
  readonly package: string;
  readonly path: string;
  /** What was sent, and what lies there now: not the same on a phone that swaps. */
  readonly sent: Uint8Array;
  readonly installed: Uint8Array;
}

export class Machine {
  readonly phone: VirtualPhone;
  readonly tree: PhoneTree;
  readonly properties: Map<string, string>;
  readonly settings: Readonly<Record<'system' | 'secure' | 'global', Map<string, string>>>;
  readonly packages: Map<string, PhonePackage>;
  readonly installations: Installation[] = [];
  readonly removed: string[] = [];
  /** Files that were pushed, in order. */
  readonly pushed: { readonly path: string; readonly size: number }[] = [];
  /** Keys in the shell's keystore. */
  readonly shellKeys = new Set<string>();
  /** Addresses that somebody asked to be viewed, in order; `onView` is what the phone's browser does with one. */
  readonly viewed: string[] = [];
  onView: ((url: string) => void) | undefined;
  /** How often `tradeinmode evaluate` was called: it wipes the phone. */
  tradeInEvaluations = 0;
  readonly display: { size: readonly [number, number] | undefined; density: number | undefined };
  readonly sessions = new Map<number, Uint8Array[]>();
  readonly #startedMs: number;
  readonly #clock: () => number;

  constructor(phone: VirtualPhone, options: { readonly makeApk: ApkMaker; readonly monotonicMs: () => number }) {
    this.phone = phone;
    this.tree = new PhoneTree(phone, options.makeApk);
    this.properties = new Map(Object.entries(phone.properties));
    const { system, secure, global } = phone.settings;
    this.settings = {
      system: new Map(Object.entries(system)),
      secure: new Map(Object.entries(secure)),
      global: new Map(Object.entries(global)),
    };
    this.packages = new Map(phone.packages.map((one) => [one.name, one]));
    this.display = { size: phone.display.overrideSize, density: phone.display.overrideDensity };
    this.#clock = options.monotonicMs;
    this.#startedMs = options.monotonicMs();
  }

  /** Milliseconds that the phone's clock has gone since it was opened. */
  get #elapsedMs(): number {
    return (this.#clock() - this.#startedMs) * this.phone.behaviours.clockRate;
  }

  /** The phone's wall clock, milliseconds since 1970. */
  nowMs(): number {
    return this.phone.clock.startSeconds * 1000 + this.phone.behaviours.clockOffsetMs + this.#elapsedMs;
  }

  uptimeSeconds(): number {
    return this.phone.clock.uptimeSeconds + this.#elapsedMs / 1000;
  }

  /** Local time as the framework prints it: `2015-02-27 10:11:12`. */
  localTime(): string {
    const shifted = new Date(this.nowMs() + this.phone.clock.offsetMinutes * 60_000);
    return shifted.toISOString().slice(0, 19).replace('T', ' ');
  }

  /** Installs an APK as the package manager would; answers its word. */
  install(sent: Uint8Array, installer: string | null): string {
    const { behaviours, sdk } = this.phone;
    if (behaviours.refusesInstall !== undefined) return `Failure [${behaviours.refusesInstall}]`;
    const asked = apkName(sent);
    if (asked === undefined) return 'Failure [INSTALL_PARSE_FAILED_NOT_APK]';
    const swap = behaviours.installSwaps.find((one) => one.package === asked.package);
    const installed = swap === undefined ? sent : this.tree.read(swap.with, SYSTEM);
    const name = apkName(installed) ?? asked;
    const old = this.packages.get(name.package);
    const path =
      sdk < 21
        ? `/data/app/${name.package}-1.apk`
        : sdk < 30
          ? `/data/app/${name.package}-1/base.apk`
          : `/data/app/~~Zm9yZ2VkLWFwcC1mb2w==/${name.package}-Zm9yZ2VkLWFwcC1kaXI==/base.apk`;
    const folder = path.slice(0, path.lastIndexOf('/'));
    if (folder !== '/data/app') this.#makeFolders(folder);
    this.tree.write(path, installed, { actor: SYSTEM, mode: 0o644, mtime: Math.floor(this.nowMs() / 1000) });
    const time = this.localTime();
    this.packages.set(name.package, {
      name: name.package,
      uid: old?.uid ?? 10_300 + this.packages.size,
      paths: [path],
      versionCode: name.versionCode,
      versionName: name.versionName,
      minSdk: 14,
      targetSdk: sdk,
      system: old?.system ?? false,
      privileged: false,
      updatedSystem: old?.system ?? false,
      installer,
      firstInstall: old?.firstInstall ?? time,
      lastUpdate: time,
      signer: 'unknown',
      requested: [],
      granted: [],
      installedFor: this.phone.users.map((user) => user.id),
      disabledFor: [],
      uninstalledFor: [],
      handlers: [],
      accessibilityServices: [],
    });
    this.installations.push({ package: name.package, path, sent, installed });
    return 'Success';
  }

  #makeFolders(folder: string): void {
    const parts = folder.split('/').slice(1);
    for (let i = 1; i <= parts.length; i += 1) {
      const at = `/${parts.slice(0, i).join('/')}`;
      if (!this.tree.exists(at, SYSTEM)) this.tree.makeFolder(at, SYSTEM, 0o755);
    }
  }

  /** Removes a package of /data; a system app keeps its system copy. */
  uninstall(name: string): string {
    const found = this.packages.get(name);
    if (found === undefined) return 'Failure [not installed for 0]';
    const original = this.phone.packages.find((one) => one.name === name);
    const [path] = found.paths;
    if (path.startsWith('/data/app/') && this.tree.exists(path, SYSTEM)) this.tree.remove(path, SYSTEM);
    if (original?.system === true) this.packages.set(name, original);
    else this.packages.delete(name);
    this.removed.push(name);
    return 'Success';
  }
}

/** The phone as it is now, for what renders dumps. */
export function stateOf(machine: Machine): RunningState {
  return {
    phone: machine.phone,
    packages: [...machine.packages.values()],
    overrideSize: machine.display.size,
    overrideDensity: machine.display.density,
    localTime: machine.localTime(),
    uptimeSeconds: machine.uptimeSeconds(),
  };
}
