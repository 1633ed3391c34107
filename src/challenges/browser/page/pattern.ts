/**
 * The part of the page's script that shows a pattern to be photographed, one pixel of the canvas for each of the device: text that is served as it stands.
 * Where the browser does not say how many device pixels an area has, or draws the page at another size, nothing is shown, and the reason is the answer.
 */
export const PAGE_PATTERN = `
const PATTERN_WORDS = 'Set the brightness to about half. A pattern appears: photograph it with another phone or camera, from as near as that camera still focuses, without digital zoom, turned by some ten degrees, all four corner marks in the picture. The picture is not sent from here: give its file to the computer that checks this phone. You have three minutes.';

function drawPattern(context, { side, marker, patch, frame, band, module, code, patches }, left, top) {
  context.fillStyle = '#fff';
  context.fillRect(0, 0, context.canvas.width, context.canvas.height);
  const box = (x, y, width, height, colour) => {
    context.fillStyle = colour;
    context.fillRect(left + x, top + y, width, height);
  };
  for (const x of [0, side - marker]) for (const y of [0, side - marker]) box(x, y, marker, marker, '#000');
  const at = (side - module * code.length) / 2;
  code.forEach((bits, row) => {
    for (let column = 0; column < code.length; column++)
      if ((bits >> (code.length - 1 - column)) & 1) box(at + column * module, at + row * module, module, module, '#000');
  });
  const inside = patch - 2 * frame;
  for (const [x, y, axis, stripe] of patches) {
    box(x, y, patch, patch, '#000');
    for (let along = 0; along < inside; along += band)
      for (let across = 0; across < inside; across++) {
        if ((Math.floor(across / stripe) + along / band) % 2) continue;
        if (axis === 'columns') box(x + frame + across, y + frame + along, 1, band, '#fff');
        else box(x + frame + along, y + frame + across, band, 1, '#fff');
      }
  }
}

asks.pattern = (question) => byHand('Photograph the screen', PATTERN_WORDS, (area) => new Promise((resolve, reject) => {
  const zoom = window.visualViewport ? number(visualViewport.scale) : null;
  if (zoom !== null && Math.abs(zoom - 1) > 0.001) return reject(new Error('the page is zoomed, or shown as for a desktop: its pixels are not the screen’s'));
  const canvas = document.createElement('canvas');
  // Sized by its place alone, whatever is drawn in it.
  canvas.style.cssText = 'position:absolute;left:0;top:0;width:100%;height:100%';
  const done = document.createElement('button');
  done.id = 'photographed';
  done.textContent = 'Photographed';
  done.style.cssText = 'bottom:4.6rem;width:12rem';
  area.append(canvas, done);
  const ratio = number(devicePixelRatio);
  // Room for the buttons below.
  const foot = Math.ceil(128 * devicePixelRatio);
  const start = performance.now();
  let shown = null;
  let drawn = 0;
  const watch = new ResizeObserver(([{ devicePixelContentBoxSize: sizes }]) => {
    const [size] = sizes || [];
    if (!size) return reject(new Error('this browser does not say how many device pixels an area has'));
    const [width, height] = [size.inlineSize, size.blockSize];
    const { width: cssWidth, height: cssHeight } = canvas.getBoundingClientRect();
    if (Math.abs(width - cssWidth * devicePixelRatio) > 1.5 || Math.abs(height - cssHeight * devicePixelRatio) > 1.5) return reject(new Error('this browser counts device pixels in two ways, ' + width + 'x' + height + ' and ' + Math.round(cssWidth * devicePixelRatio) + 'x' + Math.round(cssHeight * devicePixelRatio)));
    const [x, y] = [width - question.side, height - foot - question.side].map((room) => 12 * Math.floor(room / 24));
    if (x < 24 || y < 24) return reject(new Error('the page has ' + width + 'x' + height + ' device pixels, and the pattern wants ' + (question.side + 48) + ' and room for buttons'));
    canvas.width = width;
    canvas.height = height;
    drawPattern(canvas.getContext('2d', { alpha: false }), question, x, y);
    shown = { width, height, x, y, ratio, zoom, drawn: ++drawn };
  });
  try {
    watch.observe(canvas, { box: 'device-pixel-content-box' });
  } catch (error) {
    return reject(new Error('this browser does not say how many device pixels an area has'));
  }
  done.onclick = () => {
    watch.disconnect();
    if (shown) resolve({ ...shown, shownMs: Math.round(performance.now() - start) });
    else reject(new Error('the pattern was never drawn'));
  };
}));
`;
