import { type DevicePort, type TimerPort, within } from './device-port.ts';
import { runShell } from './shell.ts';

const SHORT_MS = 10_000;
const utf8 = new TextDecoder();

/** Removes a file of ours; on a fresh connection where the one at hand broke. Answers whether it is gone for certain. The path is ours: it goes into a shell. */
export async function removeFile(
  { device, ports }: { readonly device: DevicePort; readonly ports: { readonly timer: TimerPort } },
  path: string,
): Promise<boolean> {
  const command = `rm -f ${path}; if [ -e ${path} ]; then echo there; else echo gone; fi`;
  const limits = { timer: ports.timer, timeMs: SHORT_MS, bytes: 4096 };
  for (const again of [false, true]) {
    try {
      if (again) await within(ports.timer, SHORT_MS, device.reconnect());
      const answer = await within(ports.timer, SHORT_MS + 1000, runShell(device, command, limits));
      if (/^gone\s*$/m.test(utf8.decode(answer.stdout))) return true;
    } catch {
      // The change stays in the list, with how to undo it.
    }
  }
  return false;
}
