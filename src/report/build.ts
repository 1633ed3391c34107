import type { CheckResults, Finding, NotExamined, PackageView } from '../checks/index.ts';
import { type Capture, type Facts, factsOf, NO_READER, property } from '../evidence/index.ts';
import type { ElsewhereFile, TextDifference, Yardstick } from '../references/index.ts';
import type { Verdict } from '../verdict/index.ts';
import { yardstickReport } from './comparison.ts';
import { packagesReport } from './packages.ts';
import type { Report } from './schema.ts';

/** Everything that a report is made of. */
export interface ReportParts {
  readonly source: string;
  readonly capture: Capture;
  readonly facts: Facts;
  readonly results: CheckResults;
  readonly verdict: Verdict;
  readonly asOf: string;
  /** SHA-256 of each artefact in hex, by name. */
  readonly digests: ReadonlyMap<string, string>;
  readonly versions: Report['versions'];
  /** Builds that the phone was held against. */
  readonly yardsticks: readonly Yardstick[];
  /** What differs in texts of the first of them, where both sides could be read. */
  readonly texts?: readonly (readonly [path: string, difference: TextDifference])[];
  readonly elsewhere: ReadonlyMap<string, ElsewhereFile> | undefined;
  readonly packages: PackageView;
  /** A firmware image is what is judged. */
  readonly isImage?: true;
}

/** Builds the report. Pure: the same parts give the same report, byte for byte. */
export function buildReport(parts: ReportParts): Report {
  const { capture, facts, results, verdict } = parts;
  const { axes } = verdict;
  const packages = packagesReport(parts.packages);
  const decidedBy = [...axes.hardware.decidedBy, ...axes.software.decidedBy, ...axes.custody.decidedBy];
  return {
    format: 'assay.report/1',
    subject: {
      kind: parts.isImage === true ? 'image' : capture.trust === 'live' ? 'phone' : 'recording',
      origin: capture.origin,
      source: parts.source,
      takenAt: capture.takenAt ?? null,
      judgedAsOf: parts.asOf,
      claims: { ...capture.claims },
      says: saysOf(facts),
    },
    verdict: {
      hardware: axes.hardware.answer,
      software: axes.software.answer,
      custody: axes.custody.answer,
      nature: axes.nature,
      reach: { hardware: axes.hardware.reach, software: axes.software.reach, custody: axes.custody.reach },
      decision: verdict.decision,
      policy: verdict.policy,
      reason: verdict.reason,
      nextStep: verdict.nextStep,
      decidedBy: [...new Set(decidedBy.map(({ check }) => check))],
    },
    posture: results.findings
      .filter(({ axis }) => axis === 'posture')
      .map(({ title, observed, strength, check }) => ({ what: title, observed, strength, check })),
    findings: byWeight(results.findings, new Set(decidedBy)).map(reportFinding),
    ...(packages === undefined ? {} : { packages }),
    comparisons: parts.yardsticks.map((one, index) => yardstickReport(one, parts.elsewhere, index === 0 ? parts.texts : undefined)),
    passed: results.passed.map(({ check, standing }) => ({ check, standing })),
    notExamined: [...notExaminedOf(parts)],
    evidence: capture.artefacts.map((artefact) => {
      const item = capture.items.find((candidate) => candidate.artefact === artefact.name);
      return {
        artefact: artefact.name,
        sha256: parts.digests.get(artefact.name) ?? '',
        bytes: artefact.source.size,
        command: item?.command ?? null,
        outcome: item?.outcome ?? null,
      };
    }),
    changes: capture.changes.map(({ what, undone, undo }) => ({ what, undone, undo: undo ?? null })),
    expires: verdict.expires,
    versions: parts.versions,
  };
}

const WEIGHTS = ['conclusive', 'strong', 'weak', 'note'];

/** The findings that decided first, then by strength; otherwise in the order of the checks. */
function byWeight(findings: readonly Finding[], decided: ReadonlySet<Finding>): readonly Finding[] {
  const weight = (finding: Finding) => (decided.has(finding) ? 0 : 1) * 10 + WEIGHTS.indexOf(finding.strength);
  return findings.toSorted((a, b) => weight(a) - weight(b));
}

function reportFinding(finding: Finding): Report['findings'][number] {
  const { check, title, axis, strength, standing, claimed, observed, because, confirm } = finding;
  return {
    check,
    title,
    axis,
    strength,
    standing,
    claimed,
    observed,
    because,
    evidence: finding.evidence.map(({ artefact, at, length }) => ({ artefact, at, length })),
    benign: [...finding.benign],
    falsePositiveRate: { ...finding.falsePositiveRate },
    confirm,
    ...(finding.toolmarks.length === 0 ? {} : { toolmarks: finding.toolmarks.map((mark) => ({ ...mark })) }),
  };
}

/** What no check of a running phone covers, whatever was read. Rule 5: a report without this list is a lie. */
const NEVER_EXAMINED: readonly NotExamined[] = [
  {
    what: 'Partitions as they lie on the storage',
    because: 'since Android 7 the shell may not read block devices',
    settledBy: 'images read through the mask ROM or a signed statement of the boot state, held against the maker’s firmware',
  },
  {
    what: 'Modem, secure world and other processors’ firmware',
    because: 'no interface shows them to the cable',
    settledBy: 'the maker, or images read through the mask ROM',
  },
  { what: 'Private data of apps', because: 'personal content is not read', settledBy: 'nothing: it is left out on purpose' },
];

/** What no check of an image covers. */
const NEVER_IN_IMAGES: readonly NotExamined[] = [
  {
    what: 'What a phone runs',
    because: 'an image shows what would be installed, not what is',
    settledBy: 'inspecting the phone itself',
  },
  {
    what: 'Firmware of the modem, the secure world and other processors, inside',
    because: 'it is compared by its digest alone',
    settledBy: 'the maker, or a reference that holds the same partitions',
  },
];

function notExaminedOf({ capture, facts, results, isImage }: ReportParts): readonly NotExamined[] {
  const kept = facts.unread.filter(({ because }) => because.startsWith(NO_READER));
  const unread = facts.unread
    .filter((one) => !kept.includes(one))
    .map(({ artefact, because }) => ({ what: artefact, because, settledBy: 'a complete copy of this artefact' }));
  if (kept.length > 0)
    unread.push({
      what: someOf(kept.map(({ artefact }) => artefact)),
      because: 'kept whole in the capture; no check reads them yet',
      settledBy: 'a later version of assay on the same capture, or a person',
    });
  const unused = capture.unused.map(({ name, because }) => ({ what: name, because, settledBy: unusedWords(because) }));
  return [
    ...results.notExamined,
    ...unansweredItems(capture),
    ...unread,
    ...unused,
    ...(isImage === true ? NEVER_IN_IMAGES : NEVER_EXAMINED),
  ];
}

/** What would settle a part that was left out. */
function unusedWords(because: string): string {
  if (because === 'personal content') return 'nothing: it is left out on purpose';
  return because.includes('read on request') ? 'asking for it by name (capture --with)' : 'nothing that assay reads today';
}

/** What a phone of its version does not have is one line, and so are many items that failed for one reason. */
function unansweredItems({ items }: Capture): readonly NotExamined[] {
  const reasons = new Map<string, { readonly ids: string[]; readonly settledBy: string }>();
  for (const { id, outcome, note } of items) {
    if (outcome === 'done') continue;
    const isVersion = (note ?? '').startsWith('for API level');
    const because = isVersion
      ? 'asked for and not there: other Android versions than the phone says it runs have these'
      : firstLine(note ?? outcome);
    const settledBy = isVersion
      ? 'nothing, if the phone runs the version that it says'
      : outcome === 'skipped'
        ? 'another way of reading it'
        : 'inspecting the phone again';
    const found = reasons.get(because) ?? { ids: [], settledBy };
    found.ids.push(id);
    reasons.set(because, found);
  }
  return [...reasons].map(([because, { ids, settledBy }]) => ({ what: someOf(ids), because, settledBy }));
}

const firstLine = (text: string) => text.split('\n').find((line) => line.trim() !== '' && !/^[0-9a-f]{16} /.test(line)) ?? text;
const someOf = (ids: readonly string[]) => (ids.length <= 6 ? ids.join(', ') : `${ids.slice(0, 5).join(', ')} and ${ids.length - 5} more`);

function saysOf(facts: Facts): Report['subject']['says'] {
  const say = (...keys: readonly string[]): string | null => {
    for (const key of keys) {
      for (const { value } of factsOf(facts, 'properties')) {
        const found = property(value, key)?.value;
        if (found !== undefined && found !== '') return found;
      }
    }
    return null;
  };
  return {
    model: say('ro.product.model', 'ro.product.system.model', 'ro.product.vendor.model'),
    brand: say('ro.product.brand', 'ro.product.system.brand', 'ro.product.vendor.brand'),
    device: say('ro.product.device', 'ro.product.vendor.device', 'ro.product.system.device'),
    android: say('ro.build.version.release', 'ro.system.build.version.release'),
    build: say('ro.build.display.id', 'ro.build.id'),
    fingerprint: say('ro.build.fingerprint', 'ro.system.build.fingerprint', 'ro.vendor.build.fingerprint'),
    patchLevel: say('ro.build.version.security_patch'),
  };
}
