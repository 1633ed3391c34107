/** EPCIS 2.0 events as their JSON binding has them (GS1 EPCIS 2.0.1, 10), whatever they came in: XML is brought into this form. */

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

export const EVENT_TYPES = ['ObjectEvent', 'AggregationEvent', 'TransactionEvent', 'TransformationEvent', 'AssociationEvent'] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** An event that passed `eventProblems`, with the prefixes that its extension fields use. */
export interface EpcisEvent {
  readonly body: JsonObject;
  /** Prefix to namespace. */
  readonly namespaces: ReadonlyMap<string, string>;
}

/** A party, place or product as `epcisHeader` describes it. */
export interface MasterDatum {
  /** The vocabulary's type, as in urn:epcglobal:epcis:vtype:BusinessLocation. */
  readonly type: string;
  readonly id: string;
  readonly attributes: readonly { readonly id: string; readonly value: Json }[];
  readonly children: readonly string[];
}

export interface EpcisDocument {
  readonly kind: 'EPCISDocument' | 'EPCISQueryDocument';
  readonly schemaVersion: string | undefined;
  readonly creationDate: string | undefined;
  readonly events: readonly EpcisEvent[];
  readonly masterData: readonly MasterDatum[];
}

/** What is wrong with a document or an event: where, as a JSON Pointer, and a sentence. */
export interface EpcisProblem {
  readonly at: string;
  readonly problem: string;
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value as a list: JSON-LD lets a list of one stand alone. */
export const listOf = (value: Json | undefined): readonly Json[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

/** The texts of a list. */
export const textsOf = (value: Json | undefined): readonly string[] => listOf(value).filter((item) => typeof item === 'string');

/** A field that is a text. */
export const textAt = (object: JsonObject, name: string): string | undefined => {
  const value = object[name];
  return typeof value === 'string' ? value : undefined;
};
