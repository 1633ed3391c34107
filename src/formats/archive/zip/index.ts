export * from './crc32.ts';
export * from './deflate.ts';
export * from './oddity-log.ts';
export * from './open.ts';
export { ENTRIES_MAX, isZip, type LocalHeader, type ReadZipOptions, readZip, type ZipArchive, type ZipEntry } from './read.ts';
export { extraField, FLAG_DESCRIPTOR, FLAG_ENCRYPTED, type HeaderFields, readLocalHeader } from './records.ts';
export * from './window.ts';
export * from './write.ts';
