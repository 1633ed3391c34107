import { describe, expect, test } from 'vitest';
import { parseBundle } from './bundle/index.ts';
import { parseFlow } from './locate/index.ts';

const flow = { format: 'assay.flow/1', custodians: [], phones: [] };
const bundle = (more: object) => () => parseBundle(new TextEncoder().encode(JSON.stringify(more)));

describe('a document that is refused says what for', () => {
  test.each([
    ['a field that nothing knows, its tricks undone', { ...flow, '\u001b[2J': 1 }, 'document: unknown: "\\u001b[2J"'],
    ['a type', { ...flow, phones: 1 }, 'phones: no array'],
    ['a value', { ...flow, format: 'x' }, 'format: none of "assay.flow/1"'],
    ['a missing field', { format: 'assay.flow/1', phones: [] }, 'custodians: no array'],
    ['too much', { ...flow, custodians: [{ id: 'a', casesUpheld: 1001 }] }, 'custodians.0.casesUpheld: more than 1000'],
    ['too little', { ...flow, custodians: [{ id: '' }] }, 'custodians.0.id: less than 1'],
  ])('%s', (_, document, words) => expect(() => parseFlow(document)).toThrow(words));
  test('a bundle too', () => {
    expect(bundle({ x: 1 })).toThrow('bundle @0x0 format: none of "assay.bundle/1"');
  });
});
