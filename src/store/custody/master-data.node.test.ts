/** Master data on both databases: what counts of it, what does not, and what can be asked by it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { storeEngines } from '../../../test/support/store-engines.ts';
import type { Instant } from '../../bytes/index.ts';
import { type EventQuery, type JsonObject, toldEvent } from '../../provenance/index.ts';
import { importDocument, keepPlace, knowledgeOf, openStore, parsePlace, placesOf, queryEvents, rebuild, type Store } from '../index.ts';

const { describeOn, urlOf } = storeEngines();

const instant = (text: string) => text as Instant; // Literals of the type's form.
const PARTY = 'https://id.gs1.org/417/4000000000006';
const OTHER = 'https://id.gs1.org/417/4099999000001';
/** A place of PARTY, by its number, and what is in it. */
const SHOP = 'https://id.gs1.org/414/4000000000006';
const COUNTER = `${SHOP}/254/7`;
const STORE_ROOM = 'https://rooms.example/3';

interface Said {
  readonly type?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly children?: readonly string[];
}
const document = (said: Readonly<Record<string, Said>>, eventList: readonly JsonObject[] = []) =>
  new TextEncoder().encode(
    JSON.stringify({
      '@context': 'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld',
      type: 'EPCISDocument',
      schemaVersion: '2.0',
      creationDate: '2026-06-01T00:00:00Z',
      epcisHeader: {
        epcisMasterData: {
          vocabularyList: Object.entries(said).map(([id, { type = 'Location', attributes = {}, children = [] }]) => ({
            type: `urn:epcglobal:epcis:vtype:${type}`,
            vocabularyElementList: [
              { id, attributes: Object.entries(attributes).map(([name, value]) => ({ id: name, attribute: value })), children },
            ],
          })),
        },
      },
      epcisBody: { eventList },
    }),
  );
const sold = (n: number, place: string) =>
  toldEvent('retail_selling', { at: instant('2026-02-01T12:00:00Z'), things: [`https://id.gs1.org/01/04000000000016/21/S${n}`], place });

describeOn('master data in a store of %s', (engine) => {
  let folder = '';
  let store: Store;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'assay-master-'));
    store = await openStore(folder, urlOf(engine));
  });
  afterEach(async () => {
    // The cluster is the file's; each test finds it empty.
    for (const table of ['custody_names', 'custody_events', 'custody_places', 'custody_descriptions', 'blobs'] as const)
      await store.db.deleteFrom(table).execute();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const say = (
    said: Readonly<Record<string, Said>>,
    { sender = null, day = '01', events = [] }: { sender?: string | null; day?: string; events?: readonly JsonObject[] } = {},
  ) => {
    const now = instant(`2026-06-${day}T00:00:00Z`);
    return importDocument(store, document(said, events), { now, sender, behaviour: 'rollback', hashIds: 'verify' });
  };
  const whole = {
    'cbvmda:name': 'A Shop',
    'cbvmda:countryCode': 'DE',
    'cbvmda:latitude': '52.5',
    'cbvmda:longitude': '13.4',
    'urn:epcglobal:cbv:owning_party': PARTY,
  };

  test('what the operator imported fills what is open, and what he wrote down stays, with the disagreement told', async () => {
    const known = { uri: SHOP, name: 'Our Shop', party: null, country: 'FR', latitude: null, longitude: null };
    await keepPlace(store, parsePlace({ format: 'assay.place/1', recordedAt: '2026-05-01T00:00:00Z', ...known }));
    const { masterData } = await say({ [SHOP]: { attributes: whole } });
    expect(masterData).toEqual({
      described: 1,
      disagreements: [
        { uri: SHOP, field: 'name', known: 'Our Shop', said: 'A Shop' },
        { uri: SHOP, field: 'country', known: 'FR', said: 'DE' },
      ],
    });
    const place = { uri: SHOP, name: 'Our Shop', party: PARTY, country: 'FR', latitude: 52.5, longitude: 13.4 };
    expect((await placesOf(store)).get(SHOP)).toEqual(place);
    // Half a position that is known is not filled with half of another.
    await keepPlace(store, parsePlace({ format: 'assay.place/1', recordedAt: '2026-05-02T00:00:00Z', ...known, latitude: 1 }));
    expect((await placesOf(store)).get(SHOP)).toMatchObject({ latitude: 1, longitude: undefined });
  });

  test('a party names its own places and itself, and moves and gives away nothing', async () => {
    await say(
      { [SHOP]: { attributes: whole }, [PARTY]: { type: 'Party', attributes: { 'cbvmda:name': 'The Shopkeeper' } } },
      { sender: PARTY },
    );
    const { places, names } = await knowledgeOf(store);
    const open = { party: undefined, country: undefined, latitude: undefined, longitude: undefined };
    expect(places.get(SHOP)).toEqual({ uri: SHOP, name: 'A Shop', ...open });
    expect([names.get(SHOP), names.get(PARTY)]).toEqual(['A Shop', 'The Shopkeeper']);
    // Who is called nothing is called as his place is.
    await say({ 'https://id.gs1.org/414/4000000000020': { attributes: { 'cbvmda:name': 'Depot' } } });
    expect((await knowledgeOf(store)).names.get('https://id.gs1.org/417/4000000000020')).toBe('Depot');
  });

  test('of others’ places a party’s word is kept, and counts for nothing', async () => {
    const lie = {
      [SHOP]: { attributes: { ...whole, 'cbvmda:name': 'A Den' } },
      [PARTY]: { type: 'Party', attributes: { 'cbvmda:name': 'Thieves' } },
    };
    await say(lie, { sender: OTHER });
    expect(await knowledgeOf(store)).toMatchObject({ places: new Map(), names: new Map() });
    await say({ [SHOP]: { attributes: whole } });
    const told = await say(lie, { sender: OTHER, day: '02' });
    expect(told.masterData?.disagreements).toMatchObject([{ field: 'name', known: 'A Shop', said: 'A Den' }]);
    expect((await knowledgeOf(store)).names.get(SHOP)).toBe('A Shop');
    expect(
      await store.db.selectFrom('custody_descriptions').select('sender').where('uri', '=', SHOP).orderBy('sender').execute(),
    ).toHaveLength(2);
  });

  test('of one sender what he said last counts, in whatever order it is read again; a rebuilding knows the same', async () => {
    await say({ [SHOP]: { attributes: { 'cbvmda:name': 'Old' } } }, { day: '01' });
    await say({ [SHOP]: { attributes: { 'cbvmda:name': 'New' } } }, { day: '02' });
    const name = async () => (await knowledgeOf(store)).names.get(SHOP);
    expect(await name()).toBe('New');
    await rebuild(store);
    expect(await name()).toBe('New');
  });

  test('a document that is refused leaves none of its master data', async () => {
    const bad = { ...sold(1, SHOP), bizStep: 'selling' };
    const refused = await say({ [SHOP]: { attributes: whole } }, { events: [bad] });
    expect([refused.kept, refused.refusedCount, refused.masterData]).toEqual([0, 1, undefined]);
    expect((await placesOf(store)).size).toBe(0);
  });

  test('events are asked for by what master data say of their places, and by what is below these', async () => {
    const said = {
      [SHOP]: { attributes: { 'cbvmda:city': 'Town', 'https://own.example/#grade': 'A' }, children: [STORE_ROOM] },
      // A circle, which no question goes round in.
      [STORE_ROOM]: { type: 'ReadPoint', attributes: { 'urn:epcglobal:cbv:mda#city': 'Village' }, children: [SHOP] },
    };
    await say(said, { events: [sold(1, SHOP), sold(2, STORE_ROOM), sold(3, COUNTER), sold(4, 'https://id.gs1.org/414/4000000000020')] });
    const found = async (query: EventQuery) => {
      const namespaces = new Map([['own', 'https://own.example/#']]);
      const page = await queryEvents(store, query, { perPage: 100, token: undefined, namespaces });
      return page.found.map(({ event }) => event.things[0]?.slice(-1)).join('');
    };
    expect(await found({ WD_bizLocation: [SHOP] })).toBe('123');
    expect(await found({ WD_readPoint: [COUNTER] })).toBe('3');
    expect(await found({ EQ_bizLocation: [SHOP] })).toBe('1');
    expect(await found({ HASATTR_bizLocation: ['cbvmda:city'] })).toBe('12');
    expect(await found({ HASATTR_bizLocation: ['own:grade', 'own:other'] })).toBe('1');
    expect(await found({ HASATTR_bizLocation: ['cbvmda:name'] })).toBe('');
    expect(await found({ 'EQ_ATTR_bizLocation_cbvmda:city': ['Village'] })).toBe('2');
    expect(await found({ EQ_ATTR_readPoint_city: ['Town', 'Village'] })).toBe('12');
    expect(await found({ EQATTR_readPoint_city: ['Hamlet'] })).toBe('');
    await expect(found({ HASATTR_bizLocation_city: ['x'] })).rejects.toThrow('not read');
    await expect(found({ EQ_ATTR_bizLocation: ['x'] })).rejects.toThrow('not read');
  });
});
