export {
  AUTHORISATION_TYPE,
  type Authorisation,
  authorisationBytes,
  authorisationEntry,
  authorisationId,
  authorisedAt,
  type BrandKeys,
  CHANNEL_ROLES,
  type Channel,
  type ChannelAnswer,
  type ChannelQuestion,
  type ChannelRole,
  type Logged,
  type Place,
  parseAuthorisation,
  type VerifiedAuthorisation,
  verifyAuthorisation,
} from './channel.ts';
export { ENCODINGS, type Encoding } from './csv.ts';
export {
  type BadRow,
  type DispatchList,
  LIST_FIELDS,
  type ListedEvent,
  type ListField,
  type ListOptions,
  readDispatchList,
} from './dispatch-list.ts';
export * from './epcis/index.ts';
export { byTime, type CustodyEvent, custodyEvent, custodyEventOf, type HandOver, namesOf } from './event.ts';
export { type Containment, type EventLookup, type Gathered, gatherEvents, IDENTITIES_MAX } from './gather.ts';
export { canonicalUri } from './gs1/digital-link.ts';
export { digitalLinkToUrn, urnToDigitalLink } from './gs1/urn.ts';
export { boundIdentity, canonicalIdentity, identityKind, identityOf, imeiUri, isOwn, ownUri, reportDigest, reportUri } from './identity.ts';
export { type Admitted, judgeDocument, judgeEvent, keyOf, REFUSALS, type Refusal, type RefusalName, type Rules } from './judge-capture.ts';
export {
  aggregationEvent,
  associationEvent,
  dispositionOf,
  errorEvent,
  STEPS,
  type Step,
  type Told,
  toldEvent,
  verdictEvent,
} from './make.ts';
export { type Described, describedIn } from './master-data.ts';
export { pathOf } from './path.ts';
export { distanceKm, type Seen, tooFast } from './travel.ts';
export * from './types.ts';
