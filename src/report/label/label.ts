/** A label as one SVG, for a printer: what a clerk reads, the code that a camera reads, and the end of the identity to compare. */

import { h } from 'preact';
import { render } from 'preact-render-to-string';
import { encode } from 'uqr';
import { type Label, labelNumber } from '../../provenance/label/index.ts';
import { visible } from '../text.ts';

const DECISION = { accept: 'ACCEPTED', hold: 'ON HOLD', reject: 'REJECTED' } as const;
const VOUCHED = { told: 'as the phone says', attested: 'attested', fused: 'fused' } as const;
/** Millimetres. */
const WIDTH = 90;
const HEIGHT = 50;
const CODE = 42;

/** Renders a label; `code` is the text of its QR code. */
export function renderLabel(label: Label, code: string): string {
  const { data, size } = encode(code, { ecc: 'M', border: 2 });
  // One path for all dark modules: a row is a run of moves and squares.
  const path = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
  const text = (x: number, y: number, style: { readonly size: number; readonly bold?: true }, words: string) =>
    h('text', { x, y, 'font-size': style.size, ...(style.bold === true ? { 'font-weight': 700 } : {}) }, words);
  const { verdict, identity } = label;
  const x = CODE + 6;
  return `${render(
    h(
      'svg',
      {
        xmlns: 'http://www.w3.org/2000/svg',
        width: `${WIDTH}mm`,
        height: `${HEIGHT}mm`,
        viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
        'font-family': 'Helvetica, Arial, sans-serif',
        role: 'img',
      },
      h('title', null, `assay label: ${DECISION[verdict.decision]}`),
      h('rect', { width: WIDTH, height: HEIGHT, fill: '#fff' }),
      h('g', { transform: `translate(3 4) scale(${CODE / size})` }, h('path', { d: path, fill: '#000', 'shape-rendering': 'crispEdges' })),
      text(x, 10, { size: 6, bold: true }, DECISION[verdict.decision]),
      text(x, 16, { size: 3 }, `hardware ${verdict.hardware}`),
      text(x, 20, { size: 3 }, `software ${verdict.software}`),
      text(x, 24, { size: 3 }, `custody ${verdict.custody}`),
      text(x, 30, { size: 3 }, `${visible(identity.kind, 12)} ends in`),
      text(x, 35, { size: 5, bold: true }, visible(identity.tail, 12)),
      text(x, 38.5, { size: 2.4 }, VOUCHED[identity.vouched]),
      text(x, 42.5, { size: 2.6 }, `until ${label.expires.slice(0, 10)}`),
      text(x, 46, { size: 2.4 }, labelNumber(label)),
    ),
  )}\n`;
}
