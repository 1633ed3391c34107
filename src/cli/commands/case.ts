import { randomBytes } from 'node:crypto';
import { appendFile, open, readFile, stat, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { Command } from 'commander';
import { type Instant, isInstant, parseHex, toHex } from '../../bytes/index.ts';
import { nodeClock, nodeHash, nodeVerify, openSigner } from '../../platform/node/index.ts';
import {
  type CaseFile,
  type CaseTrust,
  caseLogEntry,
  caseState,
  commitValue,
  digestOf,
  ENTRIES_MAX,
  ENTRY_MAX,
  makerPack,
  type NewEntry,
  nonCompliantReport,
  PHOTOS,
  parseCase,
  proofLine,
  renderCaseDeclarations,
  type Secret,
  signEntry,
  verifyCase,
} from '../../provenance/cases/index.ts';
import { formatVerifierKey, parseLogPolicy, SALT_SIZE } from '../../provenance/index.ts';
import { EXIT, UsageError } from '../exit.ts';
import { trustedSigner } from '../operators.ts';
import { callerPath } from '../paths.ts';
import { signingTime } from '../signing-time.ts';

/** Bytes of a case: more than its limits on entries allow. */
const CASE_MAX = 256 << 20;
const KINDS = ['opening', 'claim', 'rebuttal', 'evidence', 'promise', 'answer', 'resolution', 'correction'] as const;

interface AddFlags {
  readonly key: readonly string[];
  readonly kind: string;
  readonly by: string;
  readonly role: string;
  readonly text: string;
  readonly title?: string;
  readonly about?: string;
  readonly speaks?: string;
  readonly due?: string;
  readonly outcome?: string;
  readonly agreed?: readonly string[];
  readonly happened?: string;
  readonly source?: readonly string[];
  readonly file?: readonly string[];
  readonly withhold?: readonly string[];
  readonly secrets?: string;
}

interface TrustFlags {
  readonly key: readonly string[];
  readonly policy?: string;
  readonly withoutLog?: true;
}

/** `assay case add|verify|show|page|export|prove|ask|gsma` */
export function caseCommand(): Command {
  const adding = new Command('add')
    .summary('sign an entry and add it; the first one, of kind opening, makes the file')
    .argument('<case>', 'the file of the case')
    .requiredOption('--key <file...>', 'private keys in PKCS#8 PEM, Ed25519 or ECDSA P-256')
    .requiredOption('--kind <kind>', KINDS.join(', '))
    .requiredOption('--by <name>', 'who says it')
    .requiredOption('--role <role>', 'claimant, maker, seller, lab, registry or observer')
    .requiredOption('--text <text>', 'what is said; {label} stands for a withheld value')
    .option('--title <text>', 'of an opening: the title of the case')
    .option('--about <entry>', 'number of the entry that it is about')
    .option('--speaks <side>', 'of evidence: for or against the claim')
    .option('--due <time>', 'of a promise: by when, as in 2026-01-31T12:00:00Z, or as in 24h from now')
    .option('--outcome <outcome>', 'of a resolution: upheld, refuted, withdrawn or undecided')
    .option('--agreed <name...>', 'of a resolution: who agreed')
    .option('--happened <time>', 'when it happened, a day or an instant, where that is not now')
    .option('--source <text...>', 'a source, as title or title|where')
    .option('--file <path...>', 'a file that is a source: its SHA-256 is in the entry')
    .option('--withhold <label=value...>', 'values that the text shows as {label} only')
    .option('--secrets <file>', 'where what discloses the withheld values is added: it stays with you')
    .action(add);
  const verifying = trusting(
    new Command('verify').summary('verify the chain, every signature, and the log proofs').argument('<case>'),
  ).action(async (path: string, flags: TrustFlags) => {
    const trust = await trustOf(await readCase(path), flags);
    console.log(`${trust.verified ? 'The case is verified.' : 'The case is NOT verified.'} ${clean(trust.because)}`);
    process.exitCode = trust.verified ? EXIT.done : EXIT.reject;
  });
  const showing = new Command('show')
    .summary('where every claim stands, and which promised answers are due')
    .argument('<case>')
    .option('--as-of <time>', 'as of when; default: now')
    .option('--json', 'print one JSON document and nothing else')
    .action(show);
  const paging = trusting(new Command('page').summary('write the public page').argument('<case>'))
    .requiredOption('--out <file>', 'where the page is written')
    .option('--as-of <time>', 'as of when; default: now')
    .option('--disclose <file>', 'secrets whose values the page shows')
    .action(page);
  const exporting = new Command('export')
    .summary('the case as CycloneDX 1.6 declarations')
    .argument('<case>')
    .requiredOption('--out <file>', 'where the document is written')
    .action(async (path: string, { out }: { readonly out: string }) => {
      await writeFile(callerPath(out), renderCaseDeclarations(nodeHash, await readCase(path), nodeClock.now()), { flag: 'wx' });
    });
  const proving = new Command('prove')
    .summary('log every entry that has no proof yet, and add the proofs to the case')
    .argument('<case>')
    .requiredOption('--log <folder>', 'the log')
    .requiredOption('--log-key <file>', 'its private key')
    .action(prove);
  const asking = new Command('ask')
    .summary('write the pack that asks the maker what only the maker can answer')
    .argument('<report>', 'a report in JSON')
    .requiredOption('--from <name>', 'who asks')
    .requiredOption('--out <file>', 'where the page is written; the document goes beside it, as .json')
    .option('--identity <kind=value...>', 'what box, sticker or receipt say, as in box-imei=…')
    .option('--photo <slot=file...>', `photos: ${PHOTOS.join(', ')}`)
    .action(ask);
  const reporting = new Command('gsma')
    .summary('the report of a non-compliant IMEI, with the evidence that the GSMA asks for')
    .requiredOption('--imei <digits>')
    .requiredOption('--organisation <name>')
    .requiredOption('--brand <name>')
    .requiredOption('--model <name>')
    .option('--photo <slot=file...>', 'photos: device, packaging, screen, box')
    .option('--original-brand <name>')
    .option('--vendor <address>')
    .option('--obtained <text>', 'when and how it was obtained')
    .requiredOption('--out <file>', 'where the document is written')
    .action(gsma);
  const command = new Command('case').description(
    'A case: claims, evidence, rebuttals and resolutions as signed and dated entries that nobody rewrites (docs/formats/case.md).',
  );
  for (const one of [adding, verifying, showing, paging, exporting, proving, asking, reporting]) command.addCommand(one);
  return command;
}

const trusting = (command: Command): Command =>
  command
    .requiredOption('--key <file...>', 'public keys in PEM that you trust')
    .option('--policy <file>', 'the log policy (tlog-policy) that you trust: every entry must be proven to be in the log')
    .option('--without-log', 'do not ask for a log');

/** What a terminal would interpret is shown as a mark. */
const clean = (text: string): string => text.replaceAll(/[^\P{Cc}\n]/gu, '\ufffd');

async function readText(path: string, most: number): Promise<string> {
  const file = callerPath(path);
  const { size } = await stat(file);
  if (size > most) throw new UsageError(`${path} has ${size} bytes, and ${most} is the most that is read`);
  return readFile(file, 'utf8');
}

const readCase = async (path: string): Promise<CaseFile> => parseCase(nodeHash, await readText(path, CASE_MAX));

async function add(path: string, flags: AddFlags): Promise<void> {
  const isFirst = flags.kind === 'opening';
  const file: CaseFile = isFirst ? { entries: [], proofs: [] } : await readCase(path);
  const [first, ...others] = await Promise.all(flags.key.map((key) => openSigner(callerPath(key))));
  if (first === undefined) throw new UsageError('--key wants a file');
  const withheld = pairsOf('--withhold', flags.withhold ?? []);
  if (withheld.length > 0 && flags.secrets === undefined)
    throw new UsageError('--withhold wants --secrets: without it the values could never be disclosed');
  const secrets = withheld.map(
    ({ key, value }): Secret => ({ entry: file.entries.length, label: key, salt: toHex(new Uint8Array(randomBytes(SALT_SIZE))), value }),
  );
  const entry = {
    kind: flags.kind,
    at: signingTime(),
    ...(flags.happened === undefined ? {} : { happened: flags.happened }),
    by: { name: flags.by, role: flags.role },
    text: flags.text,
    sources: await sourcesOf(flags),
    withheld: secrets.map((secret) => ({
      label: secret.label,
      commitment: commitValue(nodeHash, parseHex(secret.salt) ?? new Uint8Array(), secret),
    })),
    ...(flags.title === undefined ? {} : { title: flags.title }),
    ...(flags.about === undefined ? {} : { about: wholeNumber('--about', flags.about) }),
    ...(flags.speaks === undefined ? {} : { speaks: flags.speaks }),
    ...(flags.due === undefined ? {} : { due: dueOf(flags.due) }),
    ...(flags.outcome === undefined ? {} : { outcome: flags.outcome }),
    ...(flags.kind === 'resolution' ? { agreed: [...(flags.agreed ?? [])] } : {}),
  };
  // The schema is what judges these fields, and `signEntry` asks it before anything is signed.
  const line = await signEntry(nodeHash, file, entry as NewEntry, [first, ...others]);
  if (flags.secrets !== undefined)
    for (const secret of secrets) await appendFile(callerPath(flags.secrets), `${JSON.stringify(secret)}\n`, { mode: 0o600 });
  const handle = await open(callerPath(path), isFirst ? 'ax' : 'a');
  try {
    await handle.appendFile(line);
    await handle.sync();
  } finally {
    await handle.close();
  }
  console.log(`entry ${file.entries.length}`);
}

async function sourcesOf({ source = [], file = [] }: AddFlags) {
  const named = source.map((text) => {
    const [title = '', ...where] = text.split('|');
    return { title: title.trim(), ...(where.length === 0 ? {} : { where: where.join('|').trim() }) };
  });
  const files = await Promise.all(
    file.map(async (path) => ({ title: basename(path), sha256: digestOf(nodeHash, await readFile(callerPath(path))) })),
  );
  return [...named, ...files];
}

function dueOf(text: string): Instant {
  const [, hours] = /^(\d{1,4})h$/.exec(text) ?? [];
  if (hours !== undefined) return new Date(Date.now() + Number(hours) * 3_600_000).toISOString().replace(/\.\d+Z$/, 'Z') as Instant; // toISOString gives this form.
  if (!isInstant(text)) throw new UsageError(`--due wants a time as 2026-01-31T12:00:00Z, or as 24h; this is "${text}"`);
  return text;
}

function wholeNumber(flag: string, text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new UsageError(`${flag} wants the number of an entry; this is "${text}"`);
  return Number(text);
}

function pairsOf(flag: string, texts: readonly string[]): readonly { readonly key: string; readonly value: string }[] {
  return texts.map((text) => {
    const [, key, value] = /^([a-z][a-z0-9-]*)=(.+)$/s.exec(text) ?? [];
    if (key === undefined || value === undefined) throw new UsageError(`${flag} wants name=value; this is "${text}"`);
    return { key, value };
  });
}

async function trustOf(file: CaseFile, flags: TrustFlags): Promise<CaseTrust> {
  if ((flags.policy === undefined) === (flags.withoutLog === undefined)) throw new UsageError('say either --policy FILE or --without-log');
  const [first, ...others] = await Promise.all(flags.key.map(trustedSigner));
  if (first === undefined) throw new UsageError('--key wants a file');
  const policy = flags.policy === undefined ? undefined : parseLogPolicy(nodeHash, await readText(flags.policy, 1 << 20));
  const { trustCheckpoint } = await import('../../store/index.ts');
  const checkpoint = policy === undefined ? undefined : async (note: string) => trustCheckpoint(new TextEncoder().encode(note), policy);
  return verifyCase(file, { signers: [first, ...others], checkpoint, at: nodeClock.now() }, { hash: nodeHash, verify: nodeVerify });
}

function asOf(text: string | undefined): Instant {
  if (text === undefined) return nodeClock.now();
  if (!isInstant(text)) throw new UsageError(`--as-of wants a time as 2026-01-31T12:00:00Z; this is "${text}"`);
  return text;
}

async function show(path: string, flags: { readonly asOf?: string; readonly json?: true }): Promise<void> {
  const file = await readCase(path);
  const entries = file.entries.map(({ entry }) => entry);
  const { claims, promises, corrections } = caseState(entries, asOf(flags.asOf));
  if (flags.json === true) {
    console.log(JSON.stringify({ entries, claims, promises, corrections: Object.fromEntries(corrections) }, null, 2));
    return;
  }
  if (entries.length === 0) console.log('no entry yet');
  for (const { claim, state, outcome, evidenceFor, evidenceAgainst } of claims)
    console.log(
      clean(
        `claim ${claim}: ${state}${outcome === null ? '' : `, ${outcome}`} (evidence for it ${evidenceFor}, against it ${evidenceAgainst})\n  ${entries[claim]?.text.slice(0, 200) ?? ''}`,
      ),
    );
  for (const { promise, state, due, hours } of promises) {
    const left = state === 'open' ? `${Math.floor(hours)} h left` : state === 'broken' ? `${Math.ceil(-hours)} h over` : state;
    console.log(clean(`promise ${promise} by ${entries[promise]?.by.name ?? ''}: ${state}, due ${due} (${left})`));
  }
}

async function page(
  path: string,
  flags: TrustFlags & { readonly out: string; readonly asOf?: string; readonly disclose?: string },
): Promise<void> {
  const file = await readCase(path);
  const trust = await trustOf(file, flags);
  const disclosed = flags.disclose === undefined ? [] : await readSecrets(flags.disclose, file);
  const { renderCaseHtml } = await import('../../report/case/index.ts');
  await writeFile(callerPath(flags.out), renderCaseHtml(file, { asOf: asOf(flags.asOf), trust, disclosed }));
  // A page of a case that does not verify is written, says so, and is no success.
  process.exitCode = trust.verified ? EXIT.done : EXIT.reject;
}

/** Secrets that are what the entries commit to. @throws UsageError for one that is not */
async function readSecrets(path: string, { entries }: CaseFile): Promise<readonly Secret[]> {
  const lines = (await readText(path, ENTRIES_MAX * ENTRY_MAX)).split('\n').filter((line) => line !== '');
  return lines.map((line, at) => {
    const { entry, label, salt, value } = JSON.parse(line) as Partial<Record<keyof Secret, unknown>>; // Judged field by field below.
    const bytes = typeof salt === 'string' ? parseHex(salt) : undefined;
    if (
      typeof entry !== 'number' ||
      typeof label !== 'string' ||
      typeof value !== 'string' ||
      typeof salt !== 'string' ||
      bytes?.length !== SALT_SIZE
    )
      throw new UsageError(`${path} line ${at + 1} is no secret`);
    const committed = entries[entry]?.entry.withheld.find((one) => one.label === label)?.commitment;
    if (committed !== commitValue(nodeHash, bytes, { label, value }))
      throw new UsageError(`${path} line ${at + 1} is not what entry ${entry} commits to`);
    return { entry, label, salt, value };
  });
}

async function prove(path: string, flags: { readonly log: string; readonly logKey: string }): Promise<void> {
  const file = await readCase(path);
  const { logFetch, openLog, proofOf, trustCheckpoint } = await import('../../store/index.ts');
  const place = callerPath(flags.log);
  const log = await openLog(place, await openSigner(callerPath(flags.logKey)), { everyMs: 0 });
  try {
    const waiting = file.entries.filter(({ entry }) => !file.proofs.some((proof) => proof.entry === entry.index));
    const indexes = await Promise.all(waiting.map(({ digest }) => log.append(caseLogEntry(digest))));
    const fetch = logFetch(place);
    const policy = parseLogPolicy(nodeHash, `log ${formatVerifierKey(log.key)}\nquorum none\n`);
    const checkpoint = await trustCheckpoint(await fetch('checkpoint'), policy);
    const lines = await Promise.all(
      waiting.map(async ({ entry }, i) => proofLine(entry.index, await proofOf(fetch, checkpoint, indexes[i] ?? -1))),
    );
    await appendFile(callerPath(path), lines.join(''));
    console.log(`${waiting.length} entries logged`);
  } finally {
    await log.close();
  }
}

interface AskFlags {
  readonly from: string;
  readonly out: string;
  readonly identity?: readonly string[];
  readonly photo?: readonly string[];
}

async function ask(path: string, { from, out, identity = [], photo = [] }: AskFlags): Promise<void> {
  const photos = await Promise.all(
    pairsOf('--photo', photo).map(async ({ key, value }) => {
      const slot = PHOTOS.find((one) => one === key);
      if (slot === undefined) throw new UsageError(`--photo wants one of ${PHOTOS.join(', ')}; this is "${key}"`);
      return { slot, file: basename(value), sha256: digestOf(nodeHash, await readFile(callerPath(value))) };
    }),
  );
  const identities = pairsOf('--identity', identity).map(({ key, value }) => ({ kind: key, value, saidBy: 'given by whoever asks' }));
  const pack = makerPack(new TextEncoder().encode(await readText(path, 16 << 20)), { made: nodeClock.now(), from, identities, photos });
  const { renderMakerPackHtml } = await import('../../report/case/index.ts');
  await writeFile(callerPath(out), renderMakerPackHtml(pack));
  await writeFile(callerPath(`${out}.json`), `${JSON.stringify(pack, null, 2)}\n`);
  const missing = pack.photos.filter(({ file }) => file === null).map(({ slot }) => slot);
  // The first two questions are about them, and a report does not hold them where nobody claimed any.
  const isNamed = pack.identities.some(({ kind }) => /imei|serial/i.test(kind));
  if (!isNamed) console.log('without an IMEI or a serial number: --identity imei=…, --identity serial=…');
  if (missing.length > 0) console.log(`without photos of: ${missing.join(', ')}`);
  if (isNamed && missing.length === 0) console.log('complete');
}

interface GsmaFlags {
  readonly imei: string;
  readonly organisation: string;
  readonly brand: string;
  readonly model: string;
  readonly photo?: readonly string[];
  readonly originalBrand?: string;
  readonly vendor?: string;
  readonly obtained?: string;
  readonly out: string;
}

async function gsma(flags: GsmaFlags): Promise<void> {
  const slots = ['device', 'packaging', 'screen', 'box'];
  const files = new Map<string, { readonly file: string; readonly sha256: string }>();
  for (const { key, value } of pairsOf('--photo', flags.photo ?? [])) {
    if (!slots.includes(key)) throw new UsageError(`--photo wants one of ${slots.join(', ')}; this is "${key}"`);
    files.set(key, { file: basename(value), sha256: digestOf(nodeHash, await readFile(callerPath(value))) });
  }
  const report = nonCompliantReport({
    imei: flags.imei,
    organisation: flags.organisation,
    brand: flags.brand,
    model: flags.model,
    photos: {
      device: files.get('device') ?? null,
      packaging: files.get('packaging') ?? null,
      imeiOnScreen: files.get('screen') ?? null,
      imeiOnPackaging: files.get('box') ?? null,
    },
    originalBrand: flags.originalBrand ?? null,
    vendor: flags.vendor ?? null,
    obtained: flags.obtained ?? null,
  });
  await writeFile(callerPath(flags.out), `${JSON.stringify(report, null, 2)}\n`);
  console.log(report.missing.length === 0 ? 'complete: it can be handed in' : `still missing: ${report.missing.join(', ')}`);
}
