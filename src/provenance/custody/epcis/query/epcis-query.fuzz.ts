import { custodyEventOf } from '../../event.ts';
import { eventOf } from '../document.ts';
import { isObject, type Json } from '../model.ts';
import { QueryError } from './query-error.ts';
import { readQuery } from './read-query.ts';

export const name = 'epcis-query';

const QUERIES = [
  '{"EQ_bizStep":["shipping"],"GE_eventTime":["2026-01-01T00:00:00Z"],"orderBy":["x:y"],"eventCountLimit":["3"]}',
  '{"MATCH_anyEPC":["urn:epc:idpat:sgtin:4012345.*.*"],"GE_value_CEL":["25"],"EQ_INNER_ILMD_x:z":["1"]}',
  '{"EQ_ATTR_bizLocation_cbvmda:city":["a"],"EXISTS_SENSORREPORT_x:y":[],"LT_quantity_KGM":["1e3"],"EQ_source_location":["urn:x:1"]}',
];
export const seeds: readonly Uint8Array[] = QUERIES.map((text) => new TextEncoder().encode(text));

const BODY = {
  '@context': [{ x: 'urn:x:' }],
  type: 'ObjectEvent',
  eventTime: '2026-03-04T11:00:30+01:00',
  eventTimeZoneOffset: '+01:00',
  epcList: ['urn:epc:id:sgtin:4012345.011111.2'],
  quantityList: [{ epcClass: 'urn:x:c', quantity: 1, uom: 'KGM' }],
  action: 'ADD',
  ilmd: { 'x:y': { 'x:z': [1, 'a', null, { '#text': 'b' }] } },
  sensorElementList: [{ sensorReport: [{ type: 'Temperature', value: 25, uom: 'CEL', 'x:y': '2026-01-01T00:00:00Z' }] }],
  'x:y': ['1', 'a'],
} as const;

/** Reads hostile queries and asks them of an event: anything but a QueryError is a finding. */
export function run(bytes: Uint8Array): Promise<void> {
  let given: Json;
  try {
    given = JSON.parse(new TextDecoder().decode(bytes)) as Json; // JSON.parse gives JSON.
  } catch {
    return Promise.resolve();
  }
  if (!isObject(given)) return Promise.resolve();
  const query = Object.fromEntries(
    Object.entries(given).map(([parameter, value]) => [
      parameter,
      (Array.isArray(value) ? (value as readonly Json[]) : [value]).map(String),
    ]),
  );
  try {
    const masterData = { attributesOf: () => [{ id: 'cbvmda:city', value: 'a' }], below: () => ['urn:x:1'] };
    const { isAnswer } = readQuery(query, new Map([['x', 'urn:x:']]), masterData);
    const { namespaces } = eventOf(BODY);
    isAnswer({ body: BODY, event: custodyEventOf('ni:///sha-256;0?ver=CBV2.0', BODY), namespaces, recordedMs: 0 });
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
  }
  return Promise.resolve();
}
