export { expand } from './expand.ts';
export { type ImportPorts, recognise } from './recognise.ts';
