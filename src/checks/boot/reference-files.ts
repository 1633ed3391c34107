import { factsOf } from '../../evidence/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { claimsOf, natureOf, said } from './claims.ts';
import { isCodePath } from './system-paths.ts';

const FINDINGS_MAX = 200;

export const referenceFiles = defineCheck({
  id: 'boot.reference-files',
  axis: 'software',
  title: 'System files against the reference',
  what: 'Digests of the files of the system, and files that are there besides, against the reference of the build with the same fingerprint.',
  why: 'This is what the maker put into this build. Malware in the framework differs here whatever it hides elsewhere.',
  benign: ['Customer partitions that the package of the build does not contain: they are not compared.'],
  confirm: 'Pull the file and compare it with the one in the official package.',
  strength: 'conclusive',
  impossible:
    'The fingerprint names one official build, whose manifest is vouched for by its maker. The system partitions are read-only images: a file with another digest, or one more file among the programs, is not of that build.',
  standing: 'told',
  needs: ['files'],
  settledBy: "file lists with digests, and a reference of the maker's build",
  group: 'system-files',
  causes: ['rom-flash', 'root', 'retailer-apps'],
  catches: 'framework',
  spec: ['design: Contracts, assay.manifest/1'],
  run(context) {
    const settledBy = "file lists with digests, and a reference of the maker's build";
    const fingerprint = said(context, 'ro.system.build.fingerprint') ?? said(context, 'ro.build.fingerprint');
    const reference = context.references.find(
      ({ manifest }) => fingerprint !== undefined && Object.values(manifest.identity).includes(fingerprint.value),
    );
    if (fingerprint === undefined || reference === undefined)
      return notChecked('no reference of the build that the phone names is known', settledBy);
    const expected = new Map(reference.manifest.files.map((file) => [file.path, file]));
    // A partition that the reference does not hold is packed apart.
    const covered = new Set(reference.manifest.files.map(({ path }) => path.split('/')[1] ?? ''));
    const claims = claimsOf(context);
    const findings: Draft[] = [];
    let compared = 0;
    for (const fact of factsOf(context.facts, 'files'))
      for (const file of fact.value.files) {
        const known = expected.get(file.path);
        const added = known === undefined && file.type === 'file' && isCodePath(file.path) && covered.has(file.path.split('/')[1] ?? '');
        const digest = file.sha256?.toLowerCase();
        if (known?.sha256 !== undefined && known.sha256 !== null && digest !== undefined) compared++;
        const changed = digest !== undefined && typeof known?.sha256 === 'string' && known.sha256.toLowerCase() !== digest;
        if ((!added && !changed) || findings.length >= FINDINGS_MAX) continue;
        findings.push({
          claimed: `the files of ${fingerprint.value}`,
          observed: added ? `${file.path}, which the build does not contain` : `${file.path} with SHA-256 ${digest?.slice(0, 16)}…`,
          because: added
            ? 'It was added to the system after the maker built it.'
            : `The build has SHA-256 ${known?.sha256?.slice(0, 16)}… there: it was changed.`,
          standing: fact.standing,
          evidence: [fact.place, fingerprint.place],
          nature: natureOf(claims),
          names: file.path,
          ...(reference.vouched === 'nobody' ? { strength: 'weak' as const } : {}),
        });
      }
    if (compared === 0 && findings.length === 0) return notChecked('no file of the build was read with its digest', settledBy);
    return failOrPass(findings, 'told');
  },
});
