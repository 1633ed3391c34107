/**
 * A virtual phone in a process of its own: `node src/forge/node/serve.ts PROFILE [--port N] [--latency MS] [--rate BYTES] [--shell auto|real|built-in] [--cpu MODEL] [--attests] [--fastboot]`.
 * `--cpu`: the qemu CPU model under which pushed programs run, as in `cortex-a53`.
 * `--attests`: it has an honest secure world, of a factory of nobody's.
 * Prints its port in a line of its own. Ends when standard input closes, or on SIGTERM.
 */
import { parseArgs } from 'node:util';
import { nodeClock } from '../../platform/node/index.ts';
import { PROFILES } from '../profiles/index.ts';
import { honestSecureWorld } from '../secure-world.ts';
import { openVirtualPhone } from './device.ts';
import { openFastboot } from './fastboot.ts';
import { makeWorld } from './world.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    port: { type: 'string', default: '0' },
    latency: { type: 'string' },
    rate: { type: 'string' },
    fastboot: { type: 'boolean', default: false },
    shell: { type: 'string', default: 'auto' },
    cpu: { type: 'string' },
    attests: { type: 'boolean', default: false },
  },
});
const [name = ''] = positionals;
const make = PROFILES[name];
if (make === undefined) {
  process.stderr.write(`no profile is named '${name}'; there are ${Object.keys(PROFILES).join(', ')}\n`);
  process.exit(2);
}
const made = make();
const chosen = values.cpu === undefined ? made : { ...made, silicon: { ...made.silicon, executes: values.cpu } };
const value = values.attests ? { ...chosen, secureWorld: honestSecureWorld(chosen) } : chosen;
const shell = values.shell === 'real' || values.shell === 'built-in' ? values.shell : 'auto';
const port = Number(values.port);
const phone =
  values.fastboot || value.personality === 'fastboot'
    ? await openFastboot(value, { port })
    : await openVirtualPhone(value, {
        port,
        shell,
        secureWorld: makeWorld().secureWorldOf(value, nodeClock.now()),
        ...(values.latency === undefined ? {} : { latencyMs: Number(values.latency) }),
        ...(values.rate === undefined ? {} : { bytesPerSecond: Number(values.rate) }),
      });
process.stdout.write(`${phone.port}\n`);

let closing = false;
const close = (): void => {
  if (closing) return;
  closing = true;
  void phone.close().then(() => process.exit(0));
};
process.on('SIGTERM', close).on('SIGINT', close);
process.stdin.on('end', close).on('error', close).resume();
