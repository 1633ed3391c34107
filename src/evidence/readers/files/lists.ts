/** Small lists: root binaries, the hosts file, folders of added certificate authorities, /apex, features, SELinux mode, environment. */
import { type ArtefactReader, eachLineIn, makeFact, placeOfLine, unreadable, wholeOf } from '../../reader.ts';
import type { AddedAuthority, HostsFile, Said, SaidAt } from '../../values/index.ts';
import { collect } from '../collect.ts';
import { jsonValue, recordsOf, skipMark } from '../json.ts';

/** Paths that `which` found for the names of root tools: root_binaries.json of androidqf, or a path a line. An empty list is an answer. */
export const rootBinariesReader: ArtefactReader = {
  kinds: ['root-binaries'],
  read(artefact) {
    const paths = collect<Said<string>>('paths', 10_000);
    const first = artefact.bytes[skipMark(artefact.bytes)];
    if (first === 0x5b || first === 0x22) {
      for (const range of recordsOf(artefact)) {
        const value = jsonValue(artefact, range);
        const place = { artefact: artefact.name, at: (artefact.base ?? 0) + range.at, length: range.end - range.at };
        if (typeof value === 'string' && value !== '') paths.add({ value, place });
      }
    } else {
      for (const line of eachLineIn(artefact))
        if (/^\/\S/.test(line.text)) paths.add({ value: line.text.trimEnd(), place: placeOfLine(artefact, line) });
    }
    return {
      facts: [makeFact('root-binaries', { paths: paths.list }, { standing: 'shown', place: wholeOf(artefact) })],
      unread: paths.dropped(),
    };
  },
};

/** /system/etc/hosts: an address and its names. Source: hosts(5). */
export const hostsReader: ArtefactReader = {
  kinds: ['hosts'],
  read(artefact) {
    const entries = collect<HostsFile['entries'][number]>('entries', 200_000);
    for (const line of eachLineIn(artefact)) {
      const [address, ...hosts] = (line.text.split('#', 1)[0] ?? '').trim().split(/\s+/, 1000);
      if (address === undefined || !/^[0-9a-fA-F.:%]+/.test(address)) continue;
      for (const host of hosts) entries.add({ address, host, place: placeOfLine(artefact, line) });
    }
    return {
      facts: [makeFact('hosts', { entries: entries.list }, { standing: 'shown', place: wholeOf(artefact) })],
      unread: entries.dropped(),
    };
  },
};

/** A listing of folders of certificate authorities: paths, `ls -R`, or `sha256sum` lines. Only what was added is a fact: the system's own stand in its manifest. An empty list is an answer. */
export const authoritiesReader: ArtefactReader = {
  kinds: ['ca-certificates'],
  read(artefact) {
    const added = collect<AddedAuthority>('certificates', 10_000);
    let folder = '';
    for (const line of eachLineIn(artefact)) {
      const text = line.text.trim();
      const heading = /^(\/.*):$/.exec(text)?.[1];
      if (heading !== undefined) {
        folder = heading;
        continue;
      }
      const [, sha256, rest] = /^(?:([0-9a-f]{64})\s+)?(.*)$/s.exec(text) ?? [];
      const name =
        rest?.startsWith('/') === true
          ? rest
          : folder !== '' && rest !== undefined && rest !== ''
            ? `${folder}/${rest.split(/\s+/).at(-1) ?? ''}`
            : undefined;
      if (name === undefined || !/cacerts-added\/[^/]+$/.test(name)) continue;
      added.add({ path: name, subject: undefined, sha256, place: placeOfLine(artefact, line) });
    }
    return { facts: [makeFact('authorities', added.list, { standing: 'shown', place: wholeOf(artefact) })], unread: added.dropped() };
  },
};

/** `ls /apex`: names, with and without version. */
export const apexListReader: ArtefactReader = {
  kinds: ['ls/apex'],
  read(artefact) {
    const names = collect<Said<string>>('APEXes', 10_000);
    for (const line of eachLineIn(artefact)) {
      const name = /(?:^|[\s/])(com\.[\w.]+)(?:@\d+)?$/.exec(line.text.trim())?.[1];
      if (name !== undefined && !names.list.some(({ value }) => value === name))
        names.add({ value: name, place: placeOfLine(artefact, line) });
    }
    if (names.list.length === 0) return unreadable('it names no APEX');
    return { facts: [makeFact('apexes', names.list, { standing: 'shown', place: wholeOf(artefact) })], unread: names.dropped() };
  },
};

/** /apex/apex-info-list.xml: attributes of `apex-info` elements, on one line or many. Source: AOSP system/apex/apexd ApexInfoList.xsd. */
export const apexInfoReader: ArtefactReader = {
  kinds: ['apex-info'],
  read(artefact) {
    const names = new Map<string, Said<string>>();
    for (const line of eachLineIn(artefact))
      for (const [, name = ''] of line.text.matchAll(/\bmoduleName="([\w.]{1,200})"/g))
        if (!names.has(name) && names.size < 10_000) names.set(name, { value: name, place: placeOfLine(artefact, line) });
    if (names.size === 0) return unreadable('it names no APEX');
    return { facts: [makeFact('apexes', [...names.values()], { standing: 'shown', place: wholeOf(artefact) })], unread: [] };
  },
};

/** `pm list features`: `feature:NAME[=VERSION]`. */
export const featuresReader: ArtefactReader = {
  kinds: ['pm/features'],
  read(artefact) {
    const names = collect<Said<string>>('features', 100_000);
    for (const line of eachLineIn(artefact)) {
      const name = /^feature:([^=\s]+)/.exec(line.text)?.[1];
      if (name !== undefined) names.add({ value: name, place: placeOfLine(artefact, line) });
    }
    if (names.list.length === 0) return unreadable('it lists no feature');
    return { facts: [makeFact('features', names.list, { standing: 'told', place: wholeOf(artefact) })], unread: names.dropped() };
  },
};

/** `getenforce`. */
export const enforceReader: ArtefactReader = {
  kinds: ['getenforce'],
  read(artefact) {
    for (const line of eachLineIn(artefact)) {
      const mode = line.text.trim().toLowerCase();
      if (mode === 'enforcing' || mode === 'permissive' || mode === 'disabled')
        return {
          facts: [makeFact('selinux', { mode, policySha256: undefined }, { standing: 'shown', place: placeOfLine(artefact, line) })],
          unread: [],
        };
    }
    return unreadable('it says none of Enforcing, Permissive, Disabled');
  },
};

/** `env`: `NAME=value`, a value may run over lines. */
export const environmentReader: ArtefactReader = {
  kinds: ['env'],
  read(artefact) {
    const entries = collect<{ -readonly [K in keyof SaidAt]: SaidAt[K] }>('variables', 10_000);
    for (const line of eachLineIn(artefact)) {
      const name = /^([A-Za-z_]\w{0,200})=/.exec(line.text)?.[1];
      const last = entries.list.at(-1);
      if (name !== undefined) entries.add({ path: name, value: line.text.slice(name.length + 1), place: placeOfLine(artefact, line) });
      else if (last !== undefined && last.value.length < 1 << 16) last.value += `\n${line.text}`;
    }
    if (entries.list.length === 0) return unreadable('it holds no `NAME=value` line');
    return { facts: [makeFact('environment', entries.list, { standing: 'told', place: wholeOf(artefact) })], unread: entries.dropped() };
  },
};
