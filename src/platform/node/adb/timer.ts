import type { TimerPort } from '../../../acquire/index.ts';

export const nodeTimer: TimerPort = (ms, call) => {
  const handle = setTimeout(call, ms);
  return () => clearTimeout(handle);
};
