/** The page that verifies a bundle, a label or an APK in the browser of whoever holds it: one file, without a network. */
import { h, render } from 'preact';
import { useState } from 'preact/hooks';
import { isInstant } from '../../bytes/index.ts';
import { type Answer, answerOf } from './answer.ts';
import { aboutApk, isApk } from './apk.ts';
import { codeIn } from './picture.ts';

const MARKS = { pass: '✔', fail: '✘', 'not-checked': '–' } as const;

/** Now, to the second. The only clock of this page. */
function now() {
  const text = `${new Date().toISOString().slice(0, 19)}Z`;
  return isInstant(text) ? text : ('1970-01-01T00:00:00Z' as const);
}

function Page() {
  const [keys, setKeys] = useState('');
  const [policy, setPolicy] = useState('');
  const [authorities, setAuthorities] = useState('');
  const [identity, setIdentity] = useState('');
  const [answer, setAnswer] = useState<Answer | undefined>();
  const show = async (file: File) => {
    if (await isApk(file)) {
      setAnswer(await aboutApk(file));
      return;
    }
    const inputs = { keys, policy, authorities, identity, at: now() };
    if (!file.type.startsWith('image/')) {
      setAnswer(await answerOf({ bundle: new Uint8Array(await file.arrayBuffer()) }, inputs));
      return;
    }
    const code = await codeIn(file).catch(() => undefined);
    setAnswer(
      code === undefined
        ? { verified: false, tone: 'bad', headline: 'Not verified', rows: [['picture', 'fail', 'No code was found in the picture.']] }
        : await answerOf({ label: code }, inputs),
    );
  };
  const area = (label: string, id: string, value: string, set: (text: string) => void) =>
    h(
      'label',
      null,
      label,
      h('textarea', {
        id,
        rows: 4,
        spellcheck: false,
        value,
        onInput: (event: InputEvent) => set((event.currentTarget as HTMLTextAreaElement).value),
      }),
    );
  return h(
    'main',
    {
      onDragOver: (event: DragEvent) => event.preventDefault(),
      onDrop: (event: DragEvent) => {
        event.preventDefault();
        const file = event.dataTransfer?.files[0];
        if (file !== undefined) void show(file);
      },
    },
    h('h1', null, 'Verify an assay report, or an APK'),
    h('p', null, 'Everything is computed on this page. Nothing is sent anywhere, and nothing in the file adds to what you trust.'),
    area('Whose signature do you trust? Public keys in PEM', 'keys', keys, setKeys),
    h('details', null, h('summary', null, 'Ask for a transparency log too'), area('Log policy (tlog-policy)', 'policy', policy, setPolicy)),
    h(
      'details',
      null,
      h('summary', null, 'Ask a time-stamping authority too'),
      area('Its certificates in PEM', 'authorities', authorities, setAuthorities),
    ),
    h(
      'label',
      null,
      'The phone in hand (optional), as in imei=… or serial=…',
      h('input', {
        id: 'identity',
        value: identity,
        autocomplete: 'off',
        onInput: (event: InputEvent) => setIdentity((event.currentTarget as HTMLInputElement).value),
      }),
    ),
    h(
      'label',
      { class: 'drop' },
      'Drop a bundle, a photo of a label, or an APK, or choose a file',
      h('input', {
        id: 'file',
        type: 'file',
        accept: '.json,application/json,image/*,.apk,application/vnd.android.package-archive',
        onChange: (event: Event) => {
          const file = (event.currentTarget as HTMLInputElement).files?.[0];
          if (file !== undefined) void show(file);
        },
      }),
    ),
    answer === undefined
      ? null
      : h(
          'section',
          { id: 'answer', class: answer.tone, role: 'status' },
          h('h2', null, answer.headline),
          h(
            'table',
            null,
            h(
              'tbody',
              null,
              answer.rows.map(([what, outcome, because]) =>
                h(
                  'tr',
                  { key: `${what} ${because}`, class: outcome },
                  h('td', null, MARKS[outcome]),
                  h('th', { scope: 'row' }, what),
                  h('td', null, because),
                ),
              ),
            ),
          ),
        ),
  );
}

const root = document.getElementById('page');
if (root !== null) render(h(Page, null), root);
