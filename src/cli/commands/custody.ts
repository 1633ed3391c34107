import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { nodeClock } from '../../platform/node/index.ts';
import {
  type CustodyPath,
  type DispatchList,
  ENCODINGS,
  type Encoding,
  LIST_FIELDS,
  type ListField,
  type ListOptions,
  STEPS,
  type Step,
} from '../../provenance/index.ts';
import { visible } from '../../report/index.ts';
import type { Imported } from '../../store/index.ts';
import { EXIT, UsageError } from '../exit.ts';
import { callerPath, packageVersion } from '../paths.ts';
import { channelsCommand } from './custody-channels.ts';
import { allocationsCommand, clonesCommand, tailCommand } from './custody-clones.ts';
import { locateCommand } from './custody-locate.ts';
import { identityArgument, readBounded, using } from './custody-store.ts';

/** `assay custody import|path|show|channels|places|clones|allocations|tail|locate|serve` */
export function custodyCommand(): Command {
  const store = ['<store>', 'the folder of the store'] as const;
  const json = ['--json', 'print one JSON document and nothing else'] as const;
  const importing = new Command('import')
    .summary('import EPCIS documents (JSON-LD, XML) and dispatch lists (CSV)')
    .argument(...store)
    .argument('<file...>', 'EPCIS documents, or lists with --csv')
    .option('--sender <uri>', 'whose events they are; default: the operator’s own word')
    .addOption(
      new Option('--errors <behaviour>', 'what a bad event of a document costs').choices(['rollback', 'proceed']).default('rollback'),
    )
    .option('--unverified-ids', 'keep events whose hash ID is not their own, under the ID that is: old generators made such')
    .option('--csv', 'the files are dispatch lists')
    .option('--column <field=heading...>', `in which column a list has what: ${LIST_FIELDS.join(', ')}`)
    .addOption(new Option('--step <step>', 'what happened, for lists that do not say').choices(Object.keys(STEPS)))
    .option('--from <party>', 'who sent, for lists that do not say')
    .option('--to <party>', 'who received, for lists that do not say')
    .option('--place <place>', 'where, for lists that do not say')
    .option('--brand <brand>', 'the maker whose serial numbers a list has')
    .option('--offset <offset>', 'the time zone of a list, as in +08:00', '+00:00')
    .addOption(new Option('--dates <order>', 'what is first in 03/04/2026').choices(['day-first', 'month-first']))
    .addOption(new Option('--encoding <name>', 'how a list is written').choices([...ENCODINGS]).default('auto'))
    .option(...json)
    .action(importFiles);
  const pathing = new Command('path')
    .summary('where a phone has been, and whether it was allowed to be there; exit 0 authorised, 10 unproven, 20 broken')
    .argument(...store)
    .argument('<identity...>', 'an IMEI, or any identity as a URI')
    .option(...json)
    .action(showPath);
  const showing = new Command('show')
    .summary('the events that name a thing, or the event of an ID')
    .argument(...store)
    .argument('<thing>', 'an IMEI, an identity, a box, or an event’s ID')
    .action(showEvents);
  const places = new Command('places')
    .summary('keep what is known of places: a JSON list of { uri, name, party, country, latitude, longitude }')
    .argument(...store)
    .argument('<file>')
    .action(addPlaces);
  const serving = new Command('serve')
    .summary('capture and query over HTTP (EPCIS 2.0 REST binding), until interrupted')
    .argument(...store)
    .requiredOption('--senders <file>', 'who may capture and ask (assay.custody-senders/1)')
    .option('--port <port>', 'where it listens', '7390')
    .option('--host <host>', 'on which address', '127.0.0.1')
    .option('--prefix <digits...>', 'GS1 company prefixes that are known here, for answers in EPC URNs')
    .option('--unverified-ids', 'keep events whose hash ID is not their own, under the ID that is')
    .action(serve);
  return new Command('custody')
    .description('Where phones have been, whether their brand allowed it, and where they were altered.')
    .addCommand(importing)
    .addCommand(pathing)
    .addCommand(showing)
    .addCommand(places)
    .addCommand(channelsCommand())
    .addCommand(clonesCommand())
    .addCommand(allocationsCommand())
    .addCommand(tailCommand())
    .addCommand(locateCommand())
    .addCommand(serving);
}

interface ImportFlags extends Omit<ListOptions, 'columns' | 'step' | 'dates' | 'encoding'> {
  readonly sender?: string;
  readonly errors: 'rollback' | 'proceed';
  readonly unverifiedIds?: true;
  readonly csv?: true;
  readonly column?: readonly string[];
  readonly step?: Step;
  readonly dates?: 'day-first' | 'month-first';
  readonly encoding: Encoding;
  readonly json?: true;
}

async function importFiles(folder: string, files: readonly string[], flags: ImportFlags): Promise<void> {
  const { importDocument, importList, refreshStatistics } = await import('../../store/index.ts');
  await using(folder, true, async (store) => {
    const results: object[] = [];
    for (const file of files) {
      const options = {
        now: nodeClock.now(),
        sender: flags.sender ?? null,
        behaviour: flags.errors,
        hashIds: flags.unverifiedIds === true ? ('own' as const) : ('verify' as const),
        onKept: (kept: number) => console.error(`  ${visible(file, 200)}: ${kept} events are durable`),
      };
      const bytes = await readBounded(file);
      const done: Imported & { readonly list?: DispatchList } =
        flags.csv === true ? await importList(store, bytes, listOptions(flags), options) : await importDocument(store, bytes, options);
      results.push({ file, ...done });
      if (done.refusedCount > 0 || (done.list?.bad.length ?? 0) > 0) process.exitCode = done.kept > 0 ? EXIT.hold : EXIT.reject;
      if (flags.json === true) continue;
      console.log(`${visible(file, 200)}: ${done.kept} events kept, ${done.refusedCount} refused`);
      for (const { name, at, because } of done.refused.slice(0, 20))
        console.log(`  ${name}  ${visible(at, 120)}: ${visible(because, 300)}`);
      if (done.refusedCount > 20) console.log(`  … and ${done.refusedCount - 20} more`);
      if (done.refused.some(({ name }) => name === 'forged-hash-id'))
        console.log(
          '  generators of before 2025 and of 2026 write other hash IDs: --unverified-ids keeps such events, under the ID that is',
        );
      if (done.masterData !== undefined) {
        const { described, disagreements } = done.masterData;
        console.log(`  ${described} places, parties or products described, ${disagreements.length} things said otherwise than known`);
        for (const { uri, field, known, said } of disagreements.slice(0, 20))
          console.log(`  ${visible(uri, 120)}: ${field} stays ${visible(known, 120)}; it says ${visible(said, 120)}`);
      }
      if (done.list !== undefined) {
        console.log(
          `  columns: ${Object.entries(done.list.mapping)
            .map(([field, heading]) => `${field} from "${visible(heading, 60)}"`)
            .join(', ')}`,
        );
        for (const { line, because } of done.list.bad.slice(0, 20)) console.log(`  line ${line}: ${visible(because, 300)}`);
        if (done.list.bad.length > 20) console.log(`  … and ${done.list.bad.length - 20} more bad rows`);
      }
    }
    await refreshStatistics(store);
    if (flags.json === true) console.log(JSON.stringify(results.length === 1 ? results[0] : results, null, 2));
  });
}

function listOptions(flags: ImportFlags): ListOptions {
  const { step, from, to, place, dates, offset, brand, encoding } = flags;
  const columns: Partial<Record<ListField, string>> = {};
  for (const text of flags.column ?? []) {
    const [, name, heading] = /^([a-z0-9]+)=(.+)$/.exec(text) ?? [];
    const field = LIST_FIELDS.find((one) => one === name);
    if (field === undefined || heading === undefined)
      throw new UsageError(`--column is FIELD=HEADING with a field of ${LIST_FIELDS.join(', ')}; this is "${text}"`);
    columns[field] = heading;
  }
  const given = { step, from, to, place, dates, offset, brand };
  const said = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<typeof given>; // Without those that were not given.
  return { ...said, columns, encoding } as ListOptions;
}

async function showPath(folder: string, identities: readonly string[], flags: { readonly json?: true }): Promise<void> {
  const { custodyPath, knowledgeOf } = await import('../../store/index.ts');
  await using(folder, false, async (store) => {
    const path = await custodyPath(store, identities.map(identityArgument));
    const { names } = await knowledgeOf(store);
    process.exitCode = { authorised: EXIT.done, unproven: EXIT.hold, broken: EXIT.reject }[path.answer];
    console.log(flags.json === true ? JSON.stringify({ ...path, names: namesIn(path, names) }, null, 2) : pathText(path, names));
  });
}

/** What is called by a name of those that a path names. */
const namesIn = ({ stays, faults }: CustodyPath, names: ReadonlyMap<string, string>) =>
  Object.fromEntries(
    [...stays.flatMap(({ custodian, place }) => [custodian, place]), ...faults.map(({ where }) => where)].flatMap((uri) => {
      const name = uri === undefined ? undefined : names.get(uri);
      return uri === undefined || name === undefined ? [] : [[uri, name]];
    }),
  );

function pathText({ answer, because, stays, gaps, faults, inspections, boundTo }: CustodyPath, names: ReadonlyMap<string, string>): string {
  const called = (uri: string) => `${visible(uri, 200)}${names.has(uri) ? ` “${visible(names.get(uri) ?? '', 100)}”` : ''}`;
  const day = (text: string | undefined) => text?.slice(0, 16).replace('T', ' ') ?? '…';
  const gapAfter = (i: number) => gaps.filter(({ after }) => after === i).map((gap) => `     ?  ${visible(gap.because, 300)}`);
  return [
    `${answer}: ${visible(because, 500)}`,
    boundTo === undefined ? 'Bound to nothing but labels.' : `Bound to ${visible(boundTo.uri, 200)}.`,
    ...gapAfter(-1),
    ...stays.flatMap((stay, i) => [
      `  ${day(stay.from)} – ${day(stay.until)}  ${called(stay.custodian)}${stay.role === undefined ? '' : ` (${stay.role})`}${stay.place !== undefined && names.has(stay.place) ? ` at ${called(stay.place)}` : ''}: ${stay.standing}`,
      ...gapAfter(i),
    ]),
    ...inspections.map(
      ({ at, disposition, certificationInfo }) =>
        `  ${day(at)} inspected: ${disposition ?? 'nothing said'} ${visible(certificationInfo.join(' '), 300)}`,
    ),
    ...faults.map(({ code, at, where, why }) => `  ${day(at)} ${code} at ${called(where)}: ${visible(why, 300)}`),
  ].join('\n');
}

async function showEvents(folder: string, thing: string): Promise<void> {
  const { queryEvents } = await import('../../store/index.ts');
  await using(folder, false, async (store) => {
    const isId = thing.startsWith('ni:///');
    const query = {
      [isId ? 'EQ_eventID' : 'MATCH_anyEPC']: [isId ? thing : identityArgument(thing)],
      orderBy: ['eventTime'],
      orderDirection: ['ASC'],
    };
    const { found } = await queryEvents(store, query, { perPage: 10_000, token: undefined });
    if (found.length === 0) process.exitCode = EXIT.couldNot;
    console.log(
      JSON.stringify(
        found.map(({ body, event }) => ({ ...body, eventID: body['eventID'] ?? event.id })),
        null,
        2,
      ),
    );
  });
}

async function addPlaces(folder: string, file: string): Promise<void> {
  const { keepPlace, parsePlace } = await import('../../store/index.ts');
  const list: unknown = JSON.parse(new TextDecoder().decode(await readBounded(file)));
  if (!Array.isArray(list)) throw new UsageError(`${file} is no list of places`);
  const empty = { name: null, party: null, country: null, latitude: null, longitude: null };
  // All are judged before one is kept.
  const known = list.map((place: unknown) =>
    parsePlace({ ...empty, ...(place as object), format: 'assay.place/1', recordedAt: nodeClock.now() }),
  ); // `parsePlace` refuses what is none.
  await using(folder, true, async (store) => {
    for (const place of known) await keepPlace(store, place);
    console.log(`${known.length} places kept`);
  });
}

interface ServeFlags {
  readonly senders: string;
  readonly port: string;
  readonly host: string;
  readonly prefix?: readonly string[];
  readonly unverifiedIds?: true;
}

async function serve(folder: string, flags: ServeFlags): Promise<void> {
  if (!/^\d{1,5}$/.test(flags.port)) throw new UsageError(`--port wants a number; this is "${flags.port}"`);
  const { parseSenders, serveCustody } = await import('../../server/index.ts');
  const senders = parseSenders(await readFile(callerPath(flags.senders), 'utf8'));
  await using(folder, true, async (store) => {
    const server = {
      store,
      senders,
      now: () => nodeClock.now(),
      hashIds: flags.unverifiedIds === true ? ('own' as const) : ('verify' as const),
      prefixes: flags.prefix ?? [],
      version: `assay ${packageVersion()}`,
    };
    const { port, close } = await serveCustody(server, { port: Number(flags.port), host: flags.host });
    console.log(`custody http://${flags.host}:${port}`);
    await new Promise<void>((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
    await close();
  });
}
