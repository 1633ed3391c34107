/**
 * SurfaceFlinger's GLES line and the displays of `dumpsys display`.
 * Source: AOSP frameworks/native services/surfaceflinger RenderEngine dump (`GLES: vendor, renderer, version` and then the extensions); android.view.DisplayInfo.toString, DisplayDeviceInfo.toString.
 */
import { type ArtefactReader, eachLineIn, makeFact, placeOfLine, unreadable } from '../../reader.ts';
import type { Display } from '../../values/index.ts';

export const surfaceFlingerReader: ArtefactReader = {
  kinds: ['dumpsys/SurfaceFlinger'],
  read(artefact) {
    const lines = eachLineIn(artefact);
    for (const line of lines) {
      const rest = /^\s*GLES: (.*)$/s.exec(line.text)?.[1];
      if (rest === undefined) continue;
      // The vendor may hold a comma only within parentheses, the version begins with `OpenGL ES`.
      const version = rest.lastIndexOf(', OpenGL ES');
      const head = version < 0 ? rest : rest.slice(0, version);
      const comma = head.indexOf(', ');
      const next = lines.next();
      const extensions = next.done === true ? [] : next.value.text.trim().split(/\s+/, 2000);
      const gpu = {
        vendor: comma < 0 ? head.trim() : head.slice(0, comma).trim(),
        renderer: comma < 0 ? undefined : head.slice(comma + 2).trim(),
        version: version < 0 ? undefined : rest.slice(version + 2).trim(),
        extensions: extensions.filter((word) => /^(GL|EGL)_/.test(word)),
      };
      return { facts: [makeFact('gpu', gpu, { standing: 'told', place: placeOfLine(artefact, line) })], unread: [] };
    }
    return unreadable('it holds no GLES line');
  },
};

export const displayReader: ArtefactReader = {
  kinds: ['dumpsys/display'],
  read(artefact) {
    let base: Display | undefined;
    let place = placeOfLine(artefact, { text: '', at: 0, length: 0 });
    for (const line of eachLineIn(artefact)) {
      const { text } = line;
      // The first built-in display is the phone's own.
      if (base === undefined && /^\s*(DisplayDeviceInfo\{|mBaseDisplayInfo=DisplayInfo\{)/.test(text)) {
        base = infoOf(text);
        place = placeOfLine(artefact, line);
      } else if (base !== undefined && base.overrideWidth === undefined && /^\s*mOverrideDisplayInfo=DisplayInfo\{/.test(text)) {
        const override = infoOf(text);
        base = {
          ...base,
          overrideWidth: override?.physicalWidth,
          overrideHeight: override?.physicalHeight,
          overrideDensity: override?.physicalDensity,
        };
      }
    }
    if (base === undefined) return unreadable('it describes no display');
    return { facts: [makeFact('display', base, { standing: 'told', place })], unread: [] };
  },
};

function infoOf(text: string): Display | undefined {
  const [, width, height] = /[,"] (?:real )?(\d{2,5}) x (\d{2,5})[,}]/.exec(text) ?? [];
  if (width === undefined) return undefined;
  // `density 480, 422.03 x 424.069 dpi` of the device, `density 480 (422.03 x 424.069) dpi` of the display.
  const [, density, x, y] = /\bdensity (\d{2,4})(?:, | \()(\d{1,5}\.\d{1,6}) x (\d{1,5}\.\d{1,6})/.exec(text) ?? [];
  const number = (digits: string | undefined) => (digits === undefined ? undefined : Number(digits));
  return {
    physicalWidth: number(width),
    physicalHeight: number(height),
    overrideWidth: undefined,
    overrideHeight: undefined,
    physicalDensity: number(density ?? /\bdensity (\d{2,4})\b/.exec(text)?.[1]),
    overrideDensity: undefined,
    xDpi: number(x),
    yDpi: number(y),
  };
}
