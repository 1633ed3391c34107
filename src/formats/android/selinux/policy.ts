/**
 * Binary SELinux policies, as init loads them, as they lie in `precompiled_sepolicy`, and as the kernel gives its own back in /sys/fs/selinux/policy.
 * Spec: Linux security/selinux/ss/policydb.c and avtab.c, ebitmap.c beside it (v6.6); SELinuxProject/selinux libsepol/src/policydb.c, which writes it.
 * Limits: kernel policies of version 20 to 33 (Android has had 26 to 33) with multi-level security; 65,535 types, `RULES_MAX` rules.
 * Does not read: what follows the unconditional rules (conditional rules, role and range transitions, contexts of file systems, expanded attributes). Android's policies have no conditions.
 *
 *   u32 magic 0xf97cff8c; u32 len; "SE Linux"; u32 version; u32 config (1: MLS); u32 sym_num (8); u32 ocon_num
 *   from 22: ebitmap policycaps;  from 23: ebitmap permissive_map (bit n: type n is permissive)
 *   8 × { u32 nprim; u32 nel; entries }: commons, classes, roles, types, users, booleans, sensitivities, categories
 *   avtab: u32 nel; nel × { u16 source_type; u16 target_type; u16 target_class; u16 specified; u32 data, or of extended rules u8 specified, u8 driver, u32 perms[8] }
 *   ebitmap: u32 mapsize (64); u32 highbit; u32 count; count × { u32 startbit; u64 map }
 */
import { Cursor, type Oddity, type Reading } from '../../../bytes/index.ts';

const FORMAT = 'selinux policy';
const MAGIC = 0xf97cff8c;
const TARGET = 'SE Linux';
const VERSION_MIN = 20;
const VERSION_MAX = 33;
const CONFIG_MLS = 1;
const SYMBOLS = 8;
/** The kernel's own: a type is 16 bits in a rule. */
const TYPES_MAX = 65_535;
/** A policy of a large phone has some 60,000 rules after attributes were expanded. */
const RULES_MAX = 4 << 20;
const NAME_MAX = 4096;
const PERMISSIONS_MAX = 32;

/** Versions from which the kernel writes a thing. */
const SINCE = { policycaps: 22, permissive: 23, bounds: 24, newDefaults: 27, defaultType: 28, constraintNames: 29 } as const;
const CEXPR_NAMES = 5;
const XPERMS = 0x0700;
const PROPERTY_ATTRIBUTE = 2;

/** Kinds of rules, by `specified`. Source: libsepol avtab.h. */
export const RULE = {
  allow: 0x0001,
  auditAllow: 0x0002,
  dontAudit: 0x0004,
  typeTransition: 0x0010,
  typeMember: 0x0020,
  typeChange: 0x0040,
  xpermsAllow: 0x0100,
  xpermsAuditAllow: 0x0200,
  xpermsDontAudit: 0x0400,
} as const;

export interface SelinuxClass {
  readonly name: string;
  /** By number from 1; a permission that the class has no name for is undefined. */
  readonly permissions: readonly (string | undefined)[];
}

/** One unconditional rule, by the policy's own numbers. */
export interface SelinuxRule {
  readonly source: number;
  readonly target: number;
  readonly class: number;
  /** One of `RULE`. */
  readonly kind: number;
  /** A set of permissions as bits from the class's first, or a type; of extended rules 0. */
  readonly data: number;
  /** Extended rules only: driver and bits, as the file has them in hex. */
  readonly extended: string | undefined;
}

export interface SelinuxPolicy {
  readonly version: number;
  /** Names by number; 0 is none. Attributes are types too. */
  readonly types: readonly (string | undefined)[];
  readonly attributes: ReadonlySet<number>;
  /** Numbers of types that are permissive: rules about them are not enforced. */
  readonly permissive: readonly number[];
  readonly classes: readonly (SelinuxClass | undefined)[];
  readonly rules: readonly SelinuxRule[];
}

/** Whether bytes begin as a policy does. */
export const isSelinuxPolicy = (start: Uint8Array): boolean =>
  start.length >= 4 && start[0] === 0x8c && start[1] === 0xff && start[2] === 0x7c && start[3] === 0xf9;

/** Reads a policy. @throws FormatError */
export function readSelinuxPolicy(bytes: Uint8Array): Reading<SelinuxPolicy> {
  const cursor = new Cursor(bytes, { format: FORMAT });
  const oddities: Oddity[] = [];
  const { version } = readHeader(cursor);
  if (version >= SINCE.policycaps) readBitmap(cursor, 'policycaps');
  const permissive = version >= SINCE.permissive ? readBitmap(cursor, 'permissive_map') : [];
  const reader: Reader = { cursor, version };
  const commons = new Map<string, Permissions>();
  readSymbols(cursor, 'commons', 16, () => readCommon(reader, commons));
  const classes: (SelinuxClass | undefined)[] = [];
  readSymbols(cursor, 'classes', 24, () => {
    const { value, ...one } = readClass(reader, commons);
    if (classes[value] !== undefined)
      oddities.push({ format: FORMAT, field: `class ${value}`, at: cursor.absolute, code: 'duplicate', detail: one.name });
    classes[value] = one;
  });
  readSymbols(cursor, 'roles', 8, () => readRole(reader));
  const types: (string | undefined)[] = [];
  const attributes = new Set<number>();
  readSymbols(cursor, 'types', 12, () => {
    const { name, value, isAttribute, isPrimary } = readType(reader);
    // An alias has the number of its type.
    if (isPrimary || types[value] === undefined) types[value] = name;
    if (isAttribute) attributes.add(value);
  });
  readSymbols(cursor, 'users', 8, () => readUser(reader));
  readSymbols(cursor, 'booleans', 12, () => {
    cursor.skip('value', 8);
    readName(cursor, cursor.u32('len'));
  });
  readSymbols(cursor, 'sensitivities', 8, () => {
    const length = cursor.u32('len');
    cursor.u32('isalias');
    readName(cursor, length);
    readLevel(cursor);
  });
  readSymbols(cursor, 'categories', 12, () => {
    const length = cursor.u32('len');
    cursor.skip('value', 8);
    readName(cursor, length);
  });
  return { value: { version, types, attributes, permissive, classes, rules: readRules(cursor) }, oddities };
}

interface Reader {
  readonly cursor: Cursor;
  readonly version: number;
}

type Permissions = readonly (string | undefined)[];

function readHeader(cursor: Cursor): { readonly version: number } {
  const magic = cursor.u32('magic');
  if (magic !== MAGIC) throw cursor.error('magic', 'bad-magic', `0x${magic.toString(16)}, not 0xf97cff8c`, 0);
  const length = cursor.u32('len');
  if (length !== TARGET.length) throw cursor.error('len', 'bad-value', `${length}, not ${TARGET.length}`, 4);
  const target = readName(cursor, length);
  if (target !== TARGET) throw cursor.error('target', 'bad-value', `${JSON.stringify(target)}, not "${TARGET}"`, 8);
  const version = cursor.u32('version');
  if (version < VERSION_MIN || version > VERSION_MAX)
    throw cursor.error('version', 'unsupported-version', `${version}; ${VERSION_MIN} to ${VERSION_MAX} are read`, cursor.at - 4);
  const config = cursor.u32('config');
  if ((config & CONFIG_MLS) === 0)
    throw cursor.error('config', 'bad-value', 'a policy without multi-level security is not Android’s', cursor.at - 4);
  const symbols = cursor.u32('sym_num');
  if (symbols !== SYMBOLS) throw cursor.error('sym_num', 'bad-value', `${symbols}, not ${SYMBOLS}`, cursor.at - 4);
  cursor.u32('ocon_num');
  return { version };
}

/** Reads one table; each entry has at least `least` bytes, so a count that the bytes cannot hold is refused first. */
function readSymbols(cursor: Cursor, table: string, least: number, readOne: () => void): void {
  cursor.u32(`${table}.nprim`);
  const count = cursor.u32(`${table}.nel`);
  if (count * least > cursor.left)
    throw cursor.error(`${table}.nel`, 'out-of-bounds', `${count} entries do not fit into ${cursor.left} bytes`, cursor.at - 4);
  for (let i = 0; i < count; i++) readOne();
}

function readName(cursor: Cursor, length: number): string {
  if (length > NAME_MAX) throw cursor.error('name', 'too-large', `${length} bytes; a name has at most ${NAME_MAX}`);
  return cursor.text('name', length);
}

/** Numbers of the bits that are set. */
function readBitmap(cursor: Cursor, field: string): readonly number[] {
  const mapSize = cursor.u32(`${field}.mapsize`);
  if (mapSize !== 64) throw cursor.error(`${field}.mapsize`, 'bad-value', `${mapSize}, not 64`, cursor.at - 4);
  const highBit = cursor.u32(`${field}.highbit`);
  const count = cursor.u32(`${field}.count`);
  if (count * 12 > cursor.left)
    throw cursor.error(`${field}.count`, 'out-of-bounds', `${count} nodes do not fit into ${cursor.left} bytes`, cursor.at - 4);
  const bits: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = cursor.u32(`${field}.startbit`);
    if (start % 64 !== 0 || start >= highBit) throw cursor.error(`${field}.startbit`, 'bad-value', `${start} of ${highBit}`, cursor.at - 4);
    const [low, high] = [cursor.u32(`${field}.map`), cursor.u32(`${field}.map`)];
    for (let bit = 0; bit < 32; bit++) {
      if (((low >>> bit) & 1) === 1) bits.push(start + bit);
      if (((high >>> bit) & 1) === 1) bits.push(start + 32 + bit);
    }
  }
  return bits;
}

function readPermissions({ cursor }: Reader, count: number, into: (string | undefined)[]): void {
  if (count > PERMISSIONS_MAX) throw cursor.error('permissions.nel', 'too-large', `${count}; a class has at most ${PERMISSIONS_MAX}`);
  for (let i = 0; i < count; i++) {
    const length = cursor.u32('permission.len');
    const value = cursor.u32('permission.value');
    if (value === 0 || value > PERMISSIONS_MAX) throw cursor.error('permission.value', 'bad-value', `${value}`, cursor.at - 4);
    into[value] = readName(cursor, length);
  }
}

function readCommon(reader: Reader, commons: Map<string, Permissions>): void {
  const { cursor } = reader;
  const length = cursor.u32('common.len');
  cursor.skip('common.value', 8);
  const count = cursor.u32('common.nel');
  const name = readName(cursor, length);
  const permissions: (string | undefined)[] = [];
  readPermissions(reader, count, permissions);
  commons.set(name, permissions);
}

function readClass(reader: Reader, commons: ReadonlyMap<string, Permissions>): SelinuxClass & { readonly value: number } {
  const { cursor, version } = reader;
  const length = cursor.u32('class.len');
  const commonLength = cursor.u32('class.len2');
  const value = cursor.u32('class.value');
  if (value === 0 || value > TYPES_MAX) throw cursor.error('class.value', 'bad-value', `${value}`, cursor.at - 4);
  cursor.u32('class.nprim');
  const count = cursor.u32('class.nel');
  const constraints = cursor.u32('class.ncons');
  const name = readName(cursor, length);
  const common = commonLength === 0 ? undefined : readName(cursor, commonLength);
  const inherited = common === undefined ? [] : commons.get(common);
  if (inherited === undefined)
    throw cursor.error('class.comkey', 'bad-value', `no common permissions are called ${JSON.stringify(common)}`);
  const permissions = [...inherited];
  readPermissions(reader, count, permissions);
  readConstraints(reader, constraints);
  readConstraints(reader, cursor.u32('class.validatetrans'));
  if (version >= SINCE.newDefaults) cursor.skip('class.defaults', 12);
  if (version >= SINCE.defaultType) cursor.skip('class.default_type', 4);
  return { name, permissions, value };
}

function readConstraints({ cursor, version }: Reader, count: number): void {
  if (count * 8 > cursor.left) throw cursor.error('constraints', 'out-of-bounds', `${count} do not fit into ${cursor.left} bytes`);
  for (let i = 0; i < count; i++) {
    cursor.u32('constraint.permissions');
    const expressions = cursor.u32('constraint.nexpr');
    if (expressions * 12 > cursor.left)
      throw cursor.error('constraint.nexpr', 'out-of-bounds', `${expressions} do not fit into ${cursor.left} bytes`, cursor.at - 4);
    for (let j = 0; j < expressions; j++) {
      const type = cursor.u32('constraint.expr_type');
      cursor.skip('constraint.attr', 8);
      if (type !== CEXPR_NAMES) continue;
      readBitmap(cursor, 'constraint.names');
      if (version < SINCE.constraintNames) continue;
      readBitmap(cursor, 'constraint.types');
      readBitmap(cursor, 'constraint.negset');
      cursor.u32('constraint.flags');
    }
  }
}

function readRole({ cursor, version }: Reader): void {
  const length = cursor.u32('role.len');
  cursor.skip('role.value', version >= SINCE.bounds ? 8 : 4);
  readName(cursor, length);
  readBitmap(cursor, 'role.dominates');
  readBitmap(cursor, 'role.types');
}

function readType({ cursor, version }: Reader): {
  readonly name: string;
  readonly value: number;
  readonly isAttribute: boolean;
  readonly isPrimary: boolean;
} {
  const length = cursor.u32('type.len');
  const value = cursor.u32('type.value');
  if (value === 0 || value > TYPES_MAX)
    throw cursor.error('type.value', 'bad-value', `${value}; types are 1 to ${TYPES_MAX}`, cursor.at - 4);
  const properties = cursor.u32('type.properties');
  if (version >= SINCE.bounds) cursor.u32('type.bounds');
  return {
    name: readName(cursor, length),
    value,
    isAttribute: version >= SINCE.bounds && (properties & PROPERTY_ATTRIBUTE) !== 0,
    isPrimary: (properties & 1) === 1,
  };
}

function readUser({ cursor, version }: Reader): void {
  const length = cursor.u32('user.len');
  cursor.skip('user.value', version >= SINCE.bounds ? 8 : 4);
  readName(cursor, length);
  readBitmap(cursor, 'user.roles');
  const items = cursor.u32('range.items');
  if (items !== 1 && items !== 2) throw cursor.error('range.items', 'bad-value', `${items}, not 1 or 2`, cursor.at - 4);
  cursor.skip('range.sens', items * 4);
  for (let i = 0; i < items; i++) readBitmap(cursor, 'range.cat');
  readLevel(cursor);
}

function readLevel(cursor: Cursor): void {
  cursor.u32('level.sens');
  readBitmap(cursor, 'level.cat');
}

function readRules(cursor: Cursor): readonly SelinuxRule[] {
  const count = cursor.u32('avtab.nel');
  if (count > RULES_MAX) throw cursor.error('avtab.nel', 'too-large', `${count}; at most ${RULES_MAX} are read`, cursor.at - 4);
  if (count * 12 > cursor.left)
    throw cursor.error('avtab.nel', 'out-of-bounds', `${count} rules do not fit into ${cursor.left} bytes`, cursor.at - 4);
  const rules: SelinuxRule[] = [];
  for (let i = 0; i < count; i++) {
    const [source, target] = [cursor.u16('rule.source_type'), cursor.u16('rule.target_type')];
    const [of, specified] = [cursor.u16('rule.target_class'), cursor.u16('rule.specified')];
    // The highest bit says that the rule is in force, which without conditions all are.
    const kind = specified & 0x7fff;
    const isExtended = (kind & XPERMS) !== 0;
    const extended = isExtended
      ? [...cursor.take('rule.xperms', 34)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
      : undefined;
    rules.push({ source, target, class: of, kind, data: isExtended ? 0 : cursor.u32('rule.data'), extended });
  }
  return rules;
}
