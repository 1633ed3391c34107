// A process that reads a phone into a folder, says when it begins and when it is whole: node capture-once.ts ADDRESS FOLDER CONFIG
import { writeSync } from 'node:fs';
import { acquireLive } from '../../src/platform/node/adb/index.ts';

const [address = '', out = '', config = ''] = process.argv.slice(2);
let isSaid = false;
await acquireLive({
  address,
  out,
  depth: 'quick',
  open: { env: { ASSAY_CONFIG: config } },
  onEvent: (event) => {
    if (!isSaid) writeSync(1, 'begun\n');
    isSaid = true;
    if (event.kind === 'finished') writeSync(1, event.complete ? 'whole\n' : 'stopped\n');
  },
});
