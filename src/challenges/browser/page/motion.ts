/** The part of the page's script that asks for positions and sends what the phone's sensors say meanwhile: text that is served as it stands. What it calls reached moves it on, and is judged by the host anew. */
export const PAGE_MOTION = `
const POSES = {
  'face up': [[0, 0, 1], 'Lay it on its back', 'on a table, the screen up'],
  'face down': [[0, 0, -1], 'Lay it on its face', 'and take it up when it buzzes, or after five seconds'],
  upright: [[0, 1, 0], 'Hold it upright', 'its top edge up'],
  'upside down': [[0, -1, 0], 'Hold it upside down', 'its top edge down'],
  'left edge down': [[1, 0, 0], 'Hold it on its left edge', 'as you see it from its front'],
  'right edge down': [[-1, 0, 0], 'Hold it on its right edge', 'as you see it from its front'],
};
const TURNS = {
  clockwise: ['Turn it on the table', 'a quarter turn clockwise, on its back'],
  'counter-clockwise': ['Turn it on the table', 'a quarter turn counter-clockwise, on its back'],
};

asks.motion = ({ nonce, ms, steps }) => byHand('Turn the phone', steps.length + ' steps, one after the other, for the motion sensors. Hold each until the phone buzzes, or until the next one is shown. The thick edge in the pictures is the top of the phone.', async (area) => {
  if (!isSecureContext || !window.DeviceMotionEvent) throw new Error(isSecureContext ? 'this browser has no motion events' : 'motion events want a secure page');
  const card = document.createElement('div');
  card.id = 'pose';
  const [picture, title, words, count] = ['i', 'b', 'span', 'small'].map((tag) => card.appendChild(document.createElement(tag)));
  area.append(card);
  const begin = performance.now();
  const since = () => Math.round(performance.now() - begin);
  const whole = (value, by) => (value === null ? null : Math.round(value * by));
  const samples = [];
  const orientations = [];
  let [interval, up, turned, alphaNow, lastMs] = [null, null, 0, null, 0];
  let bin = [];
  const onMotion = ({ accelerationIncludingGravity: a, rotationRate: r, interval: said }) => {
    const values = [a && a.x, a && a.y, a && a.z, r && r.alpha, r && r.beta, r && r.gamma].map(number);
    if (values.every((value) => value === null)) return;
    const now = since();
    interval = number(said);
    bin.push(values);
    if (values[0] !== null && values[1] !== null && values[2] !== null) up = values.slice(0, 3);
    turned += (values[5] || 0) * Math.min(500, now - lastMs) / 1000;
    lastMs = now;
    if (samples.length >= 1000 || now - (samples.length === 0 ? -50 : samples[samples.length - 1][0]) < 50) return;
    samples.push([now].concat([1000, 1000, 1000, 100, 100, 100].map((by, at) => {
      const said = bin.map((one) => one[at]).filter((one) => one !== null);
      return said.length === 0 ? null : whole(said.reduce((sum, one) => sum + one, 0) / said.length, by);
    })));
    bin = [];
  };
  const onOrientation = ({ alpha, beta, gamma }) => {
    const values = [alpha, beta, gamma].map(number);
    const now = since();
    alphaNow = values[0];
    if (values.every((value) => value === null) || orientations.length >= 500 || now - (orientations.length === 0 ? -100 : orientations[orientations.length - 1][0]) < 100) return;
    orientations.push([now].concat(values.map((value) => whole(value, 10))));
  };
  addEventListener('devicemotion', onMotion);
  addEventListener('deviceorientation', onOrientation);
  const isHeld = (pose) => {
    if (up === null) return false;
    const length = Math.hypot(up[0], up[1], up[2]);
    // Within 25 degrees.
    return length > 6 && length < 14 && pose[0] * up[0] + pose[1] * up[1] + pose[2] * up[2] > 0.9 * length;
  };
  const starts = [];
  try {
    for (const step of steps) {
      const start = since();
      starts.push(start);
      const pose = POSES[step];
      picture.className = step.replace(/ /g, '-');
      [title.textContent, words.textContent] = pose ? pose.slice(1) : TURNS[step];
      turned = 0;
      const alphaFirst = alphaNow;
      let heldFrom = null;
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        // Skipped: whoever holds it is somewhere else.
        if (area.hidden || !area.contains(card)) return null;
        const now = since();
        count.textContent = starts.length + ' of ' + steps.length + ', ' + Math.max(0, Math.ceil((start + ms - now) / 1000)) + ' s';
        const change = alphaFirst === null || alphaNow === null ? 0 : Math.abs(((alphaNow - alphaFirst + 540) % 360) - 180);
        if (pose ? isHeld(pose[0]) : Math.max(Math.abs(turned), change) > 75) heldFrom = heldFrom === null ? now : heldFrom;
        else heldFrom = null;
        if (heldFrom !== null && now - heldFrom > (pose ? 700 : 200)) break;
        if (now - start > ms) break;
      }
      if (navigator.vibrate) navigator.vibrate(120);
      if (samples.length === 0 && orientations.length === 0) break;
    }
  } finally {
    removeEventListener('devicemotion', onMotion);
    removeEventListener('deviceorientation', onOrientation);
  }
  return { nonce, starts, samples, orientations, interval };
});
`;
