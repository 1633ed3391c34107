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
  'GS1-Extensions': '',
};

/** The answer to OPTIONS. */
export function optionsOf(path: string, version: string): Response {
  const isCapture = /^\/capture\/?$/.test(path);
  const isWritable = isCapture || /^\/(?:events|queries)\/?$/.test(path);
  const allow = isWritable ? 'OPTIONS, GET, POST' : 'OPTIONS, GET';
  return new Response(null, {
    status: 204,
    headers: { ...DISCOVERY, ...(isCapture ? LIMITS : {}), 'GS1-Vendor-Version': version, Allow: allow },
  });
}

export function missing(detail: string): never {
  throw new Problem('NoSuchResourceException', detail);
}
