import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { digitsOf, imeisOf, type StatedId, serialsOf } from './identifiers.ts';

export const boxAgainstPhone = defineCheck({
  id: 'identity.box',
  axis: 'custody',
  title: 'Box and offer against the phone',
  what: 'IMEIs and serial that were typed or scanned from the box, against those that the phone states.',
  why: 'Thirteen thousand phones with one IMEI were found because a box and its phone did not agree.',
  benign: [
    'A replaced board has its own IMEI: there is a repair paper for it.',
    'Boxes are mixed up in shops.',
    'Box labels of dual-SIM phones state one of two IMEIs.',
  ],
  confirm: 'Ask for the paper of a repair; without one, ask the maker which serial the IMEI belongs to.',
  // Whether box and phone agree is no rate of phones: it is known, and its innocent causes leave papers. It never decides alone.
  strength: 'strong',
  standing: 'told',
  needs: [],
  settledBy: 'the IMEI or serial on the box (--claim imei=…, serial=…) and of the phone',
  group: 'box',
  causes: ['repair', 'clone'],
  catches: 'app',
  spec: [],
  run({ facts, claims }) {
    const findings: Draft[] = [];
    const imeis = imeisOf(facts);
    const typed = [claims.imei, claims.imei2].filter((imei) => imei !== undefined).map(digitsOf);
    let compared = false;
    const clash = (claimed: string, stated: readonly StatedId[], what: string) => {
      const [first, ...rest] = stated;
      if (first === undefined) return;
      findings.push({
        claimed: `box or seller: ${what} ${claimed}`,
        observed: `${first.surface}: ${[...new Set(stated.map(({ value }) => value))].join(', ')}`,
        because: 'Box and phone were not made for each other, or the board was replaced: that would be a repair with a paper.',
        standing: first.standing,
        evidence: [first.place, ...rest.slice(0, 5).map(({ place }) => place)],
      });
    };
    if (typed.length > 0 && imeis.length > 0) {
      compared = true;
      // The check digit may be stated as 0, and a software version may follow: fourteen digits are the identity.
      const own = new Set(imeis.map(({ value }) => value.slice(0, 14)));
      for (const imei of typed) if (!own.has(imei.slice(0, 14))) clash(imei, imeis, 'IMEI');
    }
    if (claims.serial !== undefined) {
      const serials = serialsOf(facts);
      const normal = (text: string) => text.trim().toLowerCase();
      if (serials.length > 0) {
        compared = true;
        // Makers print another serial on the box than the board's (Samsung R58…, Xiaomi 1234/A1B2…): forms must be alike to disagree.
        const alike = serials.filter(({ value }) => value.trim().length === claims.serial?.trim().length);
        if (!serials.some(({ value }) => normal(value) === normal(claims.serial ?? '')) && alike.length > 0)
          clash(claims.serial, alike, 'serial');
      }
    }
    if (!compared) return notChecked('box and phone were not both read', 'the IMEI or serial on the box (--claim imei=…) and of the phone');
    return failOrPass(findings.slice(0, 1), 'told');
  },
});
