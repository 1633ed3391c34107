import { type Toolmark, toolmarkName } from '../evidence/index.ts';

/** The toolmarks of a report's findings, each once. */
export function toolmarksOf(findings: readonly { readonly toolmarks?: readonly Toolmark[] | undefined }[]): readonly Toolmark[] {
  const marks = findings.flatMap(({ toolmarks = [] }) => toolmarks);
  return [...new Map(marks.map((mark) => [toolmarkName(mark), mark])).values()];
}
