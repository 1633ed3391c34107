/**
 * Tombstones: what crashed, as which user. Text and protobuf.
 * Source: AOSP system/core/debuggerd/libdebuggerd/tombstone.cpp, tombstone_proto_to_text.cpp; proto/tombstone.proto (field numbers below).
 */
import { Cursor } from '../../../bytes/index.ts';
import { type ArtefactReader, type ArtefactReading, eachLineIn, type LoadedArtefact, makeFact, unreadable, wholeOf } from '../../reader.ts';
import type { PackageTrace } from '../../values/index.ts';

const HEAD_LINES = 200;

export const tombstoneReader: ArtefactReader = {
  kinds: ['tombstone'],
  read: (artefact) => (looksBinary(artefact.bytes) ? readProto(artefact) : readText(artefact)),
};

/** Text begins with a row of asterisks, or with a line of words; the protobuf with the tag of its first field. */
const looksBinary = (bytes: Uint8Array) =>
  bytes[0] !== undefined && bytes[0] < 0x20 && bytes[0] !== 0x0a && bytes[0] !== 0x0d && bytes[0] !== 0x09;

function readText(artefact: LoadedArtefact): ArtefactReading {
  let count = 0;
  const said: { [K in 'time' | 'name' | 'command' | 'signal' | 'cause']?: string | undefined } & { uid?: number } = {};
  for (const line of eachLineIn(artefact)) {
    if (++count > HEAD_LINES) break;
    const { text } = line;
    said.time ??= /^Timestamp: (.*)$/.exec(text)?.[1];
    const uid = /^uid: (\d{1,9})$/.exec(text)?.[1];
    if (uid !== undefined) said.uid ??= Number(uid);
    said.command ??= /^Cmdline: (.*)$/.exec(text)?.[1];
    said.name ??= /^pid: \d+, tid: \d+, name: .{0,400}?>>> (.*) <<<$/.exec(text)?.[1];
    said.signal ??= /^signal \d+ \(([^)]*)\)/.exec(text)?.[1];
    said.cause ??= /^(?:Cause|Abort message): (.*)$/.exec(text)?.[1];
  }
  const name = said.name ?? said.command;
  if (name === undefined) return unreadable('it names no process');
  return reading(artefact, { name, time: said.time, uid: said.uid, signal: said.signal, cause: said.cause });
}

interface Crash {
  readonly name: string;
  readonly time: string | undefined;
  readonly uid: number | undefined;
  readonly signal: string | undefined;
  readonly cause: string | undefined;
}

function reading(artefact: LoadedArtefact, crash: Crash): ArtefactReading {
  const place = wholeOf(artefact);
  const trace: PackageTrace = {
    source: 'tombstone',
    package: crash.name,
    event: crash.signal ?? 'crash',
    when: crash.time,
    detail: crash.cause,
    uid: crash.uid,
    versionBefore: undefined,
    versionAfter: undefined,
    place,
  };
  return { facts: [makeFact('package-traces', [trace], { standing: 'told', place })], unread: [] };
}

/** `Tombstone`: timestamp = 4, uid = 7, command_line = 9 (repeated), signal_info = 10 {name = 2}, abort_message = 14, causes = 15 {human_readable = 1}. */
function readProto(artefact: LoadedArtefact): ArtefactReading {
  const cursor = new Cursor(artefact.bytes, { format: 'tombstone', base: artefact.base ?? 0 });
  const words: string[] = [];
  const said: { time?: string; uid?: number; signal?: string | undefined; cause?: string | undefined } = {};
  for (const { field, number, bytes } of fieldsOf(cursor)) {
    if (field === 4 && bytes !== undefined) said.time = utf8.decode(bytes);
    else if (field === 7 && number !== undefined) said.uid = number;
    else if (field === 9 && bytes !== undefined && words.length < 100) words.push(utf8.decode(bytes));
    else if (field === 10 && bytes !== undefined) said.signal ??= textField(bytes, 2);
    else if (field === 15 && bytes !== undefined) said.cause ??= textField(bytes, 1);
    else if (field === 14 && bytes !== undefined) said.cause ??= utf8.decode(bytes);
  }
  const name = words[0];
  if (name === undefined) return unreadable('it names no process');
  return reading(artefact, { name, time: said.time, uid: said.uid, signal: said.signal, cause: said.cause });
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

const textField = (bytes: Uint8Array, wanted: number): string | undefined => {
  for (const { field, bytes: inner } of fieldsOf(new Cursor(bytes, { format: 'tombstone' })))
    if (field === wanted && inner !== undefined) return utf8.decode(inner);
  return undefined;
};

interface ProtoField {
  readonly field: number;
  readonly number: number | undefined;
  readonly bytes: Uint8Array | undefined;
}

/** The fields of one protobuf message. Source: protobuf encoding guide: a varint tag of field number and wire type, then the value. */
function* fieldsOf(cursor: Cursor): Generator<ProtoField, void, undefined> {
  while (cursor.left > 0) {
    const tag = varint(cursor, 'tag');
    const field = Math.floor(tag / 8);
    const type = tag % 8;
    if (type === 0) yield { field, number: varint(cursor, 'value'), bytes: undefined };
    else if (type === 2) yield { field, number: undefined, bytes: cursor.take('value', varint(cursor, 'length')) };
    else if (type === 1) cursor.skip('value', 8);
    else if (type === 5) cursor.skip('value', 4);
    else throw cursor.error('tag', 'bad-value', `${type} is no wire type that is read`);
  }
}

/** A varint of up to ten bytes. What is above 2^53 loses its low bits: no field that is used is that large. */
function varint(cursor: Cursor, field: string): number {
  let value = 0;
  let scale = 1;
  for (let i = 0; i < 10; i++) {
    const byte = cursor.u8(field);
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    scale *= 128;
  }
  throw cursor.error(field, 'bad-value', 'a varint of more than ten bytes');
}
