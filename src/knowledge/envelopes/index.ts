export { ENVELOPE_UNITS, type Envelope, envelopeRowSchema } from './envelope.ts';
