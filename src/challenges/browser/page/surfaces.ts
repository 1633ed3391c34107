/** The part of the page's script that reads what the browser says of the phone, and what somebody at the phone does: text that is served as it stands. */
export const PAGE_SURFACES = `
const text = (value) => (value === undefined || value === null ? null : String(value).slice(0, 400));
const number = (value) => (typeof value === 'number' && Number.isFinite(value) ? value : null);

asks.browser = async () => {
  const data = navigator.userAgentData;
  let hints = null;
  if (data) {
    const high = await data.getHighEntropyValues(['architecture', 'bitness', 'model', 'platform', 'platformVersion', 'uaFullVersion']);
    hints = { mobile: data.mobile === true, model: text(high.model), platform: text(high.platform), platformVersion: text(high.platformVersion), architecture: text(high.architecture), bitness: text(high.bitness) };
  }
  return { userAgent: text(navigator.userAgent), platform: text(navigator.platform), cores: number(navigator.hardwareConcurrency), memoryGib: number(navigator.deviceMemory), secure: isSecureContext, isolated: self.crossOriginIsolated === true, hints };
};

asks.screen = () => ({
  width: number(screen.width),
  height: number(screen.height),
  ratio: number(devicePixelRatio),
  depth: number(screen.colorDepth),
  touchPoints: number(navigator.maxTouchPoints),
  orientation: text(screen.orientation && screen.orientation.type),
});

asks.graphics = async () => {
  const gl = document.createElement('canvas').getContext('webgl2');
  let webgl = null;
  if (gl) {
    const unmasked = gl.getExtension('WEBGL_debug_renderer_info');
    webgl = {
      vendor: text(gl.getParameter(unmasked ? unmasked.UNMASKED_VENDOR_WEBGL : gl.VENDOR)),
      renderer: text(gl.getParameter(unmasked ? unmasked.UNMASKED_RENDERER_WEBGL : gl.RENDERER)),
      version: text(gl.getParameter(gl.VERSION)),
      textureMax: number(gl.getParameter(gl.MAX_TEXTURE_SIZE)),
      extensions: (gl.getSupportedExtensions() || []).length,
    };
    const lose = gl.getExtension('WEBGL_lose_context');
    if (lose) lose.loseContext();
  }
  let webgpu = null;
  const adapter = navigator.gpu ? await navigator.gpu.requestAdapter().catch(() => null) : null;
  if (adapter) {
    const info = adapter.info || {};
    webgpu = { vendor: text(info.vendor), architecture: text(info.architecture), device: text(info.device), description: text(info.description) };
  }
  return { webgl, webgpu };
};

asks.media = async () => {
  if (!navigator.requestMediaKeySystemAccess) throw new Error(isSecureContext ? 'this browser has no protected media' : 'protected media want a secure page');
  const levels = [];
  for (const robustness of ['SW_SECURE_CRYPTO', 'SW_SECURE_DECODE', 'HW_SECURE_CRYPTO', 'HW_SECURE_DECODE', 'HW_SECURE_ALL']) {
    const videoCapabilities = [{ contentType: 'video/mp4; codecs="avc1.42E01E"', robustness }];
    // Asked only whether it would: no key is made, and nothing is provisioned.
    const has = await navigator.requestMediaKeySystemAccess('com.widevine.alpha', [{ initDataTypes: ['cenc'], videoCapabilities }]).then(() => true, () => false);
    if (has) levels.push(robustness);
  }
  return { widevine: levels };
};

asks.touch = ({ points }) => byHand('Tap the dots', 'Five dots appear one after the other. Tap each with a finger.', (area) => new Promise((resolve) => {
  const taps = [];
  const box = area.getBoundingClientRect();
  const dot = document.createElement('div');
  dot.id = 'dot';
  area.append(dot);
  const place = () => {
    const [x, y] = points[taps.length];
    dot.style.left = x * box.width + 'px';
    dot.style.top = y * box.height + 'px';
    dot.textContent = String(taps.length + 1);
  };
  place();
  const start = performance.now();
  area.addEventListener('pointerdown', (event) => {
    event.preventDefault();
    taps.push({ x: number(event.clientX - box.left), y: number(event.clientY - box.top), kind: text(event.pointerType), radius: number(Math.max(event.width, event.height) / 2), ms: number(performance.now() - start) });
    if (taps.length < points.length) place();
    else resolve({ width: number(box.width), height: number(box.height), taps });
  });
}));

asks.camera = () => byHand('Show the camera', 'The browser asks for the camera. One picture is taken, measured, and thrown away: only its size, its digest and the cameras’ names are sent.', async (area) => {
  if (!navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) throw new Error(isSecureContext ? 'this browser gives no camera' : 'the camera wants a secure page');
  area.textContent = 'One moment.';
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment', width: { ideal: 4096 }, height: { ideal: 4096 } } });
  try {
    const video = document.createElement('video');
    video.muted = true;
    video.playsInline = true;
    video.srcObject = stream;
    await video.play();
    const canvas = document.createElement('canvas');
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    const context = canvas.getContext('2d');
    context.drawImage(video, 0, 0);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', data));
    const settings = stream.getVideoTracks()[0].getSettings();
    const devices = await navigator.mediaDevices.enumerateDevices();
    const cameras = devices.filter(({ kind }) => kind === 'videoinput').slice(0, 16).map(({ label }) => text(label));
    return { width: canvas.width, height: canvas.height, facing: text(settings.facingMode), sha256: Array.from(digest, (one) => one.toString(16).padStart(2, '0')).join(''), cameras };
  } finally {
    for (const track of stream.getTracks()) track.stop();
  }
});
`;
