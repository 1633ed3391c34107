/** Builds as one artefact states them: each partition's own, by the prefix of its keys. */
import { type Fact, type Facts, factsOf, type Property, property } from '../../evidence/index.ts';

/** `` is ro.build.*; the others are ro.PREFIX.build.*. Modules' partitions (vendor_dlkm) contradict themselves on genuine phones, and are left out. */
const PARTITIONS = ['', 'system', 'system_ext', 'product', 'vendor', 'odm', 'bootimage'] as const;
type Partition = (typeof PARTITIONS)[number];

export interface StatedBuild {
  readonly fact: Fact<'properties'>;
  readonly partition: Partition;
  readonly release: Property | undefined;
  readonly sdk: Property | undefined;
  readonly id: Property | undefined;
  readonly incremental: Property | undefined;
  readonly type: Property | undefined;
  readonly tags: Property | undefined;
  readonly fingerprint: Property | undefined;
}

/** Every build that the artefacts state, those without any of these keys left out. */
export function statedBuilds(facts: Facts): readonly StatedBuild[] {
  return factsOf(facts, 'properties').flatMap((fact) =>
    PARTITIONS.flatMap((partition) => {
      const prefix = partition === '' ? 'ro.build' : `ro.${partition}.build`;
      const get = (key: string) => nonEmpty(property(fact.value, `${prefix}.${key}`));
      const build: StatedBuild = {
        fact,
        partition,
        release: get('version.release'),
        sdk: get('version.sdk'),
        id: get('id'),
        incremental: get('version.incremental'),
        type: get('type'),
        tags: get('tags'),
        fingerprint: get('fingerprint'),
      };
      const said = [build.release, build.sdk, build.id, build.incremental, build.type, build.tags, build.fingerprint];
      return said.some((value) => value !== undefined) ? [build] : [];
    }),
  );
}

export function nonEmpty(found: Property | undefined): Property | undefined {
  return found === undefined || found.value.trim() === '' ? undefined : found;
}

export interface Fingerprint {
  readonly brand: string;
  readonly product: string;
  readonly device: string;
  readonly release: string;
  readonly id: string;
  readonly incremental: string;
  readonly type: string;
  readonly tags: string;
}

/** `brand/product/device:release/id/incremental:type/tags`; undefined for a text of another form, which makers have too (`ro.build.thumbprint`). Empty parts occur on genuine phones. */
export function parseFingerprint(text: string): Fingerprint | undefined {
  const found = /^([^/:]*)\/([^/:]*)\/([^/:]*):([^/:]*)\/([^/:]*)\/(.*):([^/:]*)\/([^/:]*)$/.exec(text.slice(0, 512));
  if (found === null) return undefined;
  const [, brand = '', product = '', device = '', release = '', id = '', incremental = '', type = '', tags = ''] = found;
  return { brand, product, device, release, id, incremental, type, tags };
}

/** The API level that the running system says it has; of files only where there is no running system's answer. */
export function claimedSdk(
  facts: Facts,
): { readonly sdk: number; readonly stated: Property; readonly fact: Fact<'properties'> } | undefined {
  const all = factsOf(facts, 'properties');
  for (const fact of [...all.filter(({ value }) => value.layer === 'runtime'), ...all.filter(({ value }) => value.layer !== 'runtime')]) {
    const stated = nonEmpty(property(fact.value, 'ro.build.version.sdk')) ?? nonEmpty(property(fact.value, 'ro.system.build.version.sdk'));
    if (stated !== undefined && /^\d{1,2}$/.test(stated.value)) return { sdk: Number(stated.value), stated, fact };
  }
  return undefined;
}
