import { Command, CommanderError } from 'commander';

/** Exit statuses (design, Contracts). */
export const EXIT = { done: 0, couldNot: 1, usage: 2, hold: 10, reject: 20 } as const;

/** A command's name, its one line of help, and where its code is: imported only when it is called, so that `--help` stays fast. */
const commands: readonly { readonly name: string; readonly summary: string; readonly load: () => Promise<Command> }[] = [
  //   { name: 'attest', summary: 'verify key-attestation chains', load: async () => (await import('./commands/attest.ts')).attestCommand() },
  //   { name: 'apk', summary: 'verify and describe APK files', load: async () => (await import('./commands/apk.ts')).apkCommand() },
];

/** Runs a command line. Answers the exit status; never throws. */
export async function main(words: readonly string[]): Promise<number> {
  const wanted = commands.find(({ name }) => name === words[0]);
  const program = new Command('assay')
    .description('Decides whether the Android phone in hand is the genuine article running its maker’s own software.')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(assay --help lists the commands)');
  try {
    for (const { name, summary, load } of commands) {
      if (name === wanted?.name) program.addCommand((await load()).summary(summary).exitOverride());
      else program.command(name, { hidden: false }).summary(summary).description(summary);
    }
    program.action(() => program.help());
    await program.parseAsync([...words], { from: 'user' });
    return Number(process.exitCode ?? EXIT.done);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    console.error(`assay: ${error instanceof Error ? error.message : String(error)}`);
    return EXIT.couldNot;
  }
}
