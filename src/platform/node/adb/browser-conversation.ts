/** What is said to a phone's browser in one run, with fresh nonces. */
import type { BrowserConversation, RandomPort } from '../../../acquire/index.ts';
import { browserPage } from '../../../challenges/browser/page/index.ts';
import { planBrowser, QUESTION_NONCE, timeOf, writeBrowserQuestion } from '../../../challenges/index.ts';

export function browserConversation(random: RandomPort): BrowserConversation {
  // One byte is enough to choose among a handful.
  const plan = planBrowser((limit) => (random(1)[0] ?? 0) % limit);
  return {
    page: browserPage,
    count: plan.length,
    ask(place) {
      const slot = plan[place];
      if (slot === undefined) throw new RangeError(`there is no question ${place}`);
      const nonce = random(QUESTION_NONCE);
      return { nonce, text: writeBrowserQuestion(slot, nonce), timeMs: timeOf(slot) };
    },
  };
}
