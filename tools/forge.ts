/** npm run forge -- [--out DIR] [--fill N] [FAMILY…]: writes the synthetic ROMs, as their makers and as retailers ship them: packages, and raw images of every partition. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { forgeRom, makeRomKeys, ROM_FAMILIES, ROM_VERSIONS, type RomFamily } from '../src/forge/node/index.ts';

const { values, positionals } = words();

/** What was asked for; a word that is not understood ends it with how to use it. */
function words() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { out: { type: 'string', default: 'forged' }, fill: { type: 'string', default: '0' } },
    });
  } catch (error) {
    console.error(`forge: ${error instanceof Error ? error.message.replace(/\. To specify.*/s, '') : String(error)}`);
    console.error('usage: npm run forge -- [--out DIR] [--fill N] [FAMILY…]');
    process.exit(2);
  }
}

const families = positionals.length === 0 ? ROM_FAMILIES : ROM_FAMILIES.filter((family) => positionals.includes(family));
const fill = Number(values.fill);
if (families.length < positionals.length || !Number.isSafeInteger(fill) || fill < 0 || fill > 20_000) {
  console.error(`forge: families are ${ROM_FAMILIES.join(' and ')}; --fill is a number of libraries of 256 KiB`);
  process.exit(2);
}
const keys = makeRomKeys();
const out = resolve(process.env['INIT_CWD'] ?? process.cwd(), values.out);

async function write(family: RomFamily, version: (typeof ROM_VERSIONS)[number]): Promise<void> {
  const rom = await forgeRom(family, version, keys, { fill });
  const folder = join(out, family, version);
  await mkdir(join(folder, 'images'), { recursive: true });
  // Names of partitions are the recipe's own.
  for (const [name, bytes] of rom.packages) await writeFile(join(folder, name), bytes);
  for (const [name, bytes] of rom.images) await writeFile(join(folder, 'images', `${name}.img`), bytes);
  console.log(`${folder}: ${rom.recipe.fingerprint}`);
}

for (const family of families) for (const version of ROM_VERSIONS) await write(family, version);
