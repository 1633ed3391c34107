/**
 * The part of the page's script that runs programs of ours: text for browsers of 2018 and later, served as it stands. Each function answers a question as the page received it;
 * what it throws becomes the answer `refused`.
 */
export const PAGE_PROGRAMS = String.raw`
const bytesOf = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
const loads = new Map();

function fillTable(table, seed) {
  for (let i = 0; i < table.length; i++) {
    const word = (Math.imul(i, 0x9e3779b1) + seed) | 0;
    table[i] = word ^ (word >>> 15);
  }
}

function mix({ run, memory, words }, steps, seed) {
  const x = new Uint32Array(memory.buffer, 0, 1);
  x[0] = seed;
  fillTable(new Uint32Array(memory.buffer, 65536, words), seed);
  // Short calls: one that lasts never leaves the engine's first tier.
  for (let left = steps; left > 0; left -= 20000) run(Math.min(left, 20000));
  return x[0];
}

asks['wasm-load'] = async ({ words, steps, seed, module }, place) => {
  const { instance } = await WebAssembly.instantiate(bytesOf(module));
  const loaded = { run: instance.exports.run, memory: instance.exports.memory, words };
  loads.clear();
  loads.set(place, loaded);
  return { value: mix(loaded, steps, seed) };
};

asks['wasm-run'] = ({ load, steps, seed }) => {
  const loaded = loads.get(load);
  if (!loaded) throw new Error('the page was opened anew, and its program is gone');
  const start = performance.now();
  return { value: mix(loaded, steps, seed), ms: performance.now() - start };
};

function fold(cells) {
  let all = 0x811c9dc5;
  for (let i = 0; i < cells.length; i++) {
    const mixed = Math.imul(all ^ cells[i], 0x01000193);
    all = (mixed << 13) | (mixed >>> 19);
  }
  return all >>> 0;
}

function compiled(gl, kind, source) {
  const shader = gl.createShader(kind);
  gl.shaderSource(shader, source);
  gl.compileShader(shader);
  if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error('the shader was refused: ' + gl.getShaderInfoLog(shader));
  return shader;
}

asks.webgl = ({ cells, steps, seed, shader }) => {
  const side = Math.round(Math.sqrt(cells));
  const gl = document.createElement('canvas').getContext('webgl2');
  if (!gl) throw new Error('this browser has no WebGL 2');
  try {
    const start = performance.now();
    const program = gl.createProgram();
    gl.attachShader(program, compiled(gl, gl.VERTEX_SHADER, '#version 300 es\nvoid main() { gl_Position = vec4(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0, 0.0, 1.0); }'));
    gl.attachShader(program, compiled(gl, gl.FRAGMENT_SHADER, shader));
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error('the program was refused: ' + gl.getProgramInfoLog(program));
    gl.useProgram(program);
    const texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texStorage2D(gl.TEXTURE_2D, 1, gl.R32UI, side, side);
    gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer());
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
    if (gl.checkFramebufferStatus(gl.FRAMEBUFFER) !== gl.FRAMEBUFFER_COMPLETE) throw new Error('it draws no whole numbers');
    gl.viewport(0, 0, side, side);
    gl.uniform1ui(gl.getUniformLocation(program, 'seed'), seed);
    gl.uniform1ui(gl.getUniformLocation(program, 'steps'), steps);
    gl.uniform1ui(gl.getUniformLocation(program, 'width'), side);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
    const pixels = new Uint32Array(side * side * 4);
    gl.readPixels(0, 0, side, side, gl.RGBA_INTEGER, gl.UNSIGNED_INT, pixels);
    const error = gl.getError();
    if (error !== 0) throw new Error('WebGL error ' + error);
    return { fold: fold(pixels.filter((_, at) => at % 4 === 0)), ms: performance.now() - start };
  } finally {
    const lose = gl.getExtension('WEBGL_lose_context');
    if (lose) lose.loseContext();
  }
};

let gpuDevice;
async function gpu() {
  if (!navigator.gpu) throw new Error(isSecureContext ? 'this browser has no WebGPU' : 'WebGPU wants a secure page');
  if (!gpuDevice) {
    const adapter = await navigator.gpu.requestAdapter();
    if (!adapter) throw new Error('WebGPU has no adapter');
    gpuDevice = await adapter.requestDevice();
  }
  return gpuDevice;
}

asks.webgpu = async ({ cells, steps, seed, shader }) => {
  const device = await gpu();
  const start = performance.now();
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ code: shader });
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint: 'main' } });
  const size = cells * 4;
  const asked = device.createBuffer({ size: 8, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
  device.queue.writeBuffer(asked, 0, new Uint32Array([seed, steps]));
  const storage = device.createBuffer({ size, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC });
  const readable = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const group = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [{ binding: 0, resource: { buffer: asked } }, { binding: 1, resource: { buffer: storage } }],
  });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  pass.dispatchWorkgroups(cells / 64);
  pass.end();
  encoder.copyBufferToBuffer(storage, 0, readable, 0, size);
  device.queue.submit([encoder.finish()]);
  await readable.mapAsync(GPUMapMode.READ);
  const answer = { fold: fold(new Uint32Array(readable.getMappedRange())), ms: performance.now() - start };
  for (const buffer of [asked, storage, readable]) buffer.destroy();
  const wrong = await device.popErrorScope();
  if (wrong) throw new Error('WebGPU: ' + wrong.message);
  return answer;
};
`;
