import { describe, expect, it } from 'vitest';
import { fact, mi4Facts, outcomeOf, placeOf, properties, runOne } from '../../../test/support/check-facts.ts';
import type { Fact } from '../../evidence/index.ts';
import { boxAgainstPhone } from './box.ts';
import { imeiForm, imeiPlaceholder, imeiSurfaces } from './imei.ts';
import { identityChecks, imeiFault, luhnDigit } from './index.ts';
import { serialPlaceholder, serialSurfaces } from './serials.ts';
import { tacModel } from './tac-model.ts';

/** An IMEI of an allocation, made here: the serial number is counted up from nothing. */
const imeiOf = (tac: string, serial = '123456') => `${tac}${serial}${luhnDigit(tac + serial)}`;
const MI4W = imeiOf('86489502');

const identifier = (type: 'imei' | 'serial', value: string, surface: string): Fact =>
  fact('identifiers', [{ type, slot: 0, value, surface, place: placeOf('ids') }], 'told');
const imei = (value: string, surface = 'service call iphonesubinfo') => identifier('imei', value, surface);

describe('the form of an IMEI', () => {
  it('computes the check digit of the specification’s example', () => expect(luhnDigit('49015420323751')).toBe(8));
  it('names what is wrong', () => {
    expect(imeiFault(MI4W)).toBeUndefined();
    expect(imeiFault(`${MI4W.slice(0, 14)}01`)).toBeUndefined();
    expect(imeiFault('490154203237519')).toBe('check digit');
    expect(imeiFault('490154203237510')).toBe('spare digit');
    expect(imeiFault('123456789012347')).toBe('reporting body');
    for (const text of ['', '12', '8648950212345678901']) expect(['length', 'not digits']).toContain(imeiFault(text));
    expect(imeiFault('<script>alert(1)')).toBe('not digits');
  });
  it('passes a genuine one, convicts an invented one, lists one with a spare digit', () => {
    expect(outcomeOf(imeiForm, [imei(MI4W)])).toBe('pass');
    expect(outcomeOf(imeiForm, [imei('490154203237519')])).toBe('fail conclusive');
    expect(outcomeOf(imeiForm, [imei('123456789012347')])).toBe('fail conclusive');
    expect(outcomeOf(imeiForm, [imei('490154203237510')])).toBe('fail weak');
  });
  it('only notes an IMEI for test equipment', () => {
    expect(outcomeOf(imeiForm, [imei(imeiOf('00100400'))])).toBe('fail note');
    expect(outcomeOf(imeiForm, [imei(MI4W)], { imei: imeiOf('00100400') })).toBe('pass');
  });
  it('only lists what a person mistyped', () => expect(outcomeOf(imeiForm, [imei(MI4W)], { imei: '490154203237519' })).toBe('fail weak'));
  it('examines nothing that a recording masked', () =>
    expect(outcomeOf(imeiForm, [properties({ 'ro.ril.miui.imei0': '862305030000000' })])).toBe('not-checked'));
  it('convicts a placeholder', () => {
    expect(outcomeOf(imeiPlaceholder, [imei('000000000000000')])).toBe('fail conclusive');
    expect(outcomeOf(imeiPlaceholder, [imei('004999010640000')])).toBe('fail conclusive');
    expect(outcomeOf(imeiPlaceholder, [imei(MI4W)])).toBe('pass');
    expect(outcomeOf(imeiPlaceholder, [])).toBe('not-checked');
  });
  it('lists surfaces with no IMEI in common, whatever their slots', () => {
    const other = imeiOf('86489502', '654321');
    expect(outcomeOf(imeiSurfaces, [imei(MI4W), imei(other), properties({ 'ro.ril.miui.imei0': other })])).toBe('pass');
    expect(outcomeOf(imeiSurfaces, [imei(MI4W), properties({ 'ro.ril.miui.imei0': other })])).toBe('fail weak');
    expect(outcomeOf(imeiSurfaces, [imei(MI4W)])).toBe('not-checked');
  });
});

describe('identity.tac-model', () => {
  it('passes the model’s own allocation', () => expect(outcomeOf(tacModel, [...mi4Facts, imei(MI4W)])).toBe('pass'));
  it('convicts an allocation of another maker', () =>
    expect(outcomeOf(tacModel, [...mi4Facts, imei(imeiOf('35547006'))])).toBe('fail conclusive'));
  it('only lists it on a box, and another model of the maker', () => {
    expect(outcomeOf(tacModel, mi4Facts, { imei: imeiOf('35547006') })).toBe('fail weak');
    expect(outcomeOf(tacModel, [...mi4Facts, imei(imeiOf('86763402'))])).toBe('fail weak');
  });
  it('knows that a Nexus is its maker’s', () =>
    expect(
      outcomeOf(tacModel, [
        properties({ 'ro.product.brand': 'google', 'ro.product.manufacturer': 'LGE', 'ro.product.model': 'Nexus 5X' }),
        imei(imeiOf('35362707')),
      ]),
    ).toBe('pass'));
  it('examines nothing that no table has', () => {
    expect(outcomeOf(tacModel, [...mi4Facts, imei(imeiOf('35999999'))])).toBe('not-checked');
    expect(outcomeOf(tacModel, [imei(MI4W)])).toBe('not-checked');
  });
});

describe('the serial of the kernel’s command line', () => {
  const kernel = (serial: string): Fact =>
    fact('boot-log', {
      machine: undefined,
      timerHertz: [],
      linuxVersion: undefined,
      commandLine: { value: `console=null androidboot.serialno=${serial} quiet`, place: placeOf('cmdline') },
    });
  const both = (boot: string, system = boot) => properties({ 'ro.serialno': system, 'ro.boot.serialno': boot });
  it('convicts a property that init did not make of it', () =>
    expect(outcomeOf(serialSurfaces, [both('EDITED'), kernel('1a2b3c4d')])).toBe('fail conclusive'));
  it('passes the same, and a chip’s number that only ro.boot.serialno has', () => {
    expect(outcomeOf(serialSurfaces, [both('1a2b3c4d'), kernel('1A2B3C4D')])).toBe('pass');
    expect(outcomeOf(serialSurfaces, [both('c0ffee'), kernel('c0ffee')])).toBe('pass');
  });
  it('says nothing where the line has none, or hostile text', () => {
    for (const text of ['', ' ', '\u0000'.repeat(100)]) expect(outcomeOf(serialSurfaces, [both('1a2b3c4d'), kernel(text)])).toBe('pass');
  });
});

describe('serials', () => {
  const usb = (serial: string): Fact => identifier('serial', serial, 'USB descriptor');
  const fastboot = (serial: string): Fact => identifier('serial', serial, 'fastboot getvar serialno');
  it('passes one number everywhere, in any case', () =>
    expect(outcomeOf(serialSurfaces, [...mi4Facts, usb('A1B2C3D4'), fastboot('a1b2c3d4')])).toBe('pass'));
  it('convicts an edited property', () =>
    expect(
      outcomeOf(serialSurfaces, [properties({ 'ro.serialno': 'EDITED0042', 'ro.boot.serialno': 'EDITED0042' }), usb('a1b2c3d4')]),
    ).toBe('fail conclusive'));
  it('only lists properties that differ, as on genuine phones with Intel chips', () =>
    expect(outcomeOf(serialSurfaces, [properties({ 'ro.serialno': 'G5A123', 'ro.boot.serialno': 'Med456' })])).toBe('fail weak'));
  it('only lists one bootloader’s word', () => expect(outcomeOf(serialSurfaces, [...mi4Facts, fastboot('ffff0000')])).toBe('fail weak'));
  it('passes a replaced board, which has one number of its own', () =>
    expect(outcomeOf(serialSurfaces, [properties({ 'ro.serialno': 'RPL77', 'ro.boot.serialno': 'RPL77' }), usb('RPL77')])).toBe('pass'));
  it('lists a default serial', () => {
    expect(outcomeOf(serialPlaceholder, [properties({ 'ro.serialno': '0123456789ABCDEF' })])).toBe('fail weak');
    expect(outcomeOf(serialPlaceholder, mi4Facts)).toBe('pass');
    expect(outcomeOf(serialPlaceholder, [properties({ 'ro.serialno': '' })])).toBe('not-checked');
  });
});

describe('identity.box', () => {
  it('passes the box of the phone, typed with blanks', () =>
    expect(outcomeOf(boxAgainstPhone, [imei(MI4W)], { imei: `${MI4W.slice(0, 8)} ${MI4W.slice(8, 14)}-${MI4W.slice(14)}` })).toBe('pass'));
  it('asks for the paper of a repair, and decides nothing alone', () => {
    const { findings } = runOne(boxAgainstPhone, [imei(MI4W)], { imei: imeiOf('86489502', '999999'), serial: 'zzzzzzzz' });
    expect(findings).toMatchObject([{ axis: 'custody', strength: 'strong', causes: ['repair', 'clone'] }]);
  });
  it('does not compare a box’s serial with a board’s of another form', () =>
    expect(outcomeOf(boxAgainstPhone, mi4Facts, { serial: '12345/A1B234567' })).toBe('pass'));
  it('examines nothing without box or phone', () => {
    expect(outcomeOf(boxAgainstPhone, [imei(MI4W)])).toBe('not-checked');
    expect(outcomeOf(boxAgainstPhone, [], { imei: MI4W })).toBe('not-checked');
  });
});

describe('every check of the family', () => {
  it('finds nothing on no facts and on a genuine phone, and survives hostile texts', () => {
    const hostile = [
      imei('\u202e'.repeat(100_000)),
      imei('9'.repeat(1000)),
      properties({ 'ro.serialno': '\u0000'.repeat(100_000), 'ro.product.brand': '(((' }),
    ];
    for (const check of identityChecks) {
      expect(outcomeOf(check, []), check.id).toBe('not-checked');
      expect(['pass', 'not-checked'], check.id).toContain(outcomeOf(check, [...mi4Facts, imei(MI4W)]));
      for (const { because } of runOne(check, hostile).notExamined) expect(because, check.id).not.toMatch(/stopped with an error/);
    }
  });
});
