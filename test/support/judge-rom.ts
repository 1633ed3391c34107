/** Raw images of a forged build, read and judged as `assay inspect FOLDER` does. */
import { spawnSync } from 'node:child_process';
import { bytesSource } from '../../src/bytes/index.ts';
import { patchQueries } from '../../src/checks/index.ts';
import { builtinKnowledge } from '../../src/knowledge/index.ts';
import { nodeCodec, nodeHash, nodeInflate, nodeStream, nodeVerify, openSpool } from '../../src/platform/node/index.ts';
import {
  findPartitionsIn,
  imageArtefacts,
  imageFacts,
  makeManifest,
  manifestDigest,
  type Reference,
  readRomFiles,
} from '../../src/references/index.ts';
import { judgeImage, type Report } from '../../src/report/index.ts';
import { ownerPolicy, type Policy } from '../../src/verdict/index.ts';

const has = (tool: string) => spawnSync('which', [tool]).status === 0;
/** Whether the distribution's tools that forge images are here. */
export const romTools = has('mkfs.erofs') && has('mke2fs') && has('debugfs');
const spool = openSpool();
const ports = { hash: nodeHash, codec: nodeCodec, verify: nodeVerify, inflate: nodeInflate, stream: nodeStream, spool: spool.spool };
/** Closes what was spooled. */
export const closeRoms = () => spool.close();

export type Images = ReadonlyMap<string, Uint8Array>;

async function read(images: Images) {
  const contents = await findPartitionsIn(
    [...images].map(([name, bytes]) => ({ name: `${name}.img`, source: bytesSource(bytes) })),
    ports,
  );
  const { manifest } = await makeManifest(contents, { ports, together: 1 });
  return { contents, manifest };
}

const judging = { hash: nodeHash, verify: nodeVerify, codec: nodeCodec };

/** A reference of images. */
export async function referenceOf(images: Images, vouched: Reference['vouched'] = 'maker-signature'): Promise<Reference> {
  const { contents, manifest } = await read(images);
  const provenance = { made: 'image', sources: [], signatures: [], vouched, label: 'release' } as const;
  return {
    manifest,
    digest: manifestDigest(manifest, nodeHash),
    vouched,
    label: 'release',
    provenance: { ...provenance, sources: [], signatures: [] },
    readFiles: (wanted, limit) => readRomFiles(contents, wanted, ports, limit),
  };
}

/** The report over images. */
export async function inspectImages(images: Images, references: readonly Reference[], policy: Policy = ownerPolicy): Promise<Report> {
  const { contents, manifest } = await read(images);
  const facts = await imageFacts({ manifest, contents, signatures: [] }, ports);
  const artefacts = await imageArtefacts({ manifest, contents }, new Set(patchQueries.flatMap(({ files }) => files)), ports);
  const bench = { ...judging, knowledge: builtinKnowledge, references, history: { sightings: [] }, policy, version: 'test' };
  return judgeImage(
    {
      facts,
      artefacts,
      files: [],
      claims: {},
      source: 'images',
      asOf: '2026-01-31T12:00:00Z',
      readFiles: (wanted, limit) => readRomFiles(contents, wanted, ports, limit),
    },
    bench,
  );
}

/** Checks of software that count against it. */
export const counted = ({ findings }: Report) => [
  ...new Set(
    findings
      .filter(({ strength, axis }) => axis === 'software' && (strength === 'conclusive' || strength === 'strong'))
      .map(({ check }) => check),
  ),
];
export const verdictOf = ({ verdict }: Report) => [verdict.software, verdict.nature, verdict.decision];
