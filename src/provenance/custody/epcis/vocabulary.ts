/** The Core Business Vocabulary (CBV 2.0) as the JSON binding has it: bare words, and what each stands for. Facts of EPCIS-JSON-Schema.json and epcis-context.jsonld. */

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

export const BIZ_STEPS =
  words(`accepting arriving assembling collecting commissioning consigning creating_class_instance cycle_counting decommissioning departing
destroying disassembling dispensing encoding entering_exiting holding inspecting installing killing loading other packing picking receiving removing repackaging
repairing replacing reserving retail_selling sampling sensor_reporting shipping staging_outbound stock_taking stocking storing transporting unloading unpacking void_shipping`);

export const DISPOSITIONS =
  words(`active available completeness_inferred completeness_verified conformant container_closed container_open damaged destroyed dispensed
disposed encoded expired in_progress in_transit inactive mismatch_class mismatch_instance mismatch_quantity needs_replacement no_pedigree_match non_conformant
non_sellable_other partially_dispensed recalled reserved retail_sold returned sellable_accessible sellable_not_accessible stolen unavailable unknown`);

export const BIZ_TRANSACTION_TYPES = words('bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt');
export const SOURCE_DEST_TYPES = words('owning_party possessing_party location');
export const ERROR_REASONS = words('did_not_occur incorrect_data');
export const COMPONENTS = words(
  'x y z axial_distance azimuth height spherical_radius polar_angle elevation_angle easting northing latitude longitude altitude',
);
export const SENSOR_ALERTS = words('ALARM_CONDITION ERROR_CONDITION');
export const MEASUREMENTS =
  words(`AbsoluteHumidity AbsorbedDose AbsorbedDoseRate Acceleration Altitude AmountOfSubstance AmountOfSubstancePerUnitVolume Angle
AngularAcceleration AngularMomentum AngularVelocity Area Capacitance Conductance Conductivity Count Density Dimensionless DoseEquivalent DoseEquivalentRate
DynamicViscosity ElectricCharge ElectricCurrent ElectricCurrentDensity ElectricFieldStrength Energy Exposure Force Frequency Illuminance Inductance Irradiance
KinematicViscosity Length LinearMomentum Luminance LuminousFlux LuminousIntensity MagneticFlux MagneticFluxDensity MagneticVectorPotential Mass MassConcentration
MassFlowRate MassPerAreaTime MemoryCapacity MolalityOfSolute MolarEnergy MolarMass MolarVolume Power Pressure RadiantFlux RadiantIntensity Radioactivity
RelativeHumidity Resistance Resistivity SolidAngle SpecificVolume Speed SurfaceDensity SurfaceTension Temperature Time Torque Voltage Volume VolumeFlowRate
VolumeFraction VolumetricFlux Wavenumber`);

const CBV = 'https://ref.gs1.org/cbv/';
const VOC = 'https://gs1.org/voc/';
const EPCIS = 'https://ref.gs1.org/epcis/';

/** A vocabulary: its bare words, the web address in front of each, and the URN of CBV 1 that means the same. */
export interface Vocabulary {
  readonly words: ReadonlySet<string>;
  readonly web: string;
  readonly urn: string | undefined;
}

export const VOCABULARIES = {
  bizStep: { words: BIZ_STEPS, web: `${CBV}BizStep-`, urn: 'urn:epcglobal:cbv:bizstep:' },
  disposition: { words: DISPOSITIONS, web: `${CBV}Disp-`, urn: 'urn:epcglobal:cbv:disp:' },
  bizTransactionType: { words: BIZ_TRANSACTION_TYPES, web: `${CBV}BTT-`, urn: 'urn:epcglobal:cbv:btt:' },
  sourceDestType: { words: SOURCE_DEST_TYPES, web: `${CBV}SDT-`, urn: 'urn:epcglobal:cbv:sdt:' },
  errorReason: { words: ERROR_REASONS, web: `${CBV}ER-`, urn: 'urn:epcglobal:cbv:er:' },
  component: { words: COMPONENTS, web: `${CBV}Comp-`, urn: undefined },
  measurement: { words: MEASUREMENTS, web: VOC, urn: undefined },
  sensorAlert: { words: SENSOR_ALERTS, web: VOC, urn: undefined },
} as const satisfies Record<string, Vocabulary>;

/** A word of a vocabulary as its web address, whichever of the three ways it was written; other texts as they are. */
export function webWord({ words: known, web, urn }: Vocabulary, text: string): string {
  if (known.has(text)) return web + text;
  if (urn !== undefined && text.startsWith(urn)) return web + text.slice(urn.length);
  return expandedValue(text);
}

/** The bare word, where a text is one of the vocabulary in any of the ways it can be written; undefined for a word of the user's own. */
export function bareWord(vocabulary: Vocabulary, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const full = webWord(vocabulary, text);
  const word = full.startsWith(vocabulary.web) ? full.slice(vocabulary.web.length) : undefined;
  return word !== undefined && vocabulary.words.has(word) ? word : undefined;
}

/** The prefixes that values may have: GS1's own. A prefix of the user's stays as it was written, in values. */
export function expandedValue(text: string): string {
  if (text.startsWith('gs1:')) return VOC + text.slice(4);
  if (text.startsWith('cbv:')) return CBV + text.slice(4);
  if (text.startsWith('epcis:')) return EPCIS + text.slice(6);
  return text;
}

/** CBV 1's URNs inside any text, as their web addresses: CBV 2.0 hashes both alike. */
export function modernUrns(text: string): string {
  if (!text.includes('urn:epcglobal:cbv:')) return text;
  let modern = text;
  for (const { urn, web } of Object.values(VOCABULARIES)) if (urn !== undefined) modern = modern.replaceAll(urn, web);
  return modern;
}
