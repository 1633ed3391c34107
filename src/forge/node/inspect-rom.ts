/** Raw images of a forged build, read and judged as `assay inspect FOLDER` does. */
import { spawnSync } from 'node:child_process';
import { bytesSource } from '../../bytes/index.ts';
import { patchQueries } from '../../checks/index.ts';
import { builtinKnowledge } from '../../knowledge/index.ts';
import { nodeCodec, nodeHash, nodeInflate, nodeStream, nodeVerify } from '../../platform/node/index.ts';
import {
  findPartitionsIn,
  imageArtefacts,
  imageFacts,
  makeManifest,
  manifestDigest,
  type Reference,
  readRomFiles,
} from '../../references/index.ts';
import { judgeImage, type Report } from '../../report/index.ts';
import type { Policy } from '../../verdict/index.ts';

/** Images by partition. Nothing of a raw image is spooled, so that nothing is left to close. */
export type RomImages = ReadonlyMap<string, Uint8Array>;

const ports = { hash: nodeHash, codec: nodeCodec, verify: nodeVerify, inflate: nodeInflate, stream: nodeStream };
const judging = { hash: nodeHash, verify: nodeVerify, codec: nodeCodec };

const has = (tool: string) => spawnSync('which', [tool]).status === 0;
/** Whether the distribution's tools that forge images are here. */
export const hasRomTools = (): boolean => has('mkfs.erofs') && has('mke2fs') && has('debugfs');

async function read(images: RomImages) {
  const contents = await findPartitionsIn(
    [...images].map(([name, bytes]) => ({ name: `${name}.img`, source: bytesSource(bytes) })),
    ports,
  );
  const { manifest } = await makeManifest(contents, { ports, together: 1 });
  return { contents, manifest };
}

/** A reference of images, of which a maker is taken to vouch unless said otherwise. */
export async function romReference(images: RomImages, vouched: Reference['vouched'] = 'maker-signature'): Promise<Reference> {
  const { contents, manifest } = await read(images);
  return {
    manifest,
    digest: manifestDigest(manifest, nodeHash),
    vouched,
    label: 'release',
    provenance: { made: 'image', sources: [], signatures: [], vouched, label: 'release' },
    readFiles: (wanted, limit) => readRomFiles(contents, wanted, ports, limit),
  };
}

export interface RomInspection {
  readonly references: readonly Reference[];
  readonly policy: Policy;
  readonly version: string;
}

/** The report over images. */
export async function inspectRom(images: RomImages, { references, policy, version }: RomInspection): Promise<Report> {
  const { contents, manifest } = await read(images);
  const facts = await imageFacts({ manifest, contents, signatures: [] }, ports);
  const artefacts = await imageArtefacts({ manifest, contents }, new Set(patchQueries.flatMap(({ files }) => files)), ports);
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
    { ...judging, knowledge: builtinKnowledge, references, history: { sightings: [] }, policy, version },
  );
}
