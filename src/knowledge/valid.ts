/** Knowledge at a moment. An indicator that had ended by then accuses nobody; one that ended since was true of the phone as it was. */
import { type Instant, instantMs, isInstant } from '../bytes/index.ts';
import type { Knowledge } from './types.ts';

/** What is left of knowledge at a moment, with the number of rows that are not. */
export function knowledgeAt(knowledge: Knowledge, asOf: Instant): Knowledge {
  const at = instantMs(asOf);
  const isValid = ({ until }: { readonly until?: string | undefined }) => until === undefined || !isInstant(until) || at < instantMs(until);
  const indicators = knowledge.indicators.filter(isValid);
  const patterns = knowledge.patterns.filter(isValid);
  const ended = knowledge.indicators.length - indicators.length + knowledge.patterns.length - patterns.length;
  return ended === 0 ? knowledge : { ...knowledge, indicators, patterns, ended };
}
