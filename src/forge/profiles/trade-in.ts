/** A phone in Trade-in Mode (Android 16): before its setup wizard, with a daemon that asks for no key and runs nothing but `tradeinmode`. */
import type { VirtualPhone } from '../phone.ts';

/** Puts a phone into Trade-in Mode. Source of the keys: AOSP docs/dev/adb_tradeinmode.md. */
export function inTradeInMode(phone: VirtualPhone): VirtualPhone {
  const [imei1, imei2] = phone.identifiers.imeis;
  const status = {
    serial: phone.identifiers.serial,
    imei: imei1,
    ...(imei2 === undefined ? {} : { imei2 }),
    product_info: {
      brand: phone.properties['ro.product.brand'],
      model: phone.properties['ro.product.model'],
      device: phone.properties['ro.product.device'],
      name: phone.properties['ro.product.name'],
    },
    locks: { factory_reset_protection: false },
    moisture_intrusion: false,
    storage: { capacity_bytes: String(phone.silicon.storageBytes), useful_lifetime_remaining: '97' },
    battery: { cycle_count: 41, health: 96, state: 'good', part_status: 'original' },
    screens: [{ part_status: 'original' }],
    launch_level: 34,
  };
  return {
    ...phone,
    name: `${phone.name}-tradein`,
    title: `${phone.title}; in Trade-in Mode`,
    personality: 'trade-in',
    release: '16',
    sdk: 36,
    properties: { ...phone.properties, 'ro.build.version.release': '16', 'ro.build.version.sdk': '36' },
    adb: { ...phone.adb, authorisation: 'none' },
    shell: { ...phone.shell, commands: [...phone.shell.commands, 'tradeinmode'] },
    files: new Map([
      ...phone.files,
      [
        '/system/bin/tradeinmode',
        { type: 'file', mode: 0o755, uid: 0, gid: 2000, context: 'u:object_r:system_file:s0', mtime: 1_230_768_000 },
      ],
    ]),
    tradeInStatus: JSON.stringify(status),
  };
}
