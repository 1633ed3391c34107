import { type ResolvedModel, resolveModel, resolvePhone } from '../../knowledge/index.ts';
import { said } from '../boot/index.ts';
import type { CheckContext } from '../define.ts';

/** The model that people claim, or else the one that the phone says it is. */
export function claimedModel(context: CheckContext): ResolvedModel | undefined {
  if (context.claims.model !== undefined) return resolveModel(context.claims.model, context.knowledge);
  return resolvePhone(
    {
      model: said(context, 'ro.product.model')?.value,
      device: said(context, 'ro.product.device')?.value,
      brand: said(context, 'ro.product.brand')?.value,
    },
    context.knowledge,
  );
}
