export { CAPTURE_BYTES, CAPTURE_EVENTS, type CustodyApp, type CustodyServer, custodyApp } from './app.ts';
export { parseSenders, type Sender } from './senders.ts';
export { type Served, serveCustody } from './serve.ts';
