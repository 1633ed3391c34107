/** Android 16's `tradeinmode getstatus`: one JSON object. Kept as it was said; what identifies the phone becomes identifiers. Source: AOSP docs/dev/adb_tradeinmode.md, TradeInModeService. */
import { type ArtefactReader, type LoadedArtefact, makeFact, unreadable, wholeOf } from '../../reader.ts';
import type { Identifier, SaidAt } from '../../values/index.ts';
import { collect } from '../collect.ts';
import { jsonValue, membersOf, skipMark } from '../json.ts';

const DEPTH_MAX = 16;

export const tradeInReader: ArtefactReader = {
  kinds: ['tradeinmode'],
  read(artefact) {
    const start = skipMark(artefact.bytes);
    if (artefact.bytes[start] !== 0x7b) return unreadable('it is no JSON object');
    const entries = collect<SaidAt>('values', 10_000);
    walk({ artefact, add: (entry) => entries.add(entry) }, start, '', 0);
    const identifiers = entries.list.flatMap(identifierOf);
    const place = wholeOf(artefact);
    return {
      facts: [
        makeFact('trade-in', entries.list, { standing: 'told', place }),
        ...(identifiers.length === 0 ? [] : [makeFact('identifiers', identifiers, { standing: 'told', place })]),
      ],
      unread: entries.dropped(),
    };
  },
};

/** What is walked, and where values go. */
interface Step {
  readonly artefact: LoadedArtefact;
  readonly add: (entry: SaidAt) => void;
}

function walk(step: Step, at: number, path: string, depth: number): void {
  const { artefact } = step;
  let index = 0;
  for (const member of membersOf(artefact, at)) {
    const here = `${path}${path === '' ? '' : '.'}${member.key ?? String(index++)}`;
    const first = artefact.bytes[member.at];
    if ((first === 0x7b || first === 0x5b) && depth < DEPTH_MAX) {
      walk(step, member.at, here, depth + 1);
      continue;
    }
    const value = jsonValue(artefact, member);
    step.add({
      path: here,
      value: typeof value === 'string' ? value : JSON.stringify(value),
      place: { artefact: artefact.name, at: (artefact.base ?? 0) + member.from, length: member.end - member.from },
    });
  }
}

function identifierOf({ path, value, place }: SaidAt): readonly Identifier[] {
  const surface = 'tradeinmode getstatus';
  const [, type, slot] = /(?:^|\.)(imei|meid|serial|iccid)(?:_?(\d))?(?:\.\d+)?$/i.exec(path) ?? [];
  // The battery and its parts have serials of their own.
  if (type === undefined || value === '' || /battery|screen|part/i.test(path)) return [];
  const known = type.toLowerCase();
  if (known !== 'imei' && known !== 'meid' && known !== 'serial' && known !== 'iccid') return [];
  return [{ type: known, slot: slot === undefined ? undefined : Number(slot), value, surface, place }];
}
