/** A certificate of an authority of one's own, as an operator makes it with openssl. */
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Writes `ca.pem`, `ca.key`, `cert.pem`, `key.pem` and `ext.cnf`; `names` as in a subjectAltName. Answers the authority's certificate. */
export async function makeStationCertificate(folder: string, names: string): Promise<string> {
  const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' });
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'ext.cnf'];
  openssl('req', '-x509', ...curve, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=Station CA', '-days', '2');
  openssl('req', ...curve, '-keyout', 'key.pem', '-out', 'request.pem', '-subj', '/CN=station');
  await writeFile(join(folder, 'ext.cnf'), `subjectAltName=${names}\n`);
  openssl('x509', '-req', '-in', 'request.pem', ...signed, '-out', 'cert.pem');
  return readFile(join(folder, 'ca.pem'), 'utf8');
}
