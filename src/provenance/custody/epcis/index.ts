export { EVENTS_MAX, eventListOf, eventOf, eventsOf, masterDataOf, namespacesOf, type RawDocument, readDocument } from './document.ts';
export { eventHashId, hashIdOf, isHashId } from './hash-id.ts';
export * from './model.ts';
export { canonicalTime, instantOf, preImage } from './pre-image.ts';
export * from './query/index.ts';
export { type CbvForm, queryDocumentXml } from './to-xml.ts';
export { documentProblems, EPCS_MAX, eventListPointer, eventProblems } from './validate.ts';
export { bareWord, VOCABULARIES, webWord } from './vocabulary.ts';
