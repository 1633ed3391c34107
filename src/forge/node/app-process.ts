/**
 * `CLASSPATH=FILE app_process DIRECTORY CLASS …`: bytecode of ours on a virtual phone, under the shell's identity.
 * The phone does not interpret it: it answers what the program prints on a phone of its kind (evidence/own/attestation.ts has the form), from its secure world.
 */
import { isDex, readDex } from '../../formats/apk/index.ts';
import { crc32 } from '../../formats/codec/index.ts';
import type { SecureWorldQuestion } from '../secure-world.ts';
import type { JailIo } from './jail.ts';
import type { Machine } from './machine.ts';
import type { Actor } from './tree.ts';

const COMMAND = /^\s*CLASSPATH=(\/data\/local\/tmp\/[A-Za-z0-9._-]{1,80}) app_process (\/[a-z/]*) ([A-Za-z][A-Za-z0-9_.]*) (.*)$/;

/** Asks a phone's secure world: the chain, or why there is none. */
export type SecureWorldPort = (question: SecureWorldQuestion) => Promise<readonly Uint8Array[] | string>;

export interface AppProcess {
  readonly path: string;
  readonly className: string;
  readonly args: readonly string[];
}

/** The command as it is taken apart; undefined where it is another one. */
export function appProcess(command: string): AppProcess | undefined {
  const [, path, , className = '', args] = COMMAND.exec(command) ?? [];
  return path === undefined ? undefined : { path, className, args: (args ?? '').split(' ').filter((word) => word !== '') };
}

/** Runs it to its end; answers its exit status. */
export async function runAppProcess(
  { path, className, args }: AppProcess,
  { machine, actor, ask }: { readonly machine: Machine; readonly actor: Actor; readonly ask: SecureWorldPort },
  io: JailIo,
): Promise<number> {
  const say = (text: string) => io.stdout(Buffer.from(text));
  if (machine.phone.sdk < 21) {
    // Dalvik takes jars with an optimised form beside them; a bare DEX on its class path it does not.
    await io.stderr(Buffer.from('Error: could not find class\n'));
    return 1;
  }
  const program = machine.tree.read(path, actor);
  const dex = isDex(program) ? readDex(program).value : undefined;
  if (dex?.classes().some(({ name }) => name === `L${className};`) !== true) {
    await io.stderr(Buffer.from(`java.lang.ClassNotFoundException: ${className}\n`));
    return 1;
  }
  const provider = dex.methods().find(({ className: name }) => name.endsWith('/AndroidKeyStoreProvider;'))?.className ?? '';
  const hasProvider = provider.includes('keystore2') === machine.phone.sdk >= 31;
  const [nonce = '', alias = '', ...questions] = args;
  const sweeps = dex.methods().some(({ className: name, name: method }) => name === 'Ljava/security/KeyStore;' && method === 'aliases');
  const sweep = async (): Promise<void> => {
    for (const key of sweeps ? [...machine.shellKeys].filter((one) => /^assay-[0-9a-f]{12}$/.test(one)) : []) {
      machine.shellKeys.delete(key);
      await say(`L ${key}\n`);
    }
  };
  await say('ASSAY-ATTEST 1\n');
  await sweep();
  for (const label of questions) {
    await say(`TRY ${label}\n`);
    const words = label.split('+').filter((id) => id !== 'plain');
    const ids = words.filter((id) => id !== 'strongbox');
    // It lies there before its attestation is done, and stays where somebody cuts the program off.
    machine.shellKeys.add(alias);
    const answer = hasProvider
      ? await ask({ challenge: Buffer.from(nonce, 'hex'), ids, package: 'com.android.shell', strongBox: words.includes('strongbox') })
      : 'java.security.NoSuchProviderException: no such provider: AndroidKeyStore';
    machine.shellKeys.delete(alias);
    if (typeof answer === 'string') {
      await say(`E java.security.ProviderException: Failed to generate attestation certificate chain\nE ${answer}\nG yes\n`);
      continue;
    }
    await say(answer.map((der) => `C ${Buffer.from(der).toString('base64')}\n`).join(''));
    await say(`K ${answer.length} ${crc32(Buffer.concat(answer)).toString(16)}\nG yes\n`);
    break;
  }
  await sweep();
  await say('END\n');
  return 0;
}
