/** A ledger as bars: right speaks for it, left against it; ten decibans are ten to one. */
import { scaleLinear } from 'd3-scale';
import { type ComponentChild, h } from 'preact';
import type { LedgerRow } from './words.ts';
import { signed } from './words.ts';

const WIDTH = 960;
const WORDS = 390;
const ROW = 28;

/** Draws the bars. */
export function ledgerPicture(rows: readonly LedgerRow[]): ComponentChild {
  // Each bar of evidence begins where the one before it ended, so that the eye adds.
  let at = 0;
  const bars = rows.map((row) => {
    const from = row.kind === 'evidence' ? at : 0;
    const to = row.kind === 'evidence' ? at + row.decibans : row.decibans;
    at = to;
    return { ...row, from, to };
  });
  const low = Math.min(-10, ...bars.map(({ to }) => to)) - 4;
  const high = Math.max(20, ...bars.map(({ to }) => to)) + 4;
  const x = scaleLinear()
    .domain([low, high])
    .range([WORDS, WIDTH - 10]);
  const height = rows.length * ROW + 46;
  const ticks = x.ticks(7).filter((tick) => tick % 10 === 0);
  return h(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${height}`, role: 'img', class: 'ledger', 'aria-label': 'Weight of evidence in decibans' },
    ...ticks.map((tick) =>
      h(
        'g',
        { class: 'tick' },
        h('line', { x1: x(tick), x2: x(tick), y1: 4, y2: rows.length * ROW + 6, 'stroke-width': tick === 0 ? 1.5 : 0.5 }),
        h('text', { x: x(tick), y: rows.length * ROW + 22, 'text-anchor': 'middle' }, oddsWords(tick)),
      ),
    ),
    ...bars.map(({ words, decibans, kind, from, to }, i) => {
      const y = 8 + i * ROW;
      const [left, right] = [Math.min(x(from), x(to)), Math.max(x(from), x(to))];
      // The number stands outside the bar, on the side where it points, unless the edge is there.
      const isRight = to >= from ? right < WIDTH - 60 : left < WORDS + 60;
      return h(
        'g',
        { class: kind },
        h('text', { x: WORDS - 12, y: y + 14, 'text-anchor': 'end' }, words),
        h('rect', {
          x: left,
          y: y + 3,
          width: Math.max(1.5, right - left),
          height: ROW - 11,
          class: kind === 'evidence' ? (decibans < 0 ? 'clears' : 'charges') : kind,
        }),
        h(
          'text',
          { x: isRight ? right + 5 : left - 5, y: y + 15, 'text-anchor': isRight ? 'start' : 'end', class: 'number' },
          signed(decibans),
        ),
      );
    }),
    h('text', { x: WORDS, y: height - 6, class: 'axis-words' }, '← speaks against it'),
    h('text', { x: WIDTH - 10, y: height - 6, 'text-anchor': 'end', class: 'axis-words' }, 'speaks for it →'),
  );
}

const oddsWords = (decibans: number): string =>
  decibans === 0 ? 'even' : decibans > 0 ? `${10 ** (decibans / 10)} : 1` : `1 : ${10 ** (-decibans / 10)}`;
