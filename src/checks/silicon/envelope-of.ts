/** Which envelope a phone is held against: that of the very model code, by claim or by its own word, of its build where there is one. */
import { type KnownEnvelope, normalName, resolveModel } from '../../knowledge/index.ts';
import { said } from '../boot/index.ts';
import type { CheckContext } from '../define.ts';
import { claimedName } from './claim.ts';

export interface ChosenEnvelope {
  readonly envelope: KnownEnvelope;
  /** Whether people claimed this model, or only the phone says so of itself: then it is its software that is spoken against. */
  readonly by: 'claim' | 'phone';
}

/** Undefined where nobody measured that model. One name is sold with several chips, so a marketing name picks an envelope only where the phone itself says that code. */
export function envelopeOf(context: CheckContext): ChosenEnvelope | undefined {
  const all = context.knowledge.envelopes ?? [];
  const claim = claimedName(context);
  const own = {
    model: said(context, 'ro.product.model')?.value ?? said(context, 'ro.product.vendor.model')?.value,
    brand: said(context, 'ro.product.brand')?.value ?? said(context, 'ro.product.vendor.brand')?.value,
    build: said(context, 'ro.build.fingerprint')?.value,
  };
  const ofModel = (model: string | undefined, brand: string | undefined) =>
    model === undefined || brand === undefined
      ? []
      : all.filter((one) => normalName(one.model) === normalName(model) && normalName(one.brand) === normalName(brand));
  const pick = (some: readonly KnownEnvelope[]) =>
    some.find(({ build }) => build !== null && build === own.build) ?? some.find(({ build }) => build === null);
  const claimed = pick(ofModel(claim, context.claims.brand ?? own.brand));
  if (claimed !== undefined) return { envelope: claimed, by: 'claim' };
  const stated = pick(ofModel(own.model, own.brand));
  if (stated === undefined) return undefined;
  const codes = claim === undefined ? [] : (resolveModel(claim, context.knowledge)?.skus ?? []).flatMap(({ models }) => models);
  if (claim !== undefined && !codes.some((code) => normalName(code) === normalName(stated.model))) return undefined;
  return { envelope: stated, by: claim === undefined ? 'phone' : 'claim' };
}
