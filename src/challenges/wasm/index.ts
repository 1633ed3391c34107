export { writeMixModule } from './mix-module.ts';
export { recomputeMix } from './recompute-mix.ts';
