/**
 * packages.json of androidqf. Source: mvt-project/androidqf adb/packages.go (`Package`, `PackageFile`, apkverifier's `CertInfo`); later versions add users, versions and errors.
 * Every digest in it was computed by the phone or by the recorder: it is a claim of the recording.
 */
import type { Oddity } from '../../../bytes/index.ts';
import type { Place } from '../../fact.ts';
import { type ArtefactReader, makeFact, unreadable, wholeOf } from '../../reader.ts';
import type { Package } from '../../values/index.ts';
import { collect } from '../collect.ts';
import { jsonValue, recordsOf } from '../json.ts';
import { namedPackage, usersOf } from './package.ts';

/** Uids of a user begin at its number times this. Source: AOSP UserHandle.PER_USER_RANGE. */
const USER_RANGE = 100_000;

export const packagesJsonReader: ArtefactReader = {
  kinds: ['packages.json'],
  read(artefact) {
    const packages = collect<Package>('packages');
    const oddities: Oddity[] = [];
    for (const range of recordsOf(artefact)) {
      const place = { artefact: artefact.name, at: (artefact.base ?? 0) + range.at, length: range.end - range.at };
      const found = packageOf(jsonValue(artefact, range), place);
      if (found !== undefined) packages.add(found);
      else
        oddities.push({ format: 'packages.json', field: 'name', at: place.at, code: 'not-a-package', detail: 'an entry without a name' });
    }
    if (packages.list.length === 0) return unreadable('it lists no package');
    const value = { users: usersOf(packages.list), packages: packages.list };
    return { facts: [makeFact('packages', value, { standing: 'told', place: wholeOf(artefact), oddities })], unread: packages.dropped() };
  },
};

type Record = { readonly [key: string]: unknown };

function packageOf(value: unknown, place: Place): Package | undefined {
  if (!isRecord(value)) return undefined;
  const name = textIn(value, 'name');
  if (name === undefined || name === '') return undefined;
  const uid = numberIn(value, 'uid');
  const files = (Array.isArray(value['files']) ? value['files'] : []).filter(isRecord);
  const certificates = files.map((file) => file['certificate']).filter(isRecord);
  const installer = textIn(value, 'installer');
  const disabled = flagIn(value, 'disabled');
  return {
    ...namedPackage(
      name,
      numberIn(value, 'user') ?? numberIn(value, 'user_id') ?? (uid === undefined ? 0 : Math.floor(uid / USER_RANGE)),
      place,
    ),
    uid,
    paths: texts(files, 'path') ?? [],
    system: flagIn(value, 'system') === true ? true : flagIn(value, 'third_party') === true ? false : flagIn(value, 'system'),
    enabled: disabled === undefined ? undefined : !disabled,
    // An installer that the phone did not say is written as an empty text.
    installer: installer === 'null' ? null : installer === '' ? undefined : installer,
    versionCode: numberIn(value, 'version_code'),
    versionName: textIn(value, 'version_name'),
    signers: hexes(certificates, 'Sha256', 'sha256'),
    signersSha1: hexes(certificates, 'Sha1', 'sha1'),
    signersMd5: hexes(certificates, 'Md5', 'md5'),
    sha256: hexes(files, 'sha256', 'SHA256'),
    sha1: hexes(files, 'sha1', 'SHA1'),
    md5: hexes(files, 'md5', 'MD5'),
  };
}

const isRecord = (value: unknown): value is Record => typeof value === 'object' && value !== null && !Array.isArray(value);

const textIn = (record: Record, key: string) => (typeof record[key] === 'string' ? record[key] : undefined);

const flagIn = (record: Record, key: string) => (typeof record[key] === 'boolean' ? record[key] : undefined);

const numberIn = (record: Record, key: string) =>
  typeof record[key] === 'number' && Number.isSafeInteger(record[key]) && record[key] >= 0 ? record[key] : undefined;

function texts(records: readonly Record[], ...keys: readonly string[]): readonly string[] | undefined {
  const found = records.flatMap((record) => keys.map((key) => textIn(record, key)).filter((text) => text !== undefined && text !== ''));
  // The filter is what the cast rests on.
  return found.length === 0 ? undefined : [...new Set(found as readonly string[])];
}

const hexes = (records: readonly Record[], ...keys: readonly string[]) =>
  texts(records, ...keys)
    ?.map((text) => text.toLowerCase())
    .filter((text) => /^[0-9a-f]{32,128}$/.test(text));
