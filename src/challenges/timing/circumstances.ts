/** What may make a genuine phone slow, in its own words (`CIRCUMSTANCES` in acquire/challenge.ts). It can stop a judgement, and never makes one. */

export interface Circumstances {
  readonly governors: readonly string[];
  readonly batteryCelsius: number | undefined;
  /** The average of one minute. */
  readonly load: number | undefined;
  readonly savesPower: boolean;
  /** `Thermal Status` of dumpsys thermalservice (Android 10 and later): 0 is none. */
  readonly thermalStatus: number | undefined;
}

export function parseCircumstances(text: string): Circumstances {
  const number = (pattern: RegExp) => {
    const found = pattern.exec(text)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const tenths = number(/^\s*temperature: (\d{1,4})\s*$/m);
  const governors = [...text.matchAll(/^\/sys\/devices\/system\/cpu\/cpu\d+\/cpufreq ([a-z_]{1,30}) \d+\s*$/gm)].flatMap(
    ([, governor]) => governor ?? [],
  );
  return {
    governors: [...new Set(governors)].toSorted().slice(0, 16),
    batteryCelsius: tenths === undefined ? undefined : tenths / 10,
    load: number(/^(\d{1,4}\.\d{2}) \d{1,4}\.\d{2} \d{1,4}\.\d{2} \d+\/\d+ \d+\s*$/m),
    savesPower: /^low_power 1\s*$/m.test(text),
    thermalStatus: number(/^\s*Thermal Status: (\d)\s*$/m),
  };
}

/** Degrees Celsius of the battery from which nothing is timed: phones throttle, and a person holds it. */
const HOT = 45;

/** Whether the phone says that it is too hot to be timed. */
export const isTooHot = (text: string): boolean => (parseCircumstances(text).batteryCelsius ?? 0) >= HOT;

/** Why times that were taken then are held against nobody; undefined where nothing is said that slows a phone. */
export function slowedBy(text: string): string | undefined {
  const { governors, savesPower, thermalStatus } = parseCircumstances(text);
  if (isTooHot(text)) return 'the phone was hot';
  if (thermalStatus !== undefined && thermalStatus > 0) return `the phone throttled itself (thermal status ${thermalStatus})`;
  if (savesPower) return 'battery saver was on';
  if (governors.includes('powersave')) return 'a core stood at its lowest clock (governor powersave)';
  return undefined;
}
