/** A page's address as a QR code. The encoder is loaded when it is needed: most runs show none. */
import { writeFile } from 'node:fs/promises';
import { because } from './because.ts';
import { callerPath } from './paths.ts';

/** Modules of quiet around a code (ISO/IEC 18004, 9.1). */
const STYLE = { ecc: 'M', border: 4 } as const;

/** For a terminal, in half blocks. */
export async function codeForTerminal(url: string): Promise<string> {
  const { renderUnicodeCompact } = await import('uqr');
  return renderUnicodeCompact(url, STYLE);
}

/** As SVG in a file of the caller's. Never rejects: the code is on the terminal too, and the page waits for its phone. */
export async function writeCode(file: string, url: string): Promise<void> {
  const { renderSVG } = await import('uqr');
  await writeFile(callerPath(file), `${renderSVG(url, STYLE)}\n`).catch((error: unknown) =>
    console.error(`assay: --qr ${file}: ${because(error)}`),
  );
}
