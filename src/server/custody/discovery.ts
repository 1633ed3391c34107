/** What this server says of itself: the headers of EPCIS 2.0's REST binding on answers and on OPTIONS. */
import { Problem } from './problem.ts';

/** A query string longer than that belongs into POST /queries. */
export const URL_MAX = 8000;
/** Events of one capture, and its bytes. */
export const CAPTURE_EVENTS = 100_000;
export const CAPTURE_BYTES = 64 << 20;

export const HEADERS = { 'GS1-EPCIS-Version': '2.0.0', 'GS1-CBV-Version': '2.0.0' };
export const LIMITS = {
  'GS1-EPCIS-Capture-Limit': String(CAPTURE_EVENTS),
  'GS1-EPCIS-Capture-File-Size-Limit': String(CAPTURE_BYTES),
  'GS1-Capture-Error-Behaviour': 'rollback, proceed',
};
const DISCOVERY = {
  ...HEADERS,
  'GS1-EPCIS-Min': '2.0.0',
  'GS1-EPCIS-Max': '2.0.0',
  'GS1-CBV-Min': '2.0.0',
  'GS1-CBV-Max': '2.0.0',
  'GS1-EPC-Format': 'No_Preference, Always_GS1_Digital_Link, Always_EPC_URN, Never_Translates',
  'GS1-CBV-XML-Format': 'No_Preference, Always_Web_URI, Always_URN, Never_Translates',
  'GS1-Extensions': '',
};

/** What may be done with a resource. */
function allowed(path: string): string {
  if (/^\/(?:capture|events|queries|queries\/[^/]+\/subscriptions)\/?$/.test(path)) return 'OPTIONS, GET, POST';
  return /^\/queries\/[^/]+(?:\/subscriptions\/[^/]+)?\/?$/.test(path) ? 'OPTIONS, GET, DELETE' : 'OPTIONS, GET';
}

/** The answer to OPTIONS. */
export function optionsOf(path: string, version: string): Response {
  const isCapture = /^\/capture\/?$/.test(path);
  return new Response(null, {
    status: 204,
    headers: { ...DISCOVERY, ...(isCapture ? LIMITS : {}), 'GS1-Vendor-Version': version, Allow: allowed(path) },
  });
}

export function missing(detail: string): never {
  throw new Problem('NoSuchResourceException', detail);
}

const VERSION = 2_000_000;
/** 2.0.1 as 2000001; undefined for what is no version. */
const versionOf = (text: string): number | undefined => {
  const [, major, minor = '0', patch = '0'] = /^(\d{1,3})(?:\.(\d{1,3}))?(?:\.(\d{1,3}))?$/.exec(text.trim()) ?? [];
  return major === undefined ? undefined : (Number(major) * 1000 + Number(minor)) * 1000 + Number(patch);
};

/** Why the versions of EPCIS and CBV that a client asks for are not to be had: it wants a newer one at least, or an older one at most. */
export function versionProblem(header: (name: string) => string | undefined): string | undefined {
  for (const standard of ['EPCIS', 'CBV'] as const)
    for (const [bound, isOut] of [
      ['Min', (version: number) => version > VERSION],
      ['Max', (version: number) => version < VERSION],
    ] as const) {
      const asked = header(`gs1-${standard.toLowerCase()}-${bound.toLowerCase()}`);
      if (asked === undefined) continue;
      const version = versionOf(asked);
      if (version === undefined) return `GS1-${standard}-${bound} is no version`;
      if (isOut(version)) return `this is ${standard} 2.0.0, and GS1-${standard}-${bound} asks for ${asked.slice(0, 20)}`;
    }
  return undefined;
}
