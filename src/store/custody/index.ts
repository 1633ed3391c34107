export { type AllPaths, allPaths } from './all-paths.ts';
export { keepAllocations, keptAllocations, parseAllocations } from './allocations.ts';
export { channelOf, envelopesOf, type KeptPlace, keepAuthorisation, keepPlace, loggedIn, parsePlace } from './channel.ts';
export { clonesIn, inspectionRecords, type StoreClones } from './clones.ts';
export { type Behaviour, type KeepOptions, type Kept, keepEvents } from './events.ts';
export { custodyPath, lookupIn } from './find.ts';
export { flowOfStore, outcomeOf, type ProvenInspection, type StoreFlow } from './flow.ts';
export { custodyHistory } from './history.ts';
export { type Imported, type ImportOptions, importDocument, importList } from './import.ts';
export { createJob, findJob, type Job, listJobs, openJobs, runJob } from './jobs.ts';
export { type Disagreement, type KeptMasterData, knowledgeOf, placesOf } from './master-data.ts';
export { namedQueries } from './queries.ts';
export { type Found, queryEvents } from './query.ts';
export { hexOf, idOf, readEvent } from './read.ts';
export {
  addSubscription,
  holdSubscription,
  keepTold,
  lastEvent,
  letGoSubscription,
  removeSubscription,
  removeSubscriptions,
  SUBSCRIPTIONS_MAX,
  subscriptionsOf,
} from './subscriptions.ts';
export { answeredTail, askTail, forgetTail, tailEntryOf, tailsIn } from './tails.ts';
export { tellInspection } from './tell.ts';
export { channelPolicy, channelPolicyText, keepChannelPolicy, trustBrand, trustedBrands } from './trust.ts';
export { isNamed, ownTypes, type Things, thingsIn, valuesOf } from './values.ts';
