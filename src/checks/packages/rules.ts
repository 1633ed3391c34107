import { factsOf } from '../../evidence/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';

const FINDINGS_MAX = 100;
const LEFT_MAX = 20;
const SETTLED_BY = 'apps and libraries pulled from the phone (--full)';

export const rules = defineCheck({
  id: 'packages.rules',
  axis: 'posture',
  title: 'Code of known families',
  what: 'The decompressed members of pulled apps, and pulled libraries, against YARA rules: assay’s own for families found pre-installed, and those of imported packs.',
  why: 'A name is changed in a minute and a digest with every build; what a family’s code must hold to work stays longer.',
  benign: ['A rule is a guess about code. A scanner that holds its own signatures, or a research app, may meet one.'],
  confirm: 'Open the file and look at what the rule found, at the offset that is given; compare with the source that the rule names.',
  strength: 'weak',
  standing: 'told',
  needs: ['scans'],
  settledBy: SETTLED_BY,
  group: 'code-rules',
  causes: ['retailer-apps', 'rom-flash'],
  catches: undefined,
  spec: ['YARA 4 and YARA-X: rules without modules'],
  run({ facts }) {
    const scans = factsOf(facts, 'scans').flatMap(({ value, place, standing }) => value.map((scan) => ({ scan, place, standing })));
    const drafts = scans.flatMap(({ scan, place, standing }): readonly Draft[] => {
      // One rule in ten members of one file is one thing to tell.
      const byRule = Map.groupBy(scan.matches, ({ source, rule }) => `${source}\0${rule}`);
      return [...byRule.values()].flatMap(([match, ...others]) => {
        if (match === undefined) return [];
        const family = match.meta['family'] ?? match.rule;
        const where = match.member === undefined ? scan.path : `${match.member} of ${scan.path}`;
        const more = others.length === 0 ? '' : `, and in ${others.length} more`;
        return [
          {
            claimed: 'an app or library without code of known families',
            observed: `${where}${match.at === undefined ? '' : ` at offset ${match.at}`}${more}`,
            because: `It meets the rule ${match.rule} (${match.source}) for ${family}${match.meta['source'] === undefined ? '' : `: ${match.meta['source']}`}.`,
            standing,
            evidence: [place],
            names: family,
            ...(match.meta['class'] === 'malware' || match.meta['class'] === 'adware' ? { flag: 'malware' as const } : {}),
          },
        ];
      });
    });
    if (drafts.length > 0) return failOrPass(drafts.slice(0, FINDINGS_MAX), 'told');
    const left = scans.filter(({ scan }) => scan.left.length > 0);
    if (scans.every(({ scan }) => scan.bytes === 0))
      return notChecked(`no file could be scanned: ${left[0]?.scan.left[0] ?? 'nothing was in them'}`, SETTLED_BY);
    // A part that stopped the scan, or did not unpack, was not found clean.
    const beyond = left.slice(0, LEFT_MAX).map(({ scan }) => ({
      what: `Code of known families in ${scan.path}`,
      because: `${scan.left.length} of its parts: ${scan.left[0] ?? ''}`,
      settledBy: 'the file, looked at by a person',
    }));
    return { outcome: 'pass', standing: 'told', ...(beyond.length === 0 ? {} : { beyond }) };
  },
});
