import { FormatError } from '../../bytes/index.ts';
import { readXml, writeXml } from './xml.ts';

export const name = 'xml';

const bytes = (text: string) => new TextEncoder().encode(text);
export const seeds: readonly Uint8Array[] = [
  bytes(
    '<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE a><a xmlns="urn:x" xmlns:b="urn:y" b:c="&lt;1&#x41;"><!-- n --><b:d>text</b:d><![CDATA[<raw>]]></a>',
  ),
  bytes('<a><b/><b></b>&amp;&quot;</a>'),
  bytes('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
];

/** Reads hostile bytes: anything but a FormatError, a hang or too much memory is a finding; what was read can be written and read again. */
export function run(input: Uint8Array): Promise<void> {
  try {
    readXml(writeXml(readXml(input).value));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
  return Promise.resolve();
}
