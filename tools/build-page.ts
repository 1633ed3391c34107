/** node tools/build-page.ts [OUT]: builds the page that verifies bundles and labels as one HTML file without a network (`npm run page`). */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { build } from 'vite';

const root = join(import.meta.dirname, '..');

/** The page. Its policy allows this very script and style, and nothing else. */
export async function verifyPage(): Promise<string> {
  const built = await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: true,
      target: 'es2022',
      rollupOptions: { input: join(root, 'src/web/verify/main.ts'), output: { format: 'iife' } },
    },
  });
  const outputs = (Array.isArray(built) ? built : [built]).flatMap((one) => ('output' in one ? one.output : []));
  const chunk = outputs.find((output) => output.type === 'chunk');
  if (chunk?.type !== 'chunk') throw new Error('nothing was built');
  // A script that holds its own end tag would end early.
  const script = chunk.code.replaceAll('</script', '<\\/script').trim();
  const style = readFileSync(join(root, 'src/web/verify/style.css'), 'utf8').trim();
  const digest = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const policy = `default-src 'none'; script-src ${digest(script)}; style-src ${digest(style)}; img-src blob: data:; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<title>Verify an assay report</title>
<style>${style}</style>
</head>
<body>
<div id="page"></div>
<script>${script}</script>
</body>
</html>
`;
}

if (import.meta.main) {
  const out = resolve(process.argv[2] ?? join(root, 'dist/web/verify.html'));
  mkdirSync(dirname(out), { recursive: true });
  const page = await verifyPage();
  writeFileSync(out, page);
  console.log(`${out}: ${Math.round(page.length / 1024)} KiB`);
}
