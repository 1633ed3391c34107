/**
 * Parameters about the sender's own fields (EPCIS 2.0, 8.2.7.1): OP_[INNER_][SCOPE_]FIELD. Without a scope it is a field of the event itself. INNER looks at every depth below
 * a field, and not at the field. FIELD is a CURIE whose prefix the question declares, or NAMESPACE#NAME as the XML binding has it.
 */
import { isObject, type Json, type JsonObject, listOf } from '../model.ts';
import { QueryError } from './query-error.ts';
import { type Namespaces, OPERATORS, ordering, sameAs, scalarsOf } from './values.ts';

export interface Body {
  readonly body: JsonObject;
  /** The prefixes that the event's own fields use. */
  readonly namespaces: Namespaces;
}
export type BodyTest = (event: Body) => boolean;

const objects = (value: Json | undefined): readonly JsonObject[] => listOf(value).filter(isObject);
export const sensorElements = (body: JsonObject) => objects(body['sensorElementList']);
export const sensorMetadata = (body: JsonObject) => sensorElements(body).flatMap((element) => objects(element['sensorMetadata']));
export const sensorReports = (body: JsonObject) => sensorElements(body).flatMap((element) => objects(element['sensorReport']));

/** Where the fields stand. The empty scope is the event. */
const SCOPES = {
  '': (body) => [body],
  ILMD_: (body) => objects(body['ilmd']),
  ERROR_DECLARATION_: (body) => objects(body['errorDeclaration']),
  SENSORELEMENT_: sensorElements,
  SENSORMETADATA_: sensorMetadata,
  SENSORREPORT_: sensorReports,
  readPoint_: (body) => objects(body['readPoint']),
  bizLocation_: (body) => objects(body['bizLocation']),
} as const satisfies Record<string, (body: JsonObject) => readonly JsonObject[]>;

const NAMED = new RegExp(`^(${OPERATORS.join('|')}|EXISTS)_(INNER_)?(${Object.keys(SCOPES).filter(Boolean).join('|')})?(.+)$`, 's');
const CURIE = /^([A-Za-z_][\w.-]*):([A-Za-z_][\w.-]*)$/;
/** Fields nested deeper than the validator lets in are looked at no further. */
const DEPTH_MAX = 40;

/** One name for a field: XML and JSON-LD end the same namespace with different signs (`urn:epcglobal:cbv:mda`, `urn:epcglobal:cbv:mda:`), so none of them counts. */
const fullName = (namespace: string, local: string) => `${namespace.replace(/[/#:]+$/, '')}#${local}`;

function fullNameOf(name: string, namespaces: Namespaces): string {
  const [, prefix, local] = CURIE.exec(name) ?? [];
  const declared = prefix === undefined ? undefined : namespaces.get(prefix);
  if (declared !== undefined && local !== undefined) return fullName(declared, local);
  const [, namespace, last] = /^(.+[/#:])([^/#:]+)$/s.exec(name) ?? [];
  return namespace === undefined || last === undefined ? name : fullName(namespace, last);
}

/** The name of a field in full; undefined for what is no field of a namespace. @throws QueryError where its prefix is declared nowhere */
export function fieldName(parameter: string, field: string, namespaces: Namespaces): string | undefined {
  const [, namespace, name] = /^([A-Za-z][A-Za-z0-9+.-]*:.*)#([^#]+)$/s.exec(field) ?? [];
  if (namespace !== undefined && name !== undefined) return fullName(namespace, name);
  const [, prefix, local] = CURIE.exec(field) ?? [];
  if (prefix === undefined || local === undefined) return undefined;
  const declared = namespaces.get(prefix);
  if (declared === undefined)
    throw new QueryError(
      'parameter',
      `${parameter.slice(0, 80)}: the prefix ${prefix} is declared nowhere: in GS1-Extensions (${prefix}=NAMESPACE), or in the @context of a named query`,
    );
  return fullName(declared, local);
}

/** The values of a field in an event, at the top of its scope. */
export function valuesOfField(full: string, { body, namespaces }: Body): readonly Json[] {
  return at([body], full, namespaces);
}

function at(nodes: readonly JsonObject[], full: string, namespaces: Namespaces): readonly Json[] {
  return nodes.flatMap((node) =>
    Object.entries(node).flatMap(([name, value]) => (fullNameOf(name, namespaces) === full ? listOf(value) : [])),
  );
}

function inside(nodes: readonly JsonObject[], full: string, namespaces: Namespaces): readonly Json[] {
  // Of the event itself only the sender's own fields are looked into: the standard's have scopes of their own.
  let level = nodes.flatMap((node) => Object.entries(node).flatMap(([name, value]) => (name.includes(':') ? below(value) : [])));
  const found: Json[] = [];
  for (let depth = 0; level.length > 0 && depth < DEPTH_MAX; depth++) {
    found.push(...at(level, full, namespaces));
    level = level.flatMap((node) => Object.values(node).flatMap(below));
  }
  return found;
}

/** The nodes of a value, out of lists of lists. */
const below = (value: Json): readonly JsonObject[] =>
  Array.isArray(value) ? value.flatMap((item: Json) => below(item)) : isObject(value) ? [value] : [];

const isFilled = (value: Json): boolean =>
  value !== null && value !== '' && !(Array.isArray(value) && value.length === 0) && !(isObject(value) && Object.keys(value).length === 0);

/** The test of such a parameter; undefined for a name that is none. @throws QueryError for a value or a prefix that cannot be read */
export function fieldTest(name: string, values: readonly string[], wantedNames: Namespaces): BodyTest | undefined {
  const [, operator, inner, scope = '', field = ''] = NAMED.exec(name) ?? [];
  if (operator === undefined) return undefined;
  const full = fieldName(name, field, wantedNames);
  if (full === undefined) return undefined;
  const nodes: (body: JsonObject) => readonly JsonObject[] = SCOPES[scope as keyof typeof SCOPES]; // One of those that the pattern lets in.
  const look = ({ body, namespaces }: Body) => (inner === undefined ? at : inside)(nodes(body), full, namespaces);
  if (operator === 'EXISTS') return (event) => look(event).some(isFilled);
  if (operator === 'EQ') {
    const isAny = sameAs(values, wantedNames);
    return (event) => scalarsOf(look(event)).some((value) => isAny(value, event.namespaces));
  }
  const isInOrder = ordering(name, operator as 'GT' | 'GE' | 'LT' | 'LE', values); // The pattern lets in no other.
  return (event) => scalarsOf(look(event)).some(isInOrder);
}
