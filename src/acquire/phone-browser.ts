/** A page of ours in the phone's own browser, through a reverse tunnel of the cable; the tunnel is taken down, also after an interruption. */

import type { Site } from './attest-page.ts';
import type { AttestationPorts } from './attestation.ts';
import { DeviceError, type RandomPort, within } from './device-port.ts';
import { runShell } from './shell.ts';

/** Serves a site on this machine, for the phone at the cable alone. */
export interface SitePort {
  readonly serve: (site: Site) => Promise<{ readonly port: number; readonly close: () => Promise<void> }>;
}

const SHORT_MS = 15_000;
/** Ports that no service of Android's is known to use, below those that kernels give to outgoing connections (32,768 and up): one of these may be taken at any moment. */
const [PORT_FIRST, PORT_COUNT] = [21_000, 6000];

export function randomPort(random: RandomPort): number {
  const [high = 0, low = 0] = random(2);
  return PORT_FIRST + ((high * 256 + low) % PORT_COUNT);
}

/** The command that opens an address in the phone's browser. The address is ours: it holds nothing that a shell reads. */
export const viewCommand = (url: string): string => `am start -a android.intent.action.VIEW -d '${url}'`;

/**
 * Serves the site to the phone's port, has its browser open the address, and waits for `answer`. Whatever happens, the tunnel is taken down.
 * @throws DeviceError `refused` where the phone starts no browser; whatever `answer` throws
 */
export async function viewThroughTunnel<T>(
  { device, builder, ports }: Pick<AttestationPorts, 'device' | 'builder' | 'ports'>,
  sites: SitePort,
  { site, port, url }: { readonly site: Site; readonly port: number; readonly url: string },
  answer: () => Promise<T>,
): Promise<T> {
  const what = `the reverse tunnel tcp:${port}`;
  const server = await sites.serve(site);
  builder.change({ what, undone: false, undo: `adb reverse --remove tcp:${port}` });
  await builder.flush(false);
  let undo: (() => Promise<void>) | undefined;
  try {
    undo = await within(ports.timer, SHORT_MS, device.reverse(`tcp:${port}`, server.port));
    const started = await runShell(device, viewCommand(url), { timer: ports.timer, timeMs: SHORT_MS, bytes: 65_536 });
    const said = new TextDecoder().decode(started.stdout) + new TextDecoder().decode(started.stderr);
    if (/^Error/m.test(said)) throw new DeviceError('refused', said.trim());
    return await answer();
  } finally {
    if (undo !== undefined) {
      try {
        await within(ports.timer, SHORT_MS, undo());
        builder.undone(what);
      } catch {
        // The change stays in the list, with how to undo it.
      }
    } else builder.undone(what);
    await server.close();
  }
}
