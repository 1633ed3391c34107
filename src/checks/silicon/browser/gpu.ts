import { factsOf } from '../../../evidence/index.ts';
import { isSoftwareRenderer, resolveModel, type Soc } from '../../../knowledge/index.ts';
import { type CheckContext, type Draft, defineCheck, failOrPass, notChecked } from '../../define.ts';
import { allChipsKnown, chipList, chipName, chipsOf } from '../argue.ts';
import { BESIDES_GPU } from '../gpu.ts';
import { inferSoc } from '../infer.ts';
import { type Answered, answeredIn, gpuOfAdapter, gpuOfStrings, type NamedGpu, refusalOf, SETTLED, whose } from './shared.ts';

/** Whether a chip may hold this GPU: by its own where the table has it, else by its maker. */
export const mayHold = ({ gpu, vendor }: Soc, { family }: NamedGpu): boolean =>
  gpu === undefined ? family.vendors.includes(vendor) : family.words.test(gpu);

/** The GPU that the browser names: by WebGL where that is told, else by WebGPU. */
export function gpuSaid({ said }: Answered): { readonly webgl: NamedGpu | undefined; readonly webgpu: NamedGpu | undefined } {
  const { webgl, webgpu } = said.graphics ?? {};
  return { webgl: gpuOfStrings(webgl?.vendor, webgl?.renderer), webgpu: gpuOfAdapter(webgpu) };
}

/** Why the browser names no GPU. */
export function noGpu(answered: Answered): string {
  const { graphics } = answered.said;
  if (graphics === undefined) return `the browser names no GPU: ${refusalOf(answered, 'graphics')}`;
  const renderer = graphics.webgl?.renderer;
  if (typeof renderer !== 'string') return 'the browser names no GPU: it has no WebGL 2';
  return isSoftwareRenderer(renderer.replace(/^ANGLE \(/, ''))
    ? `the browser draws without a GPU, as on an emulator or without a driver (${renderer})`
    : `the browser names no GPU that we know (${renderer})`;
}

export const browserGpu = defineCheck({
  id: 'silicon.browser-gpu',
  axis: 'software',
  title: 'The GPU that the browser names',
  what: 'The renderer of WebGL and the adapter of WebGPU, against each other, the GLES line of SurfaceFlinger, the chip that all other surfaces show, and the model that the browser names.',
  why: 'They come from one driver by different ways, and a forger must change each.',
  benign: [
    'Browsers that protect their users from being recognised name another GPU, or none (Brave, Tor, Firefox with resistFingerprinting).',
    'The page was opened on another machine than the one at the cable.',
    'A variant of the model with another chip that no source of ours knows.',
  ],
  confirm: 'Open the page in Chrome; look for the driver’s nodes (/dev/kgsl-3d0, /dev/mali0) and at `cmd gpu vkjson`.',
  // Never seen on a real phone, and browsers say what they like.
  strength: 'weak',
  standing: 'told',
  needs: ['browser-run'],
  settledBy: SETTLED,
  group: 'browser',
  causes: ['root', 'property-edit', 'tool'],
  catches: undefined,
  spec: ['Khronos WEBGL_debug_renderer_info', 'W3C WebGPU, GPUAdapterInfo', 'Dawn src/dawn/gpu_info.json'],
  run(context) {
    const answered = answeredIn(context.facts);
    if (typeof answered === 'string') return notChecked(answered, SETTLED);
    const { webgl, webgpu } = gpuSaid(answered);
    const named = webgl ?? webgpu;
    if (named === undefined) return notChecked(noGpu(answered), 'the same page in Chrome');
    const others = [
      ...(webgl === undefined || webgpu === undefined ? [] : [beside(webgl, webgpu, 'WebGPU of the same browser')]),
      ...glesLines(context).map((gles) => beside(named, gles, 'SurfaceFlinger')),
      ...chipAgainst(context, named),
      ...modelAgainst(context, answered, named),
    ];
    if (others.length === 0)
      return notChecked(`the browser names ${named.text}, and nothing else tells the GPU`, 'getprop and dumpsys SurfaceFlinger');
    const findings = others.flatMap((other): Draft[] =>
      other.agrees
        ? []
        : [
            {
              claimed: other.text,
              observed: `the browser names ${named.text} (${whose(answered)})`,
              because: other.because,
              standing: 'told',
              evidence: [answered.place],
              nature: 'modified',
            },
          ],
    );
    return failOrPass(findings, 'told');
  },
});

interface Beside {
  readonly agrees: boolean;
  readonly text: string;
  readonly because: string;
}

function beside(named: NamedGpu, other: NamedGpu, who: string): Beside {
  const isOtherModel = named.model !== undefined && other.model !== undefined && named.model !== other.model;
  return {
    agrees: named.family === other.family && !isOtherModel,
    text: `${who} names ${other.text}`,
    because: `One phone has one GPU, and they name ${isOtherModel ? 'two models' : `${named.family.name} and ${other.family.name}`}.`,
  };
}

const glesLines = ({ facts }: CheckContext): readonly NamedGpu[] =>
  factsOf(facts, 'gpu').flatMap(({ value }) => gpuOfStrings(value.vendor, value.renderer) ?? []);

/** The chip that surfaces besides the GPU's show; nothing where none tells its maker. */
function chipAgainst({ facts, knowledge }: CheckContext, named: NamedGpu): readonly Beside[] {
  const inference = inferSoc(facts, knowledge, BESIDES_GPU);
  if (inference === undefined || inference.votes.size === 0) return [];
  return [
    {
      agrees: [inference.vendor, ...inference.votes.values()].some((vendor) => named.family.vendors.includes(vendor)),
      text: `the surfaces besides the GPU’s show ${chipName(inference)}`,
      because: `${named.family.name} is not built into such chips.`,
    },
  ];
}

/** The chips of every model of the name that the browser itself says; nothing where it names none that is known whole. */
function modelAgainst(context: CheckContext, { said }: Answered, named: NamedGpu): readonly Beside[] {
  const name = said.browser?.hints?.model ?? '';
  const model = name === '' ? undefined : resolveModel(name, context.knowledge);
  if (model === undefined || !allChipsKnown(model, context)) return [];
  const chips = chipsOf(model, context);
  return [
    {
      agrees: chips.some((soc) => mayHold(soc, named)),
      text: `the browser says that the phone is a ${name}, sold with ${chipList(chips)}`,
      because: `None of these chips has a GPU of the family ${named.family.name}.`,
    },
  ];
}
