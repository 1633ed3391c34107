/** What a client takes: JSON, or XML for lists of events (RFC 9110, 12.5.1). */
import type { CbvForm } from '../../provenance/index.ts';
import { Problem } from './problem.ts';

const JSON_TYPES = /^application\/(?:json|ld\+json|problem\+json)$/;
const XML_TYPES = /^(?:application|text)\/xml$/;

/** Whether a resource is a list of events; one event is a list of those of its ID. */
export const isEvents = (path: string): boolean => /^\/events\/[^/]+\/?$|\/events\/?$/.test(path);

/** The type that the client prefers; JSON where it takes both alike; undefined where it takes none that is made. */
export function answerType(header: string | undefined, canXml: boolean): 'json' | 'xml' | undefined {
  if (header === undefined || header.trim() === '') return 'json';
  let [json, xml] = [0, 0];
  for (const part of header.slice(0, 2000).split(',')) {
    const [range = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    const q = parameters.flatMap((text) => /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.exec(text)?.[1] ?? []).map(Number)[0] ?? 1;
    if (JSON_TYPES.test(range) || range === '*/*' || range === 'application/*') json = Math.max(json, q);
    if (XML_TYPES.test(range)) xml = Math.max(xml, q);
  }
  if (json > 0 && json >= xml) return 'json';
  return canXml && xml > 0 ? 'xml' : json > 0 ? 'json' : undefined;
}

/** How words of the CBV are written in XML. @throws Problem 406 for another word */
export function cbvFormOf(header: string | undefined): CbvForm {
  if (header === undefined || ['No_Preference', 'Always_Web_URI', 'Never_Translates'].includes(header)) return 'web';
  if (header === 'Always_URN') return 'urn';
  throw new Problem('NotAcceptableException', 'GS1-CBV-XML-Format is No_Preference, Always_Web_URI, Always_URN or Never_Translates');
}
