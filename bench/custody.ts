/**
 * A million custody events, and a phone's path among them. Targets: imported in under 5 minutes into either database; a path in under 20 ms at that size.
 * Method: events of made-up phones (making, names, boxes of 50, four hand-overs, sale) are written as dispatch documents of 10,000 events and imported one after the other as
 * `assay custody import` does: parsed, validated, hashed, committed durably. Then 200 phones are asked for, by one of their names each, in one process with a warm store:
 * lookups, reading every event from its blob and hashing it again, and judging. One run on SQLite, then one on a PostgreSQL of the bench's own where it is installed, with its own defaults
 * for durability. `--events N` (default 100,000).
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Instant } from '../src/bytes/index.ts';
import { aggregationEvent, associationEvent, imeiUri, instantOf, type JsonObject, ownUri, toldEvent } from '../src/provenance/index.ts';
import { custodyPath, importDocument, openStore, refreshStatistics } from '../src/store/index.ts';
import { postgresPrograms, startPostgres } from '../test/support/postgres.ts';
import { option } from './support/option.ts';

const now = '2026-06-01T00:00:00Z' as Instant; // A literal of the type's form.
const BOX = 50;
const DOCUMENT = 10_000;
const DAY = 86_400_000;
const START = 1_767_225_600_000;

const place = (n: number) => `https://id.gs1.org/414/400000${String(n).padStart(7, '0')}`;
const party = (n: number) => `https://id.gs1.org/417/400000${String(n).padStart(7, '0')}`;
const phone = (n: number) => `https://id.gs1.org/01/04000000000013/21/S${n}`;
const imei = (n: number) => imeiUri(`35${String(n).padStart(12, '0')}`);

/** Per box: 50 made, 50 named, one packed, four hand-overs of two events, one unpacked, 50 sold. */
function* events(): Generator<JsonObject> {
  for (let box = 0; ; box++) {
    const at = (day: number, n = 0) => instantOf(START + (day + (box % 30)) * DAY + box * 1000 + n);
    const phones = Array.from({ length: BOX }, (_, i) => box * BOX + i);
    const sscc = `https://id.gs1.org/00/0400000${String(box).padStart(11, '0')}`;
    const hands = [1, 10 + (box % 8), 100 + (box % 80), 1000 + (box % 900)];
    for (const n of phones) yield toldEvent('commissioning', { at: at(0, n % BOX), things: [phone(n)], place: place(1), to: party(1) });
    for (const n of phones) yield associationEvent(at(1, n % BOX), phone(n), [imei(n), ownUri('attested', 'serial', `chip${n}`)]);
    yield aggregationEvent(at(2), sscc, phones.map(phone));
    for (const [i, from] of hands.slice(0, -1).entries()) {
      const to = hands[i + 1] ?? 0;
      yield toldEvent('shipping', { at: at(3 + 10 * i), things: [sscc], place: place(from), from: party(from), to: party(to) });
      yield toldEvent('receiving', { at: at(8 + 10 * i), things: [sscc], place: place(to), from: party(from), to: party(to) });
    }
    yield aggregationEvent(at(40), sscc, [], 'DELETE');
    for (const n of phones) yield toldEvent('retail_selling', { at: at(50, n), things: [phone(n)], place: place(hands.at(-1) ?? 0) });
  }
}

export async function run(): Promise<void> {
  const wanted = Number(option('events', '100000'));
  await measure(wanted, undefined);
  const programs = postgresPrograms();
  if (programs === undefined) return console.log('PostgreSQL is not installed here: not measured');
  const cluster = await startPostgres(programs);
  try {
    await measure(wanted, cluster.url);
  } finally {
    await cluster.stop();
  }
}

async function measure(wanted: number, url: string | undefined): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'assay-bench-custody-'));
  try {
    const store = await openStore(folder, url);
    const source = events();
    let kept = 0;
    let importing = 0;
    // Of this process: on a machine that others use as well, the clock on the wall says what they do.
    let computing = 0;
    while (kept < wanted) {
      const eventList: JsonObject[] = [];
      while (eventList.length < DOCUMENT) {
        const next = source.next();
        if (next.done !== true) eventList.push(next.value);
      }
      const document = {
        '@context': 'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld',
        type: 'EPCISDocument',
        schemaVersion: '2.0',
        creationDate: now,
        epcisBody: { eventList },
      };
      const bytes = new TextEncoder().encode(JSON.stringify(document));
      const started = performance.now();
      const usage = process.cpuUsage();
      const done = await importDocument(store, bytes, { now, sender: null, behaviour: 'rollback', hashIds: 'verify' });
      importing += performance.now() - started;
      const { user, system } = process.cpuUsage(usage);
      computing += (user + system) / 1e6;
      if (done.kept !== DOCUMENT) throw new Error(JSON.stringify(done.refused[0]));
      kept += done.kept;
      if (kept % 100_000 === 0) console.error(`  ${kept} events, ${(importing / 1000).toFixed(1)} s`);
    }
    const refreshing = performance.now();
    await refreshStatistics(store);
    importing += performance.now() - refreshing;
    const phones = Math.floor((kept / 158) * BOX) - BOX;
    const times: number[] = [];
    let stays = 0;
    for (let i = 0; i < 200; i++) {
      const n = (i * 7919) % phones;
      const started = performance.now();
      const path = await custodyPath(store, [i % 2 === 0 ? imei(n) : phone(n)]);
      times.push(performance.now() - started);
      stays += path.stays.length;
    }
    times.sort((a, b) => a - b);
    const size = url === undefined ? `, index ${(statSync(join(folder, 'index.sqlite')).size / 1e6).toFixed(0)} MB` : '';
    console.log(
      `${store.kind}: ${kept} events imported in ${(importing / 1000).toFixed(1)} s, ${Math.round(kept / (importing / 1000))} a second (${computing.toFixed(1)} s of processor time in this process)${size}`,
    );
    console.log(
      `  path: median ${times[100]?.toFixed(1)} ms, 99 of 100 within ${times[197]?.toFixed(1)} ms, ${(stays / 200).toFixed(1)} stays each`,
    );
    console.log(`  memory: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB at most so far`);
    await store.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
