/**
 * Boot chains that public exploits get past: the secure world of such a phone may be made to swear to a locked, verified boot that is none.
 * A phone of this list is cleared only with facts of its mask ROM besides. A row is never against a phone: nearly all of them were not touched.
 */
import type { SourceNote } from '../types.ts';

export interface BootChainBypass {
  readonly name: string;
  /** `ro.product.device` values, lower case. */
  readonly devices: readonly string[];
  /** Ids of `Soc` rows: every phone with that chip. */
  readonly socs: readonly string[];
  readonly source: SourceNote;
}

/** Chips whose boot ROM runs what a cable sends it, by published programs (kamakiri, amonet and their kin). */
const MEDIATEK_BOOT_ROM =
  'MT6572 MT6575 MT6580 MT6582 MT6592 MT6595 MT6735 MT6737 MT6739 MT6750 MT6752 MT6753 MT6755 MT6757 MT6758 MT6761 MT6762 MT6763 MT6765 MT6768 MT6769 MT6771 MT6779 MT6781 MT6785 MT6795 MT6797 MT6799 MT6833 MT6853 MT6873 MT6877 MT6885 MT6889 MT6893';

export const BOOT_CHAIN_BYPASSES: readonly BootChainBypass[] = [
  {
    name: 'boot ROM programs for MediaTek chips',
    devices: [],
    socs: MEDIATEK_BOOT_ROM.split(' '),
    source: 'bkerler/mtkclient mtkclient/config/brom_config.py at 0fdbe498: chips with a payload',
  },
  {
    name: 'fenrir',
    devices: ['pacman', 'tetris', 'chopin', 'choping'],
    socs: [],
    source: 'R0rt1z2/fenrir and its PR #37 (chopin): second boot stage not verified; claimed there, not tried by us',
  },
  {
    name: 'gbl_root_canoe',
    devices: ['pudding', 'pandora', 'popsicle', 'myron'],
    socs: ['SM8850'],
    source:
      'SuperTurtleDev/gbl_root_canoe (2026): Xiaomi 17 family, Redmi K90 Pro Max; claimed there, not tried by us (code names from general knowledge)',
  },
  {
    name: 'CVE-2022-38694',
    devices: [],
    socs: ['SC9863A', 'UMS512', 'UMS9230', 'UMS312', 'UD710'],
    source: 'CVE-2022-38694 and TomKing062/CVE-2022-38694_unlock_bootloader: boot ROM of Unisoc chips runs what a cable sends it',
  },
];

/** The bypass that is published for a phone, by its code name or by any chip that it may have. */
export function bypassOf({
  devices,
  socs,
}: {
  readonly devices: readonly string[];
  readonly socs: readonly string[];
}): BootChainBypass | undefined {
  return BOOT_CHAIN_BYPASSES.find(
    (row) => row.devices.some((device) => devices.includes(device)) || row.socs.some((soc) => socs.includes(soc)),
  );
}
