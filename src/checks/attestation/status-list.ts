/**
 * Google's list of revoked and suspended attestation certificates.
 * Spec: https://developer.android.com/privacy-and-security/security-key-attestation#certificate_status
 * Limits: `TEXT_MAX` characters, `ENTRIES_MAX` entries. Keys are serial numbers in hex without leading zeros; the many that look decimal are hex too.
 *
 *   { "entries": { "c35747a084470c3135aeefe2b8d40cd6": { "status": "REVOKED" | "SUSPENDED", "reason": …, "expires": …, "comment": … } } }
 */
import { FormatError, type Instant, instantMs, isInstant, type Oddity, type Reading } from '../../bytes/index.ts';
import { BUNDLED_STATUS_DATE, REVOKED_KEY_COMPROMISE, REVOKED_SOFTWARE_FLAW } from '../../knowledge/attestation/index.ts';

const FORMAT = 'attestation status list';
/** The real list has 50,000 characters. */
const TEXT_MAX = 1 << 24;
const ENTRIES_MAX = 1 << 18;
/** A list older than this is said to be stale. */
export const STATUS_FRESH_DAYS = 7;

export interface StatusEntry {
  /** Anything that is neither REVOKED nor SUSPENDED was refused when the list was read. */
  readonly status: 'REVOKED' | 'SUSPENDED';
  readonly reason: string | undefined;
}

export interface StatusList {
  readonly entries: ReadonlyMap<string, StatusEntry>;
  /** When it was fetched; undefined: not known, which counts as stale. */
  readonly date: Instant | undefined;
}

/**
 * Reads a list. A status that is not known counts as revoked, with an oddity: a new word for "bad" must not read as good.
 * @throws FormatError
 */
export function parseStatusList(text: string, date: Instant | undefined): Reading<StatusList> {
  const fail = (field: string, code: 'too-large' | 'bad-value', detail: string) =>
    new FormatError({ format: FORMAT, field, at: 0 }, code, detail);
  if (text.length > TEXT_MAX) throw fail('text', 'too-large', `${text.length} characters, ${TEXT_MAX} is the most`);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw fail('json', 'bad-value', error instanceof Error ? error.message : 'no JSON');
  }
  const found = member(document, 'entries');
  if (typeof found !== 'object' || found === null || Array.isArray(found)) throw fail('entries', 'bad-value', 'no object');
  const pairs = Object.entries(found);
  if (pairs.length > ENTRIES_MAX) throw fail('entries', 'too-large', `${pairs.length} entries, ${ENTRIES_MAX} is the most`);
  const oddities: Oddity[] = [];
  const note = (field: string, code: string, detail: string) => {
    if (oddities.length < 256) oddities.push({ format: FORMAT, field, at: 0, code, detail });
  };
  const entries = new Map<string, StatusEntry>();
  for (const [key, value] of pairs) {
    const serial = normalSerial(key);
    if (serial === undefined) throw fail(`entries[${JSON.stringify(key.slice(0, 80))}]`, 'bad-value', 'no hex serial number');
    const status = member(value, 'status');
    const reason = member(value, 'reason');
    if (status !== 'REVOKED' && status !== 'SUSPENDED') note(serial, 'unknown-status', `${JSON.stringify(status)} counts as REVOKED`);
    if (entries.has(serial)) note(serial, 'duplicate-serial', 'the serial number occurs twice');
    // Of two entries for one serial the harder one counts.
    if (entries.get(serial)?.status === 'REVOKED') continue;
    entries.set(serial, {
      status: status === 'SUSPENDED' ? 'SUSPENDED' : 'REVOKED',
      reason: typeof reason === 'string' ? reason : undefined,
    });
  }
  const stated = member(document, 'date');
  const own = typeof stated === 'string' && isInstant(stated) ? stated : undefined;
  return { value: { entries, date: own ?? date }, oddities };
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined;
}

/** A serial number as the list's keys are compared: lower-case hex without leading zeros. */
export function normalSerial(text: string): string | undefined {
  const digits = text.trim().toLowerCase();
  return /^[0-9a-f]{1,128}$/.test(digits) ? digits.replace(/^0+(?=.)/, '') : undefined;
}

/** The list that ships with assay: old, dated, better than none. */
export function bundledStatusList(): StatusList {
  const entries = new Map<string, StatusEntry>();
  for (const serial of REVOKED_KEY_COMPROMISE) entries.set(serial, { status: 'REVOKED', reason: 'KEY_COMPROMISE' });
  for (const serial of REVOKED_SOFTWARE_FLAW) entries.set(serial, { status: 'REVOKED', reason: 'SOFTWARE_FLAW' });
  return { entries, date: isInstant(BUNDLED_STATUS_DATE) ? BUNDLED_STATUS_DATE : undefined };
}

/** Days that a list is older than a moment; negative where it is newer; undefined where its date is not known. */
export function statusAgeDays(list: StatusList, at: Instant): number | undefined {
  return list.date === undefined ? undefined : (instantMs(at) - instantMs(list.date)) / 86_400_000;
}
