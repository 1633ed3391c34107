import { type ComponentChild, h } from 'preact';

/**
 * The head of every page that assay writes, in one place because it is a wall: nothing is fetched and nothing runs, whatever a phone or a party managed to put into the page,
 * and nobody learns from where it was opened.
 */
export function pageHead(title: string, style: string): ComponentChild {
  return h(
    'head',
    null,
    h('meta', { charset: 'utf-8' }),
    h('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    h('meta', {
      'http-equiv': 'Content-Security-Policy',
      content: "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'",
    }),
    h('meta', { name: 'referrer', content: 'no-referrer' }),
    h('title', null, title),
    h('style', { dangerouslySetInnerHTML: { __html: style } }),
  );
}
