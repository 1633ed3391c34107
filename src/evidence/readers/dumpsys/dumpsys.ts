/** `dumpsys` of all services: each behind its `DUMP OF SERVICE [PRIORITY ]name:` line. Source: AOSP frameworks/native/cmds/dumpsys (writeDumpHeader). */
import type { ArtefactReader, ArtefactReading, LoadedArtefact } from '../../reader.ts';
import { makeFact, unreadable } from '../../reader.ts';
import type { Said } from '../../values/index.ts';
import { readSection, type SectionReading } from '../section-reading.ts';
import { type Section, sectionArtefact, sectionsOf } from '../sections.ts';

/** The service that a line begins the dump of. */
export const serviceHeaded = (line: string): string | undefined =>
  /^DUMP OF SERVICE (?:CRITICAL |HIGH |NORMAL )?([^:\s]{1,200}):?$/.exec(line)?.[1];

const LETTER_D = 0x44;

/** Makes the reader of whole dumps, which hands each service's part to the reader of its kind. */
export function dumpsysReader(readers: readonly ArtefactReader[]): ArtefactReader {
  return { kinds: ['dumpsys'], read: (artefact) => readServices(artefact, readers) };
}

/** Reads every service's part. */
function readServices(artefact: LoadedArtefact, readers: readonly ArtefactReader[]): ArtefactReading {
  const sections = sectionsOf(artefact.bytes, [LETTER_D], serviceHeaded);
  if (sections.length === 0) return unreadable('it holds no `DUMP OF SERVICE` line');
  const reading: SectionReading = { facts: [], unread: [] };
  const seen = new Set<string>();
  for (const section of sections) {
    // An app may print such a line within its own dump: both are read, and it is said.
    if (seen.has(section.heading)) reading.unread.push(`the service ${section.heading} is dumped more than once; every dump was read`);
    seen.add(section.heading);
    readSection(sectionArtefact(artefact, section, `dumpsys/${section.heading}`), readers, reading);
  }
  reading.facts.push(servicesFact(artefact, sections));
  return reading;
}

/** The names of the services that were dumped. */
function servicesFact(artefact: LoadedArtefact, sections: readonly Section[]) {
  const base = artefact.base ?? 0;
  const names: readonly Said<string>[] = sections.map(({ heading, at, from }) => ({
    value: heading,
    place: { artefact: artefact.name, at: base + at, length: from - at },
  }));
  return makeFact('services', names, { standing: 'told', place: { artefact: artefact.name, at: base, length: artefact.bytes.length } });
}
