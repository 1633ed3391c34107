export { type CustodyApp, custodyApp } from './app.ts';
export type { CustodyServer } from './desk.ts';
export { CAPTURE_BYTES, CAPTURE_EVENTS } from './discovery.ts';
export { parseSenders, type Sender } from './senders.ts';
export { type Served, serveCustody } from './serve.ts';
