/**
 * Subscriptions of EPCIS 2.0's REST binding by WebSocket: GET /queries/{name}/events?stream=true, or with a schedule, as an upgrade. Each message is an EPCISQueryDocument
 * of events that were captured since the last one. A line holds nothing: it knows up to which event it told, reads the next from the store once the one before is on its way,
 * and is cut where that takes longer than SEND_MS. It lives as long as its connection: whoever calls again says from when on (`initialRecordTime`).
 */
import { randomUUID } from 'node:crypto';
import { upgradeWebSocket, type WebSocketLike } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import { type Instant, instantMs, isInstant } from '../../bytes/index.ts';
import { canonicalTime } from '../../provenance/index.ts';
import { lastEvent, namedQueries, queryEvents } from '../../store/index.ts';
import type { Desk } from './desk.ts';
import { type EpcFormat, epcFormatOf, toldDocument } from './documents.ts';
import { Problem } from './problem.ts';
import { OF_ONE_ANSWER, type Question, questionOf, recordedSince } from './queries.ts';
import { dueAfter, nextTime, parseSchedule, type Schedule } from './schedule.ts';

/** Events of one message. */
const BATCH = 100;
/** Events that are looked through at once. */
const WINDOW = 10_000;
/** How long a message may take to leave this machine, and how long the last one when the server ends. */
const SEND_MS = 30_000;
const GOODBYE_MS = 1000;
const LINES_MAX = 500;
/** RFC 6455, 7.4.1. */
const CLOSED = { gone: 1000, goingAway: 1001, internal: 1011 } as const;
const SCHEDULE = ['second', 'minute', 'hour', 'dayOfMonth', 'month', 'dayOfWeek'];

export interface Live {
  /** Tells every line what was captured, or is due. Does not wait for them: one that is slow holds up nobody. */
  readonly tell: () => void;
  /** Ends every line, and waits until none reads the store. */
  readonly hangUp: () => Promise<void>;
}

/** What is asked of a line. */
interface Asked {
  readonly id: string;
  readonly queryName: string;
  readonly initial: Instant | undefined;
  readonly format: EpcFormat;
  readonly schedule: Schedule | undefined;
  readonly isToldIfEmpty: boolean;
}

export function mountLive(app: Hono, desk: Desk): Live {
  const lines = new Set<Line>();
  let isOver = false;
  app.get('/queries/:name/events', async (context, next) => {
    if (context.req.header('upgrade')?.toLowerCase() !== 'websocket') return next();
    desk.asks(context, 'query');
    const queryName = context.req.param('name');
    const question = await questionNamed(desk, queryName);
    if (question === undefined) throw new Problem('NoSuchResourceException', 'there is no such query');
    const asked = askedOf(context, queryName, question);
    if (!canUpgrade(context)) throw new Problem('NotImplemented', 'this server was started without WebSockets');
    if (isOver || lines.size >= LINES_MAX) throw new Problem('ImplementationException', `there are ${lines.size} lines already`);
    const after = asked.initial === undefined ? await lastEvent(desk.store) : 0;
    const line = new Line(desk, asked, { after, sendMs: desk.sendMs ?? SEND_MS });
    return upgradeWebSocket(context, {
      onOpen: (_event, { raw }) => {
        if (raw === undefined) return;
        if (isOver || lines.size >= LINES_MAX) return raw.close(CLOSED.goingAway);
        lines.add(line);
        line.open(raw);
      },
      onClose: () => {
        lines.delete(line);
        line.close();
      },
      // A close follows.
      onError: () => line.close(),
    });
  });
  return {
    tell: () => {
      for (const line of lines) line.tell();
    },
    hangUp: async () => {
      isOver = true;
      await Promise.all([...lines].map((line) => line.hangUp()));
    },
  };
}

/** Whether the server that this app is mounted on gives out its sockets. */
const canUpgrade = ({ env }: Context): boolean => typeof env === 'object' && env !== null && 'wss' in env && env.wss !== undefined;

async function questionNamed({ store }: Desk, name: string): Promise<Question | undefined> {
  const query = await namedQueries.get(store, name);
  return query === undefined ? undefined : questionOf(query);
}

/** @throws Problem where the address asks for no line */
function askedOf(context: Context, queryName: string, { parameters }: Question): Asked {
  const given = (name: string) => context.req.query(name);
  const invalid = (why: string) => new Problem('ValidationException', why);
  const times = SCHEDULE.flatMap((name) => (given(name) === undefined ? [] : [[name, given(name)] as const]));
  const stream = given('stream');
  if (stream !== undefined && stream !== 'true') throw invalid('stream is true');
  if ((stream === 'true') === times.length > 0) throw invalid(`a line has either stream=true or a schedule (${SCHEDULE.join(', ')})`);
  const reportIfEmpty = given('reportIfEmpty') ?? 'false';
  if (reportIfEmpty !== 'true' && reportIfEmpty !== 'false') throw invalid('reportIfEmpty is true or false');
  if (stream === 'true' && reportIfEmpty === 'true') throw invalid('reportIfEmpty belongs to a schedule');
  const said = given('initialRecordTime');
  const initial = said === undefined ? undefined : canonicalTime(said);
  if (initial !== undefined && !isInstant(initial)) throw invalid('initialRecordTime is a time with its offset from UTC');
  const limit = OF_ONE_ANSWER.find((parameter) => Object.hasOwn(parameters, parameter));
  if (limit !== undefined) throw new Problem('SubscribeNotPermittedException', `the query has ${limit}, which is of one answer`);
  return {
    id: randomUUID(),
    queryName,
    initial,
    format: epcFormatOf(context.req.header('gs1-epc-format')),
    schedule: times.length === 0 ? undefined : parsedSchedule(Object.fromEntries(times)),
    isToldIfEmpty: reportIfEmpty === 'true',
  };
}

/** @throws Problem */
function parsedSchedule(given: Readonly<Record<string, unknown>>): Schedule {
  dueAfter(given, 0);
  return parseSchedule(given);
}

/** One connection, and up to which event it was told. */
class Line {
  readonly #desk: Desk;
  readonly #asked: Asked;
  readonly #sendMs: number;
  #after: number;
  #dueMs: number | undefined;
  #socket: WebSocketLike | undefined;
  #telling: Promise<void> | undefined;
  #isAskedAgain = false;

  constructor(desk: Desk, asked: Asked, { after, sendMs }: { readonly after: number; readonly sendMs: number }) {
    this.#desk = desk;
    this.#asked = asked;
    this.#sendMs = sendMs;
    this.#after = after;
    this.#dueMs = asked.schedule === undefined ? undefined : nextTime(asked.schedule, instantMs(desk.now()));
  }

  open(socket: WebSocketLike): void {
    this.#socket = socket;
    this.tell();
  }

  close(): void {
    this.#socket = undefined;
  }

  async hangUp(): Promise<void> {
    const socket = this.#socket;
    this.close();
    socket?.close(CLOSED.goingAway, 'the server ends');
    // A message that nobody takes ends with its socket.
    const timer = setTimeout(() => (socket as unknown as Sender | undefined)?.terminate(), GOODBYE_MS); // As in #send.
    await this.#telling;
    clearTimeout(timer);
  }

  /** One round at a time; what comes meanwhile makes one more. */
  tell(): void {
    this.#isAskedAgain = true;
    this.#telling ??= this.#rounds().finally(() => {
      this.#telling = undefined;
    });
  }

  async #rounds(): Promise<void> {
    while (this.#isAskedAgain && this.#socket !== undefined) {
      this.#isAskedAgain = false;
      try {
        await this.#round();
      } catch (error) {
        // To be told why is to be told what stands in the log here.
        console.error(`custody: the line ${this.#asked.id} was cut: ${error instanceof Error ? error.message : String(error)}`);
        this.#socket?.close(CLOSED.internal, 'something went wrong here');
        this.close();
      }
    }
  }

  async #round(): Promise<void> {
    const { store, now } = this.#desk;
    const { schedule, initial, queryName, isToldIfEmpty } = this.#asked;
    const at = instantMs(now());
    if (schedule !== undefined && (this.#dueMs === undefined || this.#dueMs > at)) return;
    const question = await questionNamed(this.#desk, queryName);
    if (question === undefined) {
      this.#socket?.close(CLOSED.gone, 'the query is gone');
      this.close();
      return;
    }
    const { parameters, namespaces } = question;
    const query = recordedSince(parameters, initial ?? null);
    const last = await lastEvent(store);
    let isTold = false;
    while (this.#after < last && this.#socket !== undefined) {
      const until = Math.min(last, this.#after + WINDOW);
      const { found } = await queryEvents(store, query, { perPage: BATCH, token: `0.${this.#after}.0`, namespaces, until });
      if (found.length > 0) await this.#send(found);
      isTold ||= found.length > 0;
      this.#after = found.length < BATCH ? until : (found.at(-1)?.n ?? until);
    }
    if (schedule === undefined || this.#socket === undefined) return;
    if (!isTold && isToldIfEmpty) await this.#send([]);
    this.#dueMs = nextTime(schedule, at);
  }

  /** Resolves once the message has left. */
  async #send(found: Parameters<typeof toldDocument>[0]): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined) return;
    const { now, prefixes } = this.#desk;
    const { id, queryName, format } = this.#asked;
    const text = JSON.stringify(toldDocument(found, { now: now(), queryName, subscriptionId: id, prefixes, format }));
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      const sender = socket as unknown as Sender; // It is a socket of `ws`, of which Hono's port says less.
      timer = setTimeout(() => {
        // Waiting for the other side to agree would be waiting still.
        sender.terminate();
        this.close();
        resolve();
      }, this.#sendMs);
      sender.send(text, (error) => {
        if (error !== undefined && error !== null) this.close();
        resolve();
      });
    });
    clearTimeout(timer);
  }
}

/** What `ws` has beyond Hono's port. */
interface Sender {
  send(text: string, done: (error?: Error | null) => void): void;
  terminate(): void;
}
