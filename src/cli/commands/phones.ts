import { Command } from 'commander';
import { EXIT } from '../exit.ts';
import { plain } from '../progress.ts';

/** `assay phones` */
export function phonesCommand(): Command {
  return new Command('phones')
    .description('Lists the phones that are here: behind the adb server, and on cables that no server holds.')
    .option('--json', 'print the list as one JSON document and nothing else')
    .action(async (flags: { readonly json?: true }) => {
      const { listPhones } = await import('../../platform/node/adb/index.ts');
      const phones = await listPhones();
      if (flags.json)
        process.stdout.write(
          `${JSON.stringify(
            phones.map((phone) => ({ ...phone, model: phone.model ?? null })),
            null,
            2,
          )}\n`,
        );
      else {
        for (const { address, transport, state, model } of phones)
          console.log([plain(address), transport, plain(state), plain(model ?? '')].join('\t').trimEnd());
        if (phones.length === 0) console.error('no phone is here: plug one in with USB debugging on, or name one as HOST:PORT');
      }
      process.exitCode = EXIT.done;
    });
}
