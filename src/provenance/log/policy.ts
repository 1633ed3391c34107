/**
 * Which log, and whose cosignatures, a verifier trusts.
 * Spec: c2sp.org/tlog-policy (untagged draft, as of C2SP commit 5ba5ee83): `log VKEY [URL]`, `witness NAME VKEY [URL]`, `group NAME k|any|all MEMBER…`, `quorum NAME|none`.
 */
import { FormatError, type HashPort } from '../../bytes/index.ts';
import { type NoteKey, parseVerifierKey, type VerifiedSignature } from './note.ts';

const FORMAT = 'tlog policy';
const LINES_MAX = 1000;

interface Group {
  readonly need: number;
  readonly members: readonly string[];
}

export interface LogPolicy {
  readonly logs: readonly { readonly key: NoteKey; readonly url: string | undefined }[];
  readonly witnesses: ReadonlyMap<string, { readonly key: NoteKey; readonly url: string | undefined }>;
  readonly groups: ReadonlyMap<string, Group>;
  /** `none` asks for no cosignature, and must be said: a policy without a quorum line is refused. */
  readonly quorum: string;
}

/** Parses a policy file. @throws FormatError naming the line */
export function parseLogPolicy(hash: HashPort, text: string): LogPolicy {
  const lines = text.split('\n');
  if (lines.length > LINES_MAX)
    throw new FormatError({ format: FORMAT, field: 'lines', at: 0 }, 'too-large', `${lines.length} lines, and ${LINES_MAX} is the most`);
  const logs: { key: NoteKey; url: string | undefined }[] = [];
  const witnesses = new Map<string, { key: NoteKey; url: string | undefined }>();
  const groups = new Map<string, Group>();
  let quorum: string | undefined;
  for (const [index, raw] of lines.entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const refuse = (detail: string) => new FormatError({ format: FORMAT, field: `line ${index + 1}`, at: 0 }, 'bad-value', detail);
    const [word = '', ...rest] = line.split(/\s+/);
    const isKnown = (name: string) => witnesses.has(name) || groups.has(name);
    const claimName = (name: string | undefined): string => {
      if (name === undefined || name === 'none' || isKnown(name)) throw refuse(`"${name ?? ''}" is no new name`);
      return name;
    };
    switch (word) {
      case 'log': {
        const [vkey, url] = rest;
        if (vkey === undefined || rest.length > 2) throw refuse('log wants a key and at most a URL');
        const key = parseVerifierKey(hash, vkey);
        if (key.type !== 'ed25519') throw refuse('a log signs with Ed25519');
        logs.push({ key, url });
        break;
      }
      case 'witness': {
        const [name, vkey, url] = rest;
        if (vkey === undefined || rest.length > 3) throw refuse('witness wants a name, a key and at most a URL');
        const key = parseVerifierKey(hash, vkey);
        if (key.type !== 'cosignature-ed25519' && key.type !== 'cosignature-ml-dsa-44')
          throw refuse('a witness cosigns with a cosignature key');
        witnesses.set(claimName(name), { key, url });
        break;
      }
      case 'group': {
        const [name, threshold, ...members] = rest;
        if (members.length === 0 || !members.every(isKnown)) throw refuse('a group lists witnesses and groups that stand above it');
        if (new Set(members).size !== members.length) throw refuse('a group lists one member twice');
        const need = threshold === 'any' ? 1 : threshold === 'all' ? members.length : Number(threshold);
        if (!Number.isInteger(need) || need < 1 || need > members.length)
          throw refuse(`a threshold of ${threshold} for ${members.length} members`);
        groups.set(claimName(name), { need, members });
        break;
      }
      case 'quorum': {
        const [name] = rest;
        if (quorum !== undefined || name === undefined || rest.length !== 1 || !(name === 'none' || isKnown(name)))
          throw refuse('one quorum, naming a group or witness above, or none');
        quorum = name;
        break;
      }
      default:
        throw refuse(`"${word}" is no keyword`);
    }
  }
  if (logs.length === 0) throw new FormatError({ format: FORMAT, field: 'log', at: 0 }, 'bad-value', 'no log is trusted');
  if (quorum === undefined) throw new FormatError({ format: FORMAT, field: 'quorum', at: 0 }, 'bad-value', 'no quorum is said');
  return { logs, witnesses, groups, quorum };
}

/** Whether the verified signatures of one checkpoint hold the log's own and satisfy the quorum. */
export function satisfies(policy: LogPolicy, signatures: readonly VerifiedSignature[]): boolean {
  if (!policy.logs.some(({ key }) => signatures.some((signature) => signature.key === key))) return false;
  return policy.quorum === 'none' || isMet(policy, policy.quorum, signatures);
}

function isMet(policy: LogPolicy, name: string, signatures: readonly VerifiedSignature[]): boolean {
  const witness = policy.witnesses.get(name);
  if (witness !== undefined) return signatures.some(({ key }) => key === witness.key);
  const group = policy.groups.get(name);
  // Groups name only what stands above them, so this ends.
  return group !== undefined && group.members.filter((member) => isMet(policy, member, signatures)).length >= group.need;
}
