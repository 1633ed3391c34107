export { type DtEntry, type DtTable, isDtTable, readDtTable, writeDtTable } from './dt-table.ts';
