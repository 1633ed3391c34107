import { factsOf, type Place, type Standing, weaker } from '../../evidence/index.ts';
import { indicators as builtin, type Knowledge, matchPattern, type Observation, objectsOf, propertyKey } from '../../knowledge/index.ts';
import { type CheckContext, type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { packagesOnce } from '../packages/index.ts';

const FINDINGS_MAX = 100;
const SETTLED_BY = 'an indicator pack (assay knowledge import), and the package and file lists';

/** An observation with where it was seen. */
interface Seen extends Observation {
  readonly label: string;
  readonly place: Place;
  readonly standing: Standing;
}

export const patterns = defineCheck({
  id: 'behaviour.patterns',
  axis: 'posture',
  title: 'Patterns of imported indicators',
  what: 'STIX patterns of imported packs that join several properties, against packages, files, processes, properties and hosts that were read.',
  why: 'A pack names what an investigation found. A pattern of several properties is harder to meet by chance than a name.',
  benign: ['A pattern is its author’s; one that asks for names alone may meet a harmless program.'],
  confirm: 'Read the pack’s source for the indicator, pull what the finding names, and compare.',
  strength: 'weak',
  standing: 'told',
  needs: [],
  settledBy: SETTLED_BY,
  group: 'indicator-patterns',
  causes: ['retailer-apps'],
  catches: undefined,
  spec: ['OASIS STIX 2.1, section 9: STIX Patterning'],
  run(context) {
    const { patterns: rows } = context.knowledge;
    const beside = besideOf(context.knowledge);
    if (rows.length === 0)
      return notChecked(
        ['no pack with patterns is imported', ...beside].join('; '),
        beside.length === 0 ? SETTLED_BY : 'a person who reads the pack',
      );
    const observations = observationsOf(context);
    if (observations.length === 0) return notChecked('nothing was read that a pattern speaks of', SETTLED_BY);
    const open: string[] = [];
    const drafts: Draft[] = [];
    for (const row of rows) {
      const found = matchPattern(row.pattern, observations);
      if (found.answer === 'open') open.push(`${row.family} (${found.because})`);
      // An answer of "no" about what nothing was read of would be none.
      const unread = found.answer === 'no' ? [...objectsOf(row.pattern)].find((object) => !READ.has(object)) : undefined;
      if (unread !== undefined) open.push(`${row.family} (nothing of the kind ${unread.slice(0, 40)} is read)`);
      if (found.answer !== 'yes' || drafts.length >= FINDINGS_MAX) continue;
      // What matched is of the list that was given.
      const [first, ...rest] = found.observations as readonly Seen[];
      if (first === undefined) continue;
      drafts.push({
        claimed: 'a phone without known harmful software',
        observed: [first, ...rest].map(({ label }) => label).join(' and '),
        because: `It meets a pattern of ${row.family} (${row.sources[0] ?? 'source not noted'}): ${row.source.slice(0, 200)}`,
        standing: rest.reduce<Standing>((standing, one) => weaker(standing, one.standing), first.standing),
        evidence: [first.place, ...rest.map(({ place }) => place)],
        names: row.family,
      });
    }
    if (drafts.length === 0 && open.length === rows.length)
      return notChecked(`not examined: ${[...new Set(open)].slice(0, 3).concat(beside).join('; ')}`, 'a person who reads the pack');
    const because = [
      ...(open.length === 0
        ? []
        : [`${open.length} of ${rows.length} patterns hang on what is not examined: ${[...new Set(open)].slice(0, 3).join('; ')}`]),
      ...beside,
    ].join('; ');
    if (drafts.length > 0 || because === '') return failOrPass(drafts, 'told');
    return {
      outcome: 'pass',
      standing: 'told',
      beyond: [{ what: 'Patterns of imported indicators', because, settledBy: 'a person who reads the pack' }],
    };
  },
});

/** Types of objects that captures are read for. */
const READ: ReadonlySet<string> = new Set(['app', 'file', 'process', 'android-property', 'domain-name', 'ipv4-addr', 'ipv6-addr']);

/** What of imported packs is not held against the phone, or against little of it. */
function besideOf({ indicators, ended }: Knowledge): readonly string[] {
  const domains = indicators.length > builtin.length ? indicators.filter(({ type }) => type === 'domain').length : 0;
  return [
    ...(domains === 0 ? [] : [`${domains} domains are compared with the hosts file alone: what the phone called is not read`]),
    ...(ended === undefined ? [] : [`${ended} indicators are left out, whose authors no longer stood by them`]),
  ];
}

function observationsOf(context: CheckContext): readonly Seen[] {
  const seen: Seen[] = [];
  const add = (label: string, from: Pick<Seen, 'place' | 'standing'>, values: Readonly<Record<string, readonly string[]>>) =>
    seen.push({ label, place: from.place, standing: from.standing, values: new Map(Object.entries(values)) });
  const key = propertyKey;
  for (const item of packagesOnce(context))
    add(item.name, item, {
      [key('app', 'id')]: [item.name],
      [key('app', 'cert.sha256')]: item.signers,
      [key('app', 'cert.sha1')]: item.signersSha1,
      [key('file', 'hashes.sha256')]: item.sha256,
      [key('file', 'hashes.sha1')]: item.sha1,
      [key('file', 'hashes.md5')]: item.md5,
      [key('file', 'path')]: item.paths,
      [key('file', 'name')]: item.paths.map(baseName),
    });
  for (const fact of factsOf(context.facts, 'files'))
    for (const file of fact.value.files)
      add(file.path, fact, {
        [key('file', 'path')]: [file.path],
        [key('file', 'name')]: [baseName(file.path), file.path],
        [key('file', 'hashes.sha256')]: file.sha256 === undefined ? [] : [file.sha256],
      });
  for (const fact of factsOf(context.facts, 'processes'))
    for (const process of fact.value)
      add(`process ${process.name}`, { place: process.place, standing: fact.standing }, { [key('process', 'name')]: [process.name] });
  for (const fact of factsOf(context.facts, 'properties'))
    for (const entry of fact.value.entries)
      add(
        `property ${entry.key}`,
        { place: entry.place, standing: fact.standing },
        {
          [key('android-property', 'name')]: [entry.key],
          [key('android-property', 'value')]: [entry.value],
        },
      );
  for (const fact of factsOf(context.facts, 'hosts'))
    for (const { host, address, place } of fact.value.entries)
      add(
        `host ${host}`,
        { place, standing: fact.standing },
        {
          [key('domain-name', 'value')]: [host.toLowerCase()],
          [key('ipv4-addr', 'value')]: [address],
          [key('ipv6-addr', 'value')]: [address],
        },
      );
  return seen;
}

const baseName = (path: string) => path.slice(path.lastIndexOf('/') + 1);
