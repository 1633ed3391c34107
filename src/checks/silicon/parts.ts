/** Parts of a phone as a ROM declares them (features) and as services list what drivers found (sensors, cameras, HALs). */
import { type Camera, type Facts, factsOf, type Place } from '../../evidence/index.ts';
import type { PartName } from '../../knowledge/index.ts';

interface Part {
  readonly feature: string;
  /** Whether a sensor of this type is it. */
  readonly sensor?: string;
  readonly facing?: 'back' | 'front';
  /** Where HALs are listed (Android 8), it has one, of AOSP's name or its maker's. */
  readonly hal?: RegExp;
}

const sensor = (name: string, type: string): Part => ({ feature: `android.hardware.sensor.${name}`, sensor: `android.sensor.${type}` });

/** Source: AOSP frameworks/native data/etc; hardware/libhardware include/hardware/sensors-base.h; PackageManager.FEATURE_CAMERA and its kin. */
export const PARTS: Readonly<Record<PartName, Part>> = {
  accelerometer: sensor('accelerometer', 'accelerometer'),
  gyroscope: sensor('gyroscope', 'gyroscope'),
  compass: sensor('compass', 'magnetic_field'),
  barometer: sensor('barometer', 'pressure'),
  'light sensor': sensor('light', 'light'),
  'proximity sensor': sensor('proximity', 'proximity'),
  'step counter': sensor('stepcounter', 'step_counter'),
  'heart rate sensor': sensor('heartrate', 'heart_rate'),
  thermometer: sensor('ambient_temperature', 'ambient_temperature'),
  hygrometer: sensor('relative_humidity', 'relative_humidity'),
  'rear camera': { feature: 'android.hardware.camera', facing: 'back' },
  'front camera': { feature: 'android.hardware.camera.front', facing: 'front' },
  'fingerprint reader': { feature: 'android.hardware.fingerprint', hal: /fingerprint|biometric/i },
  NFC: { feature: 'android.hardware.nfc', hal: /nfc/i },
};

/** A list of what is there. */
export interface PartList {
  readonly text: string;
  readonly place: Place;
  /** Undefined: the list does not speak of such parts. */
  readonly has: (part: Part) => boolean | undefined;
}

/** What services list. A list that was not read, or that does not tell, is not here. */
export const partLists = (facts: Facts): readonly PartList[] => [...sensorLists(facts), ...cameraLists(facts), ...halLists(facts)];

const shortly = (names: readonly string[]): string =>
  `${names.slice(0, 6).join(', ')}${names.length > 6 ? ` and ${names.length - 6} more` : ''}`;

function sensorLists(facts: Facts): readonly PartList[] {
  const own = factsOf(facts, 'sensors');
  // Some makers list a `NULL Sensor` of the vendor `Null` in the place of a part that a phone has not.
  const all = own.flatMap(({ value }) => value.filter(({ name, vendor }) => !/^null\b/i.test(name) && !/^null$/i.test(vendor)));
  // Services of before Android 5 print no types but handles: they do not tell which sensor is which.
  if (!own.some(({ value }) => value.some(({ type }) => type.startsWith('android.sensor.')))) return [];
  return own.slice(0, 1).map(({ place }) => ({
    text: `the sensor service lists ${all.length}: ${shortly(all.map(({ name }) => name))}`,
    place,
    has: (part) => (part.sensor === undefined ? undefined : all.some(({ type }) => type === part.sensor)),
  }));
}

function cameraLists(facts: Facts): readonly PartList[] {
  const own = factsOf(facts, 'cameras');
  const all = own.flatMap(({ value }) => value);
  // One camera whose side is not told may be the one that is looked for.
  if (all.some(({ facing }) => facing === undefined)) return [];
  return own.slice(0, 1).map(({ place }) => ({
    text: `the camera service describes ${all.length}: ${shortly(all.map(cameraText))}`,
    place,
    has: (part) => (part.facing === undefined ? undefined : all.some(({ facing }) => facing === part.facing)),
  }));
}

const cameraText = ({ id, facing }: Camera): string => `${id} (${facing ?? 'side not told'})`;

/** Fewer HALs than the smallest phone runs: the list was cut, or refused in part. */
const HALS_MIN = 30;

function halLists(facts: Facts): readonly PartList[] {
  const hals = factsOf(facts, 'driver-names').filter(({ value }) => value.surface === 'hals');
  const services = factsOf(facts, 'services');
  const names = [
    ...hals.flatMap(({ value }) => value.names.map((name) => name.value)),
    // HALs of AIDL are services of the form `package.IName/instance`; those of the framework have short names.
    ...services.flatMap(({ value }) => value.map((name) => name.value).filter((name) => name.includes('/'))),
  ];
  // Where only one of the two lists was read, the other may hold it.
  if (hals.length === 0 || services.length === 0 || names.length < HALS_MIN) return [];
  return hals.slice(0, 1).map(({ place }) => ({
    text: `${names.length} HALs run, none of its name`,
    place,
    has: ({ hal }) => (hal === undefined ? undefined : names.some((name) => hal.test(name))),
  }));
}

/** The first place that declares or lists a part, with its words. */
export function declaredPart(facts: Facts, name: PartName): { readonly text: string; readonly place: Place } | undefined {
  const part = PARTS[name];
  const [said] = factsOf(facts, 'features').flatMap(({ value }) => value.filter((one) => one.value === part.feature));
  if (said !== undefined) return { text: `the feature ${part.feature}`, place: said.place };
  const list = partLists(facts).find(({ has }) => has(part) === true);
  return list === undefined ? undefined : { text: `${name}: ${list.text}`, place: list.place };
}
