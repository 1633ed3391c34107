import { Command, CommanderError } from 'commander';
import { becauseOfWhat } from './because.ts';
import { EXIT, UsageError } from './exit.ts';
import { packageVersion } from './paths.ts';

/** A command's name, its one line of help, and where its code is: imported only when it is called, so that `--help` stays fast. */
const commands: readonly { readonly name: string; readonly summary: string; readonly load: () => Promise<Command> }[] = [
  {
    name: 'inspect',
    summary: 'inspect a phone or a recording of one; without a source the phone that is plugged in',
    load: async () => (await import('./commands/inspect.ts')).inspectCommand(),
  },
  { name: 'capture', summary: 'read a phone into a capture', load: async () => (await import('./commands/capture.ts')).captureCommand() },
  {
    name: 'phones',
    summary: 'list the phones that are plugged in',
    load: async () => (await import('./commands/phones.ts')).phonesCommand(),
  },
  {
    name: 'firmware',
    summary: 'list, read and verify what is in a maker’s firmware',
    load: async () => (await import('./commands/firmware.ts')).firmwareCommand(),
  },
  {
    name: 'reference',
    summary: 'builds that phones are held against: what differs between two',
    load: async () => (await import('./commands/reference.ts')).referenceCommand(),
  },
  {
    name: 'report',
    summary: 'sign, verify and disclose reports',
    load: async () => (await import('./commands/report.ts')).reportCommand(),
  },
  {
    name: 'log',
    summary: 'a transparency log: make it, append, prove, verify, watch',
    load: async () => (await import('./commands/log.ts')).logCommand(),
  },
  {
    name: 'store',
    summary: 'what is remembered: look at it, rebuild its index, copy it',
    load: async () => (await import('./commands/store.ts')).storeCommand(),
  },
  {
    name: 'knowledge',
    summary: 'what assay judges by: list it, import packs of indicators and tables',
    load: async () => (await import('./commands/knowledge.ts')).knowledgeCommand(),
  },
  {
    name: 'custody',
    summary: 'where phones have been, whether that was allowed, and where they were altered',
    load: async () => (await import('./commands/custody.ts')).custodyCommand(),
  },
  {
    name: 'case',
    summary: 'claims, evidence, rebuttals, resolutions: signed, dated, never rewritten',
    load: async () => (await import('./commands/case.ts')).caseCommand(),
  },
  { name: 'lab', summary: 'the adversary lab: what the checks catch', load: async () => (await import('./commands/lab.ts')).labCommand() },
  { name: 'attest', summary: 'verify key-attestation chains', load: async () => (await import('./commands/attest.ts')).attestCommand() },
  { name: 'apk', summary: 'verify and describe APK files', load: async () => (await import('./commands/apk.ts')).apkCommand() },
];

/** Runs a command line. Answers the exit status; never throws. */
export async function main(words: readonly string[]): Promise<number> {
  const wanted = commands.find(({ name }) => name === words[0]);
  const program = new Command('assay')
    .usage('COMMAND [options]')
    .description('Decides whether the Android phone in hand is the genuine article running its maker’s own software.')
    .version(packageVersion(), '--version', 'print the version that reports name')
    .helpCommand(false)
    .allowExcessArguments()
    .configureOutput({ outputError: (text, write) => write(text) });
  try {
    for (const { name, summary, load } of commands) {
      const command = name === wanted?.name ? await load() : new Command(name);
      program.addCommand(command.summary(summary));
    }
    refuseByException(program);
    program.action((_options: unknown, command: Command) => {
      const [word] = command.args;
      if (word !== undefined) throw new UsageError(`there is no command "${word}"; assay --help lists them`);
      program.outputHelp();
    });
    await program.parseAsync([...words], { from: 'user' });
    return Number(process.exitCode ?? EXIT.done);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    console.error(`assay: ${becauseOfWhat(error)}`);
    return error instanceof UsageError ? EXIT.usage : EXIT.couldNot;
  }
}

/** Makes a command and all below it throw instead of ending the process: exit statuses are ours. */
function refuseByException(command: Command): void {
  command.exitOverride();
  for (const below of command.commands) refuseByException(below);
}
