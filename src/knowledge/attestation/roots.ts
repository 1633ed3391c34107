/**
 * Roots of key attestation chains: whose they are, by public key.
 * A root is told by its key, not by one certificate: Google issued four certificates for the RSA key, of which the first expired in 2026, and phones carry all four.
 * The software roots' private keys are in the Android source for everybody to read, so a chain that ends there says nothing.
 */
import type { SourceNote } from '../types.ts';

/** Whose root it is. `software`: its private key is public. `test`: used before production; nothing in the field may end there. */
export type AttestationRootKind = 'google' | 'knox' | 'software' | 'test';

export interface AttestationRoot {
  readonly id: string;
  readonly name: string;
  readonly kind: AttestationRootKind;
  /** DER SubjectPublicKeyInfo in base64. */
  readonly spki: string;
  /** The root's own name, attribute by attribute as the certificate has them; undefined where no certificate was seen. */
  readonly subject: readonly { readonly oid: string; readonly value: string }[] | undefined;
  /** Certificates known for the key: SHA-256 of the DER, and when each ends. */
  readonly certificates: readonly { readonly sha256: string; readonly notAfter: string }[];
  readonly sources: readonly [SourceNote, ...SourceNote[]];
}

const KEYATTESTATION: SourceNote = 'github.com/android/keyattestation roots.json';
const AUDITOR: SourceNote = 'github.com/GrapheneOS/AttestationServer AttestationProtocol.java (root certificates)';
const KNOX: SourceNote = 'github.com/vvb2060/KeyAttestation RootPublicKey.java';

export const ATTESTATION_ROOTS: readonly [AttestationRoot, ...AttestationRoot[]] = [
  {
    id: 'google-rsa',
    name: 'Google hardware attestation root (RSA-4096)',
    kind: 'google',
    spki: 'MIICIjANBgkqhkiG9w0BAQEFAAOCAg8AMIICCgKCAgEAr7bHgiuxpwHsK7Qui8xUFmOr75gvMsd/dTEDDJdSSxtf6An7xyqpRR90PL2abxM1dEqlXnf2tqw1Ne4Xwl5jlRfdnJLmN0pTy/4lj4/7tv0Sk3iiKkypnEUtR6WfMgH0QZfKHM1+di+y9TFRtv6y//0rb+T+W8a9nsNL/ggjnar86461qO0rOs2cXjp3kOG1FEJ5MVmFmBGtnrKpa73XpXyTqRxB/M0n1n/W9nGqC4FSYa04T6N5RIZGBN2z2MT5IKGbFlbC8UrW0DxW7AYImQQcHtGl/m00QLVWutHQoVJYnFPlXTcHYvASLu+RhhsbDmxMgJJ0mcDpvsC4PjvB+TxywElgS70vE0XmLD+OJtvsBslHZvPBKCOdT0MS+tgSOIfga+z1Z1g7+DVagf7quvmag8jfPioyKvxnK/EgsTUVi2ghzq8wm27ud/mIM7AY2qEORR8Go3TVB4HzWQgpZrt3i5MIlCaY504LzSRiigHCzAPlHws+W0rB5N+er5/2pJKnfBSDiCiFAVtCLOZ7gLiMm0jhO2B6tUXHI/+MRPjy02i59lINMRRev56GKtcd9qO/0kUJWdZTdA2XoS82ixPvZtXQpUpuL12ab+9EaDK8Z4RHJYYfCT3Q5vNAXaiWQ+8PTWm2QgBR/bkwSWc+NpUFgNPN9PvQi8WEg5UmAGMCAwEAAQ==',
    subject: [{ oid: '2.5.4.5', value: 'f92009e853b6b045' }],
    certificates: [
      { sha256: 'c1984a3ef45c1e2a918551de10603c86f7051b2249c4891cae3230eabd0c97d5', notAfter: '2026-05-24T16:28:52Z' },
      { sha256: '1ef1a04b8ba58ab94589ac498c8982a783f24ea7307e0159a0c3a73b377d87cc', notAfter: '2034-11-18T20:37:58Z' },
      { sha256: 'ab6641178a36e179aa0c1cdddf9a16eb45fa20943e2b8cd7c7c05c26cf8b487a', notAfter: '2036-11-13T23:10:42Z' },
      { sha256: 'cedb1cb6dc896ae5ec797348bce9286753c2b38ee71ce0fbe34a9a1248800dfc', notAfter: '2042-03-15T18:07:48Z' },
    ],
    sources: [KEYATTESTATION, AUDITOR],
  },
  {
    id: 'google-ca1',
    name: 'Google Key Attestation CA1 (P-384, 2025)',
    kind: 'google',
    spki: 'MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEI9ojcU7fPlsFCjxy6IRqzgeOoK0b+YsV9FPQywiyw8EQRTkJ9u3qwfnI4DGoSLlBqClTXJfgfCcZvs60FikNMHnu4fkRzObfgDkU2KNXezT9/RQ+XvNslxPHrHCowhGr',
    subject: [
      { oid: '2.5.4.3', value: 'Key Attestation CA1' },
      { oid: '2.5.4.11', value: 'Android' },
      { oid: '2.5.4.10', value: 'Google LLC' },
      { oid: '2.5.4.6', value: 'US' },
    ],
    certificates: [{ sha256: '6d9db4ce6c5c0b293166d08986e05774a8776ceb525d9e4329520de12ba4bcc0', notAfter: '2035-07-15T22:32:18Z' }],
    sources: [KEYATTESTATION, AUDITOR],
  },
  {
    id: 'knox-sak-v1',
    name: 'Samsung Knox attestation root SAK v1 (P-521)',
    kind: 'knox',
    spki: 'MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQBs9Qjr//REhkXW7jUqjY9KNwWac4r5+kdUGk+TZjRo1YEa47Axwj6AJsbOjo4QsHiYRiWTELvFeiuBsKqyuF0xyAAKvDofBqrEq1/Ckxo2mz7Q4NQes3g4ahSjtgUSh0k85fYwwHjCeLyZ5kEqgHG9OpOH526FFAK3slSUgC8RObbxys=',
    subject: undefined,
    certificates: [],
    sources: [KNOX],
  },
  {
    id: 'knox-sak-v2',
    name: 'Samsung Knox attestation root SAK v2 (P-521)',
    kind: 'knox',
    spki: 'MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQBhbGuLrpql5I2WJmrE5kEVZOo+dgA46mKrVJf/sgzfzs2u7M9c1Y9ZkCEiiYkhTFE9vPbasmUfXybwgZ2EM30A1ABPd124n3JbEDfsB/wnMH1AcgsJyJFPbETZiy42Fhwi+2BCA5bcHe7SrdkRIYSsdBRaKBoZsapxB0gAOs0jSPRX5M=',
    subject: undefined,
    certificates: [],
    sources: [KNOX],
  },
  {
    id: 'knox-sakm-v1',
    name: 'Samsung Knox attestation root SAKM v1 (P-521)',
    kind: 'knox',
    spki: 'MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQB9XeEN8lg6p5xvMVWG42P2Qi/aRKX2rPRNgK92UlO9O/TIFCKHC1AWCLFitPVEow5W+yEgC2wOiYxgepY85TOoH0AuEkLoiC6ldbF2uNVU3rYYSytWAJg3GFKd1l9VLDmxox58Hyw2Jmdd5VSObGiTFQ/SgKsn2fbQPtpGlNxgEfd6Y8=',
    subject: undefined,
    certificates: [],
    sources: [KNOX],
  },
  {
    id: 'aosp-software-ec',
    name: 'AOSP software attestation root (P-256; its private key is public)',
    kind: 'software',
    spki: 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE7l1ex+HA220Dpn7mthvsTWpdamguD/9/SQ59dx9EIm29sa/6FsvHrcV30lacqrewLVQBXT5DKyqO107sSHVBpA==',
    subject: undefined,
    certificates: [{ sha256: '51d496ad4664190fbdaf1ad987278efa35d6fbf52e50a9c34ded8395477ede5c', notAfter: '2036-01-06T00:43:50Z' }],
    sources: ['AOSP system/keymaster contexts/soft_attestation_cert.cpp'],
  },
  {
    id: 'aosp-software-rsa',
    name: 'AOSP software attestation root (RSA-1024; its private key is public)',
    kind: 'software',
    spki: 'MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCia63rbi5EYe/VDoLmt5TRdSMfd5tjkWP/96r/C3JHTsAsQ+wzfNes7UA+jCigZtX3hwszl94OuE4TQKuvpSe/lWmgMdsGUmX4RFlXYfC78hdLt0GAZMAoDo9Sd47b0ke2RekZyOmLw9vCkT/X11DEHTVm+Vfkl5YLCazOkjWFmwIDAQAB',
    subject: undefined,
    certificates: [{ sha256: '4e42730efd521b21d77b109b7532a0b664ddfefc73e129111936200c5e58cce0', notAfter: '2035-12-30T12:31:08Z' }],
    sources: ['AOSP system/keymaster contexts/soft_attestation_cert.cpp'],
  },
  {
    id: 'google-strongbox-test',
    name: 'StrongBox root from before production (serialNumber e35d38c6897d47e8)',
    kind: 'test',
    spki: 'MIICIjANBgkqhkiG9w0BAQEFAAOCAg8AMIICCgKCAgEAqEItO9P+jx/QQLiYgXE6fI+UdvxY+pFxWksbL1IySkXYvxQjsFBQSX8oR4liYYGtooLiIwCboWceV5TI9KUmO27iYrD6hZJ2YSnb36IuAueI+eA/l8QpMtQD1Yw+bnNtNx/oa0ZYYesePy080l1r29GC43zitOx70nXUkQsipz8nSOW4cgm+UDLVSh8wuAMYMfgYocBtQeFEIzqWaVwRyBWehCv1wRXiV9LYK8dDAnM5HNV9DoTRSgGLpginCsoeKtnBoe1ME0SSE+G3iCVazig1cKNxXOdJNyAqTgHNc0Rs0cLqSCihrVuOeSltTiMgLUyeDanyMK5EMuRCfcP8w846hYgzXYE12jLbM+dox1J3Xzt5c371XQY7dhVi0ZFqxZndbY0Oi0EBT60r1B6NFzeZCIjmHTZQMiMAWedWZ/3JVPYXu/FGAJlx3Y34dOA11oH/hhiBRXZoPbW4h8HaovMhHGpChy9k2DcpZhSbijpLyyEuYqhDLtvTkMr/gSdTTULcp/KNQ+X9ytmuasqFHKy9CXtsNvAci9SXhVETu8G85F8fRVsB9LLQrP3WKuCSifBsSjfGgTpf+dWrQNXHWQMiOeQfbngGMD3r7XjkRg4RH3CkWholiaUsyBSw5my/bkqQgMObqseYdSEQF9Ti4uehLFWhVHnbfCKlGgpFHDECAwEAAQ==',
    subject: [{ oid: '2.5.4.5', value: 'e35d38c6897d47e8' }],
    certificates: [{ sha256: '19de1c3e1da7e06f3c2712301342c17941b1ec90ba5ee396a8ec2ee4f46dfad2', notAfter: '2028-03-18T03:55:01Z' }],
    sources: ['github.com/google/android-key-attestation src/test/resources: in no published list of roots'],
  },
];
