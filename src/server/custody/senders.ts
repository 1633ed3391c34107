/** Who may capture and ask: bearer tokens, of which the server knows only digests. An empty list is an error, not an open door. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod/mini';
import { Problem } from './problem.ts';

const sendersSchema = z.strictObject({
  format: z.literal('assay.custody-senders/1'),
  senders: z
    .array(
      z.strictObject({
        name: z.string(),
        /** The party as a URI; null for the operator of this store, whose own word its events are. */
        party: z.nullable(z.string()),
        tokenSha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
        may: z.array(z.enum(['capture', 'query'])),
        /** Addresses to which this sender may have events sent, letter for letter; none where absent. */
        targets: z.optional(z.array(z.url({ protocol: /^https?$/ }))),
      }),
    )
    .check(z.minLength(1)),
});
export type Sender = z.infer<typeof sendersSchema>['senders'][number];

/** @throws Error where the text is no list of senders, or an empty one */
export const parseSenders = (text: string): readonly [Sender, ...Sender[]] => {
  const [first, ...others] = z.parse(sendersSchema, JSON.parse(text)).senders;
  if (first === undefined) throw new RangeError('nobody may capture or ask');
  return [first, ...others];
};

/** The sender of a request. @throws Problem 401 where there is none, 403 where he may not */
export function senderOf(senders: readonly [Sender, ...Sender[]], authorization: string | undefined, wants: Sender['may'][number]): Sender {
  const [, token] = /^Bearer ([!-~]{1,512})$/.exec(authorization ?? '') ?? [];
  if (token === undefined) throw new Problem('SecurityException', 'say who asks: Authorization: Bearer TOKEN');
  const digest = createHash('sha256').update(token).digest();
  const sender = senders.find(({ tokenSha256 }) => timingSafeEqual(Buffer.from(tokenSha256, 'hex'), digest));
  if (sender === undefined) throw new Problem('SecurityException', 'the token is nobody’s here');
  if (!sender.may.includes(wants)) throw new Problem('Forbidden', `${sender.name} may not ${wants}`);
  return sender;
}
