/**
 * The page that a phone's browser shows: it asks the host for one question after the other, answers, and says what it does. Nothing of it is kept on the phone.
 *
 *     GET  /TOKEN        the page
 *     POST /TOKEN/next   { "n": place of the question answered, or -1, "answer": anything } → { "n", "of", "question" } or { "done": true }
 */
import { PAGE_MOTION } from './motion.ts';
import { PAGE_PATTERN } from './pattern.ts';
import { PAGE_PROGRAMS } from './programs.ts';
import { PAGE_STYLE } from './style.ts';
import { PAGE_SURFACES } from './surfaces.ts';

interface Page {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Only the page's own script and style run, WebAssembly may be compiled, and it speaks to its own site alone. Isolated from other origins, so that the browser's clock is fine.
 * `token` is letters and digits.
 */
export function browserPage(token: string): Page {
  return {
    headers: {
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; script-src 'nonce-${token}' 'wasm-unsafe-eval'; style-src 'nonce-${token}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': 'camera=(self), accelerometer=(self), gyroscope=(self), encrypted-media=(self), microphone=(), geolocation=()',
    },
    body: bodyOf(token),
  };
}

/** Everything put into the page is ours. */
const bodyOf = (token: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>assay: this phone’s silicon</title>
<style nonce="${token}">${PAGE_STYLE}</style>
<main>
<p class="brand">assay</p>
<section id="intro">
<h1>What this phone computes and shows</h1>
<p>This page lets the phone run small programs that were written for this one check, and sends the answers to the computer that checks it. It takes about a minute. Keep the page open and the screen on.</p>
<h2>What is read</h2>
<ul>
<li>answers of programs of whole numbers: processor and graphics</li>
<li>what the browser says: graphics chip, screen, model and Android version, protection of films</li>
<li>if you like, after asking: your taps on five dots, how the phone is turned, the size of one camera picture; a pattern that you photograph with another camera</li>
</ul>
<h2>What is left behind</h2>
<p>Nothing, but this tab and a line in the browser’s history. No file, no account, no cookie; no picture leaves the phone.</p>
<p><button id="start" type="button">Start</button></p>
</section>
<section id="work" hidden>
<h1 id="doing" role="status">Starting</h1>
<progress id="progress" max="100" value="0" aria-label="how much is done"></progress>
<p id="count"></p>
<p>Leave the page open and the screen on.</p>
</section>
<section id="hand" hidden>
<h1 id="hand-title"></h1>
<p id="hand-words"></p>
<p class="buttons"><button id="do" type="button">Go on</button><button id="skip" type="button" class="plain">Skip this</button></p>
</section>
<section id="end" hidden>
<h1 id="end-title"></h1>
<p id="end-words"></p>
<details><summary>What was sent</summary><pre id="sent"></pre></details>
</section>
</main>
<div id="area" hidden></div>
<script nonce="${token}">
'use strict';
const asks = {};
const at = (id) => document.getElementById(id);
const show = (id) => { for (const one of ['intro', 'work', 'hand', 'end']) at(one).hidden = one !== id; };
const sent = [];
const WORDS = {
  browser: 'Asking the browser', screen: 'Measuring the screen', graphics: 'Asking for the graphics chip', media: 'Asking for film protection',
  'wasm-load': 'Loading a program', 'wasm-run': 'Computing', webgl: 'Computing with the graphics chip', webgpu: 'Computing with the graphics chip, another way',
  touch: 'Taps', motion: 'Motion', camera: 'Camera', pattern: 'Pattern',
};

/** Asks whoever holds the phone, and does it in an area of the whole screen; a no is an answer. */
async function byHand(title, words, act) {
  at('hand-title').textContent = title;
  at('hand-words').textContent = words;
  show('hand');
  const goes = await new Promise((resolve) => {
    at('do').onclick = () => resolve(true);
    at('skip').onclick = () => resolve(false);
  });
  if (!goes) { show('work'); return { refused: 'whoever held the phone skipped it' }; }
  const area = at('area');
  area.textContent = '';
  area.hidden = false;
  // A way out at every moment: a dot may lie where the screen is broken.
  const out = document.createElement('button');
  out.textContent = 'Skip this';
  out.className = 'plain';
  const skipped = new Promise((resolve) => {
    out.onclick = () => resolve({ refused: 'whoever held the phone skipped it' });
    out.addEventListener('pointerdown', (event) => event.stopPropagation());
  });
  try {
    const work = act(area);
    area.append(out);
    return await Promise.race([work, skipped]);
  } finally {
    area.hidden = true;
    show('work');
  }
}
${PAGE_PROGRAMS}${PAGE_SURFACES}${PAGE_MOTION}${PAGE_PATTERN}
async function post(said) {
  for (let left = 3; ; left--) {
    try {
      const response = await fetch('/${token}/next', { method: 'POST', body: JSON.stringify(said) });
      if (!response.ok) throw new Error((await response.text()).slice(0, 200));
      return await response.json();
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 700));
    }
  }
}

async function answerTo(question, n) {
  try {
    return await asks[question.ask](question, n);
  } catch (error) {
    return { refused: String(error && error.message || error).slice(0, 400) };
  }
}

function end(title, words) {
  at('end-title').textContent = title;
  at('end-words').textContent = words;
  at('sent').textContent = sent.join('\\n');
  show('end');
}

async function run() {
  show('work');
  // Kept on where the browser can: a screen that sleeps stops the page.
  if (navigator.wakeLock) navigator.wakeLock.request('screen').catch(() => undefined);
  try {
    let said = { n: -1, answer: null };
    for (;;) {
      const next = await post(said);
      if (next.done) break;
      at('doing').textContent = WORDS[next.question.ask] || 'Working';
      at('count').textContent = (next.n + 1) + ' of ' + next.of;
      at('progress').value = 100 * next.n / next.of;
      // A frame, so that the words are seen before the work holds the page up.
      await new Promise((resolve) => setTimeout(resolve, 20));
      const answer = await answerTo(next.question, next.n);
      sent.push(next.question.ask + ': ' + JSON.stringify(answer));
      said = { n: next.n, answer };
    }
    end('Done', 'You can close this page. The result is on the computer that checks the phone.');
  } catch (error) {
    end('The check ended early', 'The computer that checks the phone no longer answers. What was sent until now counts.');
  }
}
at('start').onclick = run;
</script>
</html>
`;
