import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { digitsOf, imeiFault, imeisOf, isMasked, PLACEHOLDERS, type StatedId } from './identifiers.ts';

const BECAUSE = {
  'not digits': 'An IMEI is digits.',
  length: 'An IMEI has fifteen digits, with a software version sixteen.',
  'check digit': 'The last digit of an IMEI is computed from the others; this one is not.',
  'spare digit': 'The last digit is 0 where the check digit is another: some radios state it so.',
  'test allocation': 'Codes that begin with 00 are for test equipment: no phone was sold with one.',
  'reporting body': 'No reporting body that ever allocated codes has these first two digits.',
} as const;

export const imeiForm = defineCheck({
  id: 'identity.imei-form',
  axis: 'custody',
  title: 'Form of the IMEI',
  what: 'Length, reporting body and check digit of every IMEI that phone, box or seller state.',
  why: 'Invented and carelessly cloned IMEIs have wrong check digits, or codes that nobody allocated.',
  benign: [
    'Engineering units and test networks have codes that begin with 00: they are noted.',
    'Some radios state the check digit as 0.',
    'A digit was mistyped from the box: then the phone’s own is right.',
  ],
  confirm: 'Dial *#06#, and compare with box and SIM tray.',
  strength: 'conclusive',
  impossible:
    'A maker gets ranges of IMEIs from a reporting body and writes them with their check digit; one with a wrong digit, or of no body, is none of them. Where the digit is stated as 0, or a person typed it, the finding is weak.',
  standing: 'told',
  needs: [],
  settledBy: 'the IMEI of the phone (iphonesubinfo, *#06#) or of the box',
  group: 'imei-form',
  causes: ['clone', 'repair', 'engineering'],
  catches: 'app',
  spec: ['3GPP TS 23.003, 6.2 and Annex B', 'GSMA TS.06'],
  run({ facts, claims }) {
    const stated = imeisOf(facts).filter(({ value }) => !isMasked(value));
    const typed = [claims.imei, claims.imei2].filter((imei) => imei !== undefined);
    const [place] = [...stated.map((imei) => imei.place), CLAIM_PLACE];
    if (stated.length === 0 && typed.length === 0) return notChecked('no IMEI was stated', 'the IMEI of the phone or of its box');
    const findings: Draft[] = [];
    for (const imei of stated) {
      const fault = imeiFault(imei.value);
      if (fault === undefined || PLACEHOLDERS.has(imei.value)) continue;
      const certain = fault === 'check digit' || (fault === 'reporting body' && imei.value.length === 15);
      findings.push({
        claimed: `${imei.surface}: ${imei.value}`,
        observed: fault === 'test allocation' ? 'an IMEI for test equipment' : `wrong ${fault}`,
        because: BECAUSE[fault],
        standing: imei.standing,
        evidence: [imei.place],
        ...(certain ? {} : { strength: fault === 'test allocation' ? ('note' as const) : ('weak' as const) }),
      });
    }
    for (const imei of typed) {
      const fault = imeiFault(digitsOf(imei));
      if (fault !== undefined && fault !== 'test allocation')
        findings.push({
          claimed: `box or seller: ${imei}`,
          observed: `wrong ${fault}`,
          because: BECAUSE[fault],
          standing: 'told',
          evidence: [place ?? CLAIM_PLACE],
          strength: 'weak',
        });
    }
    return failOrPass(findings, 'told');
  },
});

/** What a person typed stands in no artefact. */
export const CLAIM_PLACE = { artefact: 'claims', at: 0, length: 0 };

export const imeiPlaceholder = defineCheck({
  id: 'identity.imei-placeholder',
  axis: 'custody',
  title: 'An IMEI that belongs to no phone',
  what: 'Every IMEI against the default and documentation IMEIs, and against runs of one digit.',
  why: 'Chip makers’ default files hold such IMEIs. A phone with one never got its own, or lost it when somebody wrote over its radio’s data.',
  benign: ['A failed update or repair erased the radio’s data.', 'Engineering units.'],
  confirm: 'Compare with box and SIM tray.',
  strength: 'conclusive',
  impossible:
    'A sold phone carries an IMEI of its maker’s own allocation; these are allocated to nobody, or printed in specifications as examples.',
  standing: 'told',
  needs: [],
  settledBy: 'the IMEI of the phone',
  group: 'imei-form',
  causes: ['clone', 'repair', 'engineering'],
  catches: 'app',
  spec: ['3GPP TS 23.003'],
  run({ facts }) {
    const stated = imeisOf(facts);
    if (stated.length === 0) return notChecked('the phone stated no IMEI', 'the IMEI of the phone (iphonesubinfo, *#06#)');
    return failOrPass(stated.filter(({ value }) => PLACEHOLDERS.has(value) || /^(\d)\1{13,}$/.test(value)).map(placeholder), 'told');
  },
});

function placeholder({ value, surface, place, standing }: StatedId): Draft {
  return {
    claimed: `${surface}: ${value}`,
    observed: 'a default or example IMEI',
    because: 'This IMEI is in default files and specifications; no phone was given it.',
    standing,
    evidence: [place],
  };
}

export const imeiSurfaces = defineCheck({
  id: 'identity.imei-surfaces',
  axis: 'custody',
  title: 'IMEIs of different surfaces',
  what: 'The IMEIs that telephony, properties and bootloader state, as sets.',
  why: 'An IMEI that was changed in one place stays in others.',
  benign: ['A property kept from before a repair.', 'Slots are numbered differently by different surfaces: sets are compared, not slots.'],
  confirm: 'Dial *#06#; read the IMEI in the bootloader.',
  strength: 'weak',
  standing: 'told',
  needs: [],
  settledBy: 'the IMEI from two surfaces (iphonesubinfo, getprop, fastboot)',
  group: 'imei-surfaces',
  causes: ['clone', 'repair'],
  catches: 'framework',
  spec: ['GSMA TS.06'],
  run({ facts }) {
    const bySurface = [
      ...Map.groupBy(
        imeisOf(facts).filter(({ value }) => /^\d{14,16}$/.test(value)),
        ({ surface }) => surface.replace(/[_\d]+$/, ''),
      ),
    ];
    const [first, ...rest] = bySurface;
    if (first === undefined || rest.length === 0) return notChecked('fewer than two surfaces state an IMEI', 'the IMEI from two surfaces');
    const findings: Draft[] = [];
    for (const [surface, imeis] of rest) {
      const known = new Set(first[1].map(({ value }) => value.slice(0, 14)));
      const [own] = imeis;
      if (own === undefined || imeis.some(({ value }) => known.has(value.slice(0, 14)))) continue;
      findings.push({
        claimed: `${first[0]}: ${first[1].map(({ value }) => value).join(', ')}`,
        observed: `${surface}: ${imeis.map(({ value }) => value).join(', ')}`,
        because: 'Both are of one phone, and have no IMEI in common.',
        standing: own.standing,
        evidence: [own.place, ...first[1].map(({ place }) => place)],
      });
    }
    return failOrPass(findings, 'told');
  },
});
