import { FormatError, parseBase64 } from '../../bytes/index.ts';
import { isOnlyForTimestamps, readTimestampToken, tokenOf, writeTimestampRequest } from './index.ts';

export const name = 'timestamp';

/** An answer by OpenSSL 3.0's authority (`openssl ts -reply`), under a key made for it. */
const ANSWER = [
  'MIIDYDADAgEAMIIDVwYJKoZIhvcNAQcCoIIDSDCCA0QCAQMxDzANBglghkgBZQMEAgEFADBoBgsqhkiG9w0BCRABBKBZBFcwVQIBAQYEKgMEATAxMA0GCWCGSAFlAwQCAQ',
  'UABCAoRiweWyUCVQW9ZcWRz+RNccjGwlvhiod3gPalkE973AIBAhgPMjAyNjExMjkyMTMxMzRaMAMCAQGgggGHMIIBgzCCASqgAwIBAgIUFKldH7WU2W+TJFCYesXpW4e/',
  '6r8wCgYIKoZIzj0EAwIwDDEKMAgGA1UEAwwBcjAeFw0yNjExMjkyMTMxMzRaFw0zNjExMjYyMTMxMzRaMAwxCjAIBgNVBAMMAXQwWTATBgcqhkjOPQIBBggqhkjOPQMBBw',
  'NCAAQOY2yk5CRcuiG62HIgi6LeOGTXeFxHeMJhvhDo842DXTitqirfbT6TNyncLE0Uc6eRVOr80XQMZGQvej8/0zDho2owaDAOBgNVHQ8BAf8EBAMCB4AwFgYDVR0lAQH/',
  'BAwwCgYIKwYBBQUHAwgwHQYDVR0OBBYEFLHZqg4O1QMmGdT4gHn6rNd3mOO8MB8GA1UdIwQYMBaAFB4KHob/qvDVdGirdeNp+/eeLqaTMAoGCCqGSM49BAMCA0cAMEQCIA',
  'cD18isdDJF5c6ymTgTpMPFxzOTlhxWBXyq9F1f9VaeAiAyI9bq5gK9exmxiGzsBmKNjcSgS4+OcMR0/4PgiCpZojGCATcwggEzAgEBMCQwDDEKMAgGA1UEAwwBcgIUFKld',
  'H7WU2W+TJFCYesXpW4e/6r8wDQYJYIZIAWUDBAIBBQCggaQwGgYJKoZIhvcNAQkDMQ0GCyqGSIb3DQEJEAEEMBwGCSqGSIb3DQEJBTEPFw0yNjExMjkyMTMxMzRaMC8GCS',
  'qGSIb3DQEJBDEiBCAS6ryVcYjQTDkfQLN3QL/sAWYxg4u//UPowk8x1lHRMTA3BgsqhkiG9w0BCRACLzEoMCYwJDAiBCACZm5WWXvIHcCWBLgjZ2sxRYjG1K+SljKejePs',
  'La3xmDAKBggqhkjOPQQDAgRGMEQCIESSZBTe2moxQSYd30gX2Puck4nIhsySbAqd8/0RDgLUAiBVse9SoJFIyI4Exxwe7hpuEx9qCiklv+Gv97Io31Rwxw==',
].join('');

export const seeds: readonly Uint8Array[] = [parseBase64(ANSWER) ?? new Uint8Array(0), writeTimestampRequest(new Uint8Array(32))];

/** Reads hostile bytes as what an authority answers: anything but a FormatError, a hang or too much memory is a finding. */
export async function run(bytes: Uint8Array): Promise<void> {
  try {
    readTimestampToken(tokenOf(bytes)).certificates.map(isOnlyForTimestamps);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}
