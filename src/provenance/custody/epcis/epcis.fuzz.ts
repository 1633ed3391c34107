import { FormatError } from '../../../bytes/index.ts';
import { eventListOf } from './document.ts';
import { documentProblems, eventProblems, eventsOf, listOf, preImage, readDocument } from './index.ts';

export const name = 'epcis';

const EVENT =
  '"type":"ObjectEvent","eventTime":"2026-03-04T11:00:30+01:00","eventTimeZoneOffset":"+01:00","epcList":["urn:epc:id:sgtin:4012345.011111.2"],"action":"OBSERVE","x:y":{"x:z":[1,"a"]}';
export const seeds: readonly Uint8Array[] = [
  `{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",{"x":"urn:x:"}],"type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2026-03-04T11:00:30Z","epcisBody":{"eventList":[{${EVENT}}]}}`,
  '<e:EPCISDocument xmlns:e="urn:epcglobal:epcis:xsd:1" schemaVersion="1.2" creationDate="2026-03-04T11:00:30Z"><EPCISBody><EventList><ObjectEvent><eventTime>2026-03-04T11:00:30Z</eventTime><epcList><epc>urn:epc:id:sscc:4012345.0000000333</epc></epcList></ObjectEvent></EventList></EPCISBody></e:EPCISDocument>',
].map((text) => new TextEncoder().encode(text));

/** Reads, judges and hashes hostile documents: anything but a FormatError, or the refusal of fields too deep, is a finding. */
export function run(bytes: Uint8Array): Promise<void> {
  try {
    const document = readDocument(bytes);
    const problems = [...documentProblems(document.json), ...listOf(eventListOf(document.json)).flatMap((event) => eventProblems(event))];
    if (problems.length === 0) for (const event of eventsOf(document).events) preImage(event);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
  return Promise.resolve();
}
