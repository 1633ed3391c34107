export { channelOf, envelopesOf, type KeptPlace, keepAuthorisation, keepPlace, parsePlace, placesOf } from './channel.ts';
export { type Behaviour, type KeepOptions, type Kept, keepEvents } from './events.ts';
export { custodyPath, lookupIn } from './find.ts';
export { custodyHistory } from './history.ts';
export { type Imported, type ImportOptions, importDocument, importList } from './import.ts';
export { createJob, findJob, type Job, listJobs, namedQueries, openJobs, runJob } from './jobs.ts';
export { type EventQuery, type Found, QueryError, queryEvents, valuesOf } from './query.ts';
export { hexOf, idOf, readEvent } from './read.ts';
export { trustBrand, trustedBrands } from './trust.ts';
