/** `dumpsys media.camera`. Source: AOSP frameworks/av services/camera/libcameraservice (CameraProviderManager::dump, CameraFlashlight), camera metadata dumps. */
import type { Line } from '../../lines.ts';
import { type ArtefactReader, eachLineIn, makeFact, unreadable, wholeOf } from '../../reader.ts';
import type { Camera } from '../../values/index.ts';
import { collect } from '../collect.ts';

export const cameraReader: ArtefactReader = {
  kinds: ['dumpsys/media.camera'],
  read(artefact) {
    const cameras = collect<Camera>('cameras', 1000);
    let open: { -readonly [K in keyof Camera]: Camera[K] } | undefined;
    let wanted: 'array' | 'level' | undefined;
    for (const line of eachLineIn(artefact)) {
      const id = headingOf(line);
      if (id !== undefined) {
        if (open !== undefined) cameras.add(open);
        open = { id, facing: undefined, pixelArrayWidth: undefined, pixelArrayHeight: undefined, hardwareLevel: undefined };
        wanted = undefined;
        continue;
      }
      if (open === undefined) continue;
      const { text } = line;
      open.facing ??= /^\s+Facing: (\w+)/i.exec(text)?.[1]?.toLowerCase();
      if (text.includes('android.sensor.info.pixelArraySize')) wanted = 'array';
      else if (text.includes('android.info.supportedHardwareLevel')) wanted = 'level';
      // The value stands on the line after its name.
      const [, first, second] = /\[\s*([\w-]+)\s*([\w-]+)?\s*\]\s*$/.exec(text.slice(-200)) ?? [];
      if (wanted === undefined || first === undefined || /(int32|byte)\[\d+\]\s*$/.test(text.slice(-40))) continue;
      if (wanted === 'array' && /^\d{1,6}$/.test(first) && /^\d{1,6}$/.test(second ?? '')) {
        open.pixelArrayWidth ??= Number(first);
        open.pixelArrayHeight ??= Number(second);
      } else if (wanted === 'level') open.hardwareLevel ??= first;
      wanted = undefined;
    }
    if (open !== undefined) cameras.add(open);
    if (cameras.list.length === 0) return unreadable('it describes no camera');
    return { facts: [makeFact('cameras', cameras.list, { standing: 'told', place: wholeOf(artefact) })], unread: cameras.dropped() };
  },
};

/** `== Camera HAL device device@3.4/legacy/0 (v3.4) static information: ==`, before Android 8 `Camera 0 static information:`. */
const headingOf = ({ text }: Line) =>
  text.includes('static information')
    ? /Camera (?:HAL device )?(\S+)(?: \(v[\d.]+\))? static information/.exec(text.slice(0, 400))?.[1]
    : undefined;
