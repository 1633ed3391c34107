/**
 * A case as CycloneDX 1.6 declarations (CDXA, ECMA-424): claims with evidence and counter-evidence, rebuttals as counter-claims, resolutions as attestations with their conformance.
 * Only what the case says goes over: no score where nobody resolved a claim, and no signature of CycloneDX's own (JSF), because the entries are signed and the export is derived.
 * Withheld values stay withheld. Corrections are evidence against what they correct, beside it.
 */
import type { HashPort, Instant } from '../../bytes/index.ts';
import { uuidOf } from '../uuid.ts';
import type { CaseFile, SignedEntry } from './chain.ts';
import { type CaseEntry, saidAt } from './entry.ts';

const refOf = ({ index }: Pick<CaseEntry, 'index'>) => `entry-${index}`;
/** A day is its beginning, where CycloneDX wants a moment. */
const moment = (text: string) => (text.includes('T') ? text : `${text}T00:00:00Z`);

/** The document as the text of a file. `made` is when it is written. @throws RangeError for a case without an opening */
export function renderCaseDeclarations(hash: HashPort, { entries }: Pick<CaseFile, 'entries'>, made: Instant): string {
  const [opening] = entries;
  if (opening?.entry.kind !== 'opening') throw new RangeError('a case begins with an opening');
  const said = entries.map(({ entry }) => entry);
  const about = (kind: CaseEntry['kind'], index: number) =>
    said.filter((entry) => entry.kind === kind && 'about' in entry && entry.about === index);
  const evidenceOf = (index: number, speaks: 'for' | 'against') =>
    about('evidence', index).filter((entry) => entry.kind === 'evidence' && entry.speaks === speaks);
  const claims = said.filter(({ kind }) => kind === 'claim' || kind === 'rebuttal');
  const evidence = entries.filter(({ entry }) => entry.kind === 'evidence' || entry.kind === 'correction' || entry.kind === 'answer');
  const resolutions = said.filter((entry) => entry.kind === 'resolution');
  const assessors = [...new Map(resolutions.map(({ by }) => [by.name, by])).values()];
  const assessorRef = (name: string) => `assessor-${uuidOf(hash, name)}`;
  const document = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(hash, `case ${opening.digest}`)}`,
    // A case only grows, so its length numbers its editions.
    version: entries.length,
    metadata: { timestamp: made, component: { type: 'device', name: opening.entry.title, 'bom-ref': 'phone' } },
    declarations: {
      assessors: assessors.map(({ name, role }) => ({
        'bom-ref': assessorRef(name),
        thirdParty: role !== 'maker' && role !== 'claimant',
        organization: { name },
      })),
      attestations: resolutions.map((entry) => ({
        summary: entry.text,
        assessor: assessorRef(entry.by.name),
        map: [
          {
            claims: [`entry-${entry.about}`],
            counterClaims: about('rebuttal', entry.about).map(refOf),
            conformance: {
              ...(entry.outcome === 'upheld' ? { score: 1 } : entry.outcome === 'refuted' ? { score: 0 } : {}),
              rationale: `${entry.outcome}${entry.agreed.length === 0 ? '' : `, agreed by ${entry.agreed.join(', ')}`}`,
            },
          },
        ],
      })),
      claims: claims.map((entry) => {
        const corrected = about('correction', entry.index);
        return {
          'bom-ref': refOf(entry),
          target: 'target-phone',
          predicate: entry.text,
          reasoning: `${entry.kind} by ${entry.by.name} (${entry.by.role}), ${saidAt(entry)}`,
          evidence: evidenceOf(entry.index, 'for').map(refOf),
          counterEvidence: [...evidenceOf(entry.index, 'against'), ...corrected].map(refOf),
        };
      }),
      evidence: evidence.map(evidenceEntry),
      targets: { components: [{ type: 'device', name: opening.entry.title, 'bom-ref': 'target-phone' }] },
    },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function evidenceEntry({ entry, digest }: SignedEntry) {
  const sources = entry.sources.map(({ title, where, sha256 }) => ({
    name: title,
    contents: {
      attachment: {
        contentType: 'text/plain',
        content: [where, sha256 === undefined ? undefined : `SHA-256 ${sha256}`].filter((one) => one !== undefined).join(', ') || title,
      },
    },
  }));
  return {
    'bom-ref': refOf(entry),
    description: `${entry.kind}: ${entry.text}`,
    created: moment(saidAt(entry)),
    author: { name: entry.by.name },
    // What was signed, so that whoever has the case finds it.
    data: [...sources, { name: 'signed entry', contents: { attachment: { contentType: 'text/plain', content: `SHA-256 ${digest}` } } }],
  };
}
