/** The flow of phones through the chain, with the probability of each custodian as heat. Layout by d3-sankey; no script in the page. */
import { sankey, sankeyLinkHorizontal } from 'd3-sankey';
import { scaleLinear } from 'd3-scale';
import { type ComponentChild, h } from 'preact';
import type { LocationReport } from '../../provenance/locate/index.ts';
import { visible } from '../text.ts';
import { percent } from './words.ts';

type Place = LocationReport['places'][number];
type Stream = LocationReport['streams'][number];

const WIDTH = 960;
/** Room beside the last column: a bold name of NAME_MAX characters fits. */
const LABEL = 250;
const NAME_MAX = 21;
const ROW = 34;

/** Heat in steps that differ in lightness too, so that it reads in grey. Text stands beside it, never on it. */
const heat = scaleLinear<string>().domain([0, 0.05, 0.5, 1]).range(['#c9d1dc', '#f3d9a4', '#e8833a', '#8f1414']).clamp(true);
/** Draws the flow. Nothing where there is nothing to draw. */
export function flowPicture({ places, streams }: LocationReport): ComponentChild {
  if (streams.length === 0) return null;
  const used = new Set(streams.flatMap(({ from, to }) => [from, to]));
  const shown = places.filter(({ id }) => used.has(id));
  const columns = Math.max(...shown.map(({ column }) => column)) + 1;
  const most = Math.max(...Array.from({ length: columns }, (_, column) => shown.filter((place) => place.column === column).length));
  const height = Math.max(160, most * ROW);
  // Numbers and names go in; the layout writes its coordinates beside them, so both are copies.
  const graph = sankey<Place, Stream & { readonly value: number; readonly source: string; readonly target: string }>()
    .nodeId(({ id }) => id)
    .nodeAlign(({ column }) => column)
    .nodeSort((a, b) => b.posterior - a.posterior)
    .nodeWidth(14)
    .nodePadding(16)
    .extent([
      [4, 22],
      [WIDTH - LABEL, height],
    ])({
    nodes: shown.map((place) => ({ ...place })),
    links: streams.map((stream) => ({ ...stream, source: stream.from, target: stream.to, value: Math.sqrt(stream.phones) })),
  });
  const line = sankeyLinkHorizontal<Place, Stream & { readonly value: number; readonly source: string; readonly target: string }>();
  return h(
    'svg',
    {
      viewBox: `0 0 ${WIDTH} ${height + 40}`,
      role: 'img',
      class: 'flow',
      'aria-label': 'Phones on their way through the chain; the darker a bar, the likelier that it altered them',
    },
    h(
      'g',
      { fill: 'none' },
      // Streams with altered phones lie on top.
      ...graph.links
        .toSorted((a, b) => a.altered - b.altered)
        .map((link) =>
          h(
            'path',
            {
              d: line(link) ?? '',
              stroke: link.altered > 0 ? '#c0392b' : '#8a94a3',
              'stroke-width': Math.max(1, link.width ?? 1),
              'stroke-opacity': link.altered > 0 ? 0.3 + 0.45 * (link.altered / Math.max(link.inspected, 1)) : 0.18,
            },
            h('title', null, `${link.phones} phones, ${link.inspected} inspected, ${link.altered} altered`),
          ),
        ),
    ),
    ...graph.nodes.map((node) => {
      const [x0 = 0, x1 = 0, y0 = 0, y1 = 0] = [node.x0, node.x1, node.y0, node.y1];
      const isLoud = node.posterior >= 0.05 && node.custodians === 1;
      return h(
        'g',
        null,
        h('rect', {
          x: x0,
          y: y0,
          width: x1 - x0,
          height: Math.max(3, y1 - y0),
          fill: node.custodians === 0 ? '#fff' : heat(node.posterior),
          stroke: '#444c59',
          'stroke-width': 0.75,
        }),
        h(
          'text',
          { x: x1 + 5, y: (y0 + y1) / 2, dy: '0.32em', class: isLoud ? 'loud' : 'quiet' },
          // The probability comes first, so that a long name never hides it.
          `${isLoud ? `${percent(node.posterior)}  ` : ''}${shortened(node.name)}`,
        ),
        h('title', null, `${visible(node.name, 80)}: ${percent(node.posterior)}`),
      );
    }),
    legend(height + 14),
  );
}

const shortened = (name: string): string => {
  const text = visible(name, 80);
  return text.length <= NAME_MAX ? text : `${text.slice(0, NAME_MAX - 1)}…`;
};

const STOPS = [0, 0.05, 0.25, 0.5, 0.75, 1];

function legend(y: number): ComponentChild {
  return h(
    'g',
    { class: 'legend' },
    h('text', { x: 4, y: y + 11 }, 'Probability of having altered phones:'),
    ...STOPS.flatMap((p, i) => [
      h('rect', { x: 250 + i * 62, y, width: 14, height: 14, fill: heat(p), stroke: '#444c59', 'stroke-width': 0.75 }),
      h('text', { x: 268 + i * 62, y: y + 11 }, `${Math.round(100 * p)} %`),
    ]),
    h('rect', { x: 640, y: y + 3, width: 26, height: 8, fill: '#c0392b', opacity: 0.6 }),
    h('text', { x: 672, y: y + 11 }, 'way of phones found altered'),
  );
}
