/**
 * A report for a security operations centre: what spoke against the phone, as sightings.
 * Spec: OASIS STIX 2.1 (Indicator 4.7, Observed Data 4.14, Identity 4.5, Sighting 5.2, File 6.7). Notes, passes and what was not examined are not sightings; a report without
 * findings is a bundle without any. The same check is the same indicator in every report, so that sightings of it add up; nothing here says who is to blame.
 */
import { type HashPort, hashOf, isInstant, toHex } from '../../bytes/index.ts';
import { uuidOf } from '../../provenance/index.ts';
import { redactReport } from '../redact.ts';
import type { Report } from '../schema.ts';

/** A text in single quotes of a pattern. */
const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
/** How sure a sighting is, on the 0 to 100 of STIX: a weak finding is listed and never counted. */
const CONFIDENCE = { conclusive: 95, strong: 80, weak: 25 } as const;
/** An indicator has a time from which it is valid: the first release that could have said it. */
const VALID_FROM = '2026-01-01T00:00:00.000Z';

/**
 * The bundle as the text of a file. What looks like a personal identifier is replaced; serial numbers are known only where the report was made, so give one that was made with `--redact`.
 * `made` is when it is written. @throws RangeError where the report has no time
 */
export function renderStix(hash: HashPort, given: Report, made: string): string {
  const report = redactReport(given, new Map());
  const seen = millis(report.subject.takenAt ?? report.subject.judgedAsOf);
  const now = millis(made);
  const common = { spec_version: '2.1', created: now, modified: now };
  const lab = {
    type: 'identity',
    ...common,
    id: `identity--${uuidOf(hash, `assay ${report.versions.assay}`)}`,
    name: `assay ${report.versions.assay}`,
    identity_class: 'system',
  };
  const by = { created_by_ref: lab.id };
  const digest = toHex(hashOf(hash, 'sha256', new TextEncoder().encode(JSON.stringify(report))));
  const files = new Map<string, Readonly<Record<string, unknown>>>();
  const indicators = new Map<string, Readonly<Record<string, unknown>>>();
  const others: Readonly<Record<string, unknown>>[] = [];
  for (const [index, finding] of report.findings.entries()) {
    if (finding.strength === 'note') continue;
    const indicator = `indicator--${uuidOf(hash, `check ${finding.check}`)}`;
    indicators.set(indicator, {
      type: 'indicator',
      ...common,
      ...by,
      id: indicator,
      name: finding.title,
      description: `The check ${finding.check} of assay. Innocent causes: ${finding.benign.join(' ') || 'none is known.'} To confirm: ${finding.confirm}`,
      indicator_types: [finding.axis === 'posture' ? 'malicious-activity' : 'compromised'],
      pattern: `[x-assay-finding:check = ${quoted(finding.check)}]`,
      pattern_type: 'stix',
      pattern_version: '2.1',
      valid_from: VALID_FROM,
    });
    const refs = artefactsOf(report, finding).map(({ artefact, sha256 }) => {
      const id = `file--${uuidOf(hash, `file ${sha256} ${artefact}`)}`;
      files.set(id, { type: 'file', spec_version: '2.1', id, name: artefact, hashes: { 'SHA-256': sha256 } });
      return id;
    });
    const observed = `observed-data--${uuidOf(hash, `observed ${digest} ${index}`)}`;
    if (refs.length > 0)
      others.push({
        type: 'observed-data',
        ...common,
        ...by,
        id: observed,
        first_observed: seen,
        last_observed: seen,
        number_observed: 1,
        object_refs: refs,
      });
    others.push({
      type: 'sighting',
      ...common,
      ...by,
      id: `sighting--${uuidOf(hash, `sighting ${digest} ${index}`)}`,
      description: `${finding.because} Claimed: ${finding.claimed}. Observed: ${finding.observed}. Strength ${finding.strength}, standing ${finding.standing}.`,
      first_seen: seen,
      last_seen: seen,
      count: 1,
      confidence: CONFIDENCE[finding.strength],
      sighting_of_ref: indicator,
      ...(refs.length > 0 ? { observed_data_refs: [observed] } : {}),
    });
  }
  const objects = [lab, ...indicators.values(), ...files.values(), ...others];
  return `${JSON.stringify({ type: 'bundle', id: `bundle--${uuidOf(hash, `bundle ${digest} ${now}`)}`, objects }, null, 2)}\n`;
}

/** The artefacts that a finding rests on, with their digests. */
const artefactsOf = ({ evidence }: Report, finding: Report['findings'][number]) =>
  evidence.filter(({ artefact }) => finding.evidence.some((place) => place.artefact === artefact));

/** STIX wants milliseconds. */
function millis(text: string): string {
  if (!isInstant(text)) throw new RangeError(`"${text}" is no time`);
  const [, seconds = '', fraction = ''] = /^(.{19})(?:\.(\d+))?Z$/.exec(text) ?? [];
  return `${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}Z`;
}
