/**
 * The program that asks the keystore, in Android's bytecode, by the API level of the phone.
 *
 * - 24, 25: a key with an attestation challenge. The keystore of these levels attests no identity.
 * - 26 to 30: `AttestationUtils.attestDeviceIds`, which attests a key that nobody keeps; it reads serial number and IMEI by itself.
 * - 31 and later: a key with `setAttestationIds`, which the keystore daemon honours for callers that may read phone identity, as the shell may.
 *
 * A process that `app_process` starts has no application, no keystore provider, and before 30 no services of the mainline modules: the program makes what it needs.
 * Facts from AOSP: android.security.keystore.AttestationUtils, KeyGenParameterSpec.Builder, android.security.keystore2.AndroidKeyStoreProvider, android.app.ActivityThread;
 * that it works under the shell's identity from vvb2060/KeyAttestation (with Shizuku). What it prints: `evidence/own/attestation.ts`.
 * StrongBox is asked by a program of its own, with the same questions under another word: `KeyGenParameterSpec.Builder.setIsStrongBoxBacked` (28 and later).
 * Before the first question and after the last it deletes keys under names of ours (`LEFTOVER`), which a run that was cut off may have left.
 */
import type { HashPort } from '../bytes/index.ts';
import type { AttestedId } from '../evidence/index.ts';
import { callOf, checkDexProgram, type Line, type MethodSource, writeDexProgram } from '../formats/apk/index.ts';

/** The first Android whose keystore attests keys: 7.0. */
const ATTEST_SINCE = 24;
const IDS_SINCE = 26;
const STRONGBOX_SINCE = 28;
const MAINLINE_SINCE = 30;
const KEYSTORE2_SINCE = 31;

const STRING = 'Ljava/lang/String;';
const THROWABLE = 'Ljava/lang/Throwable;';
const CHAIN = '[Ljava/security/cert/Certificate;';
const CONTEXT = 'Landroid/content/Context;';
const APPLICATION = 'Landroid/app/Application;';
const ACTIVITY_THREAD = 'Landroid/app/ActivityThread;';
const BUILDER = 'Landroid/security/keystore/KeyGenParameterSpec$Builder;';
const SPEC = 'Landroid/security/keystore/KeyGenParameterSpec;';
const KEY_STORE = 'Ljava/security/KeyStore;';
const GENERATOR = 'Ljava/security/KeyPairGenerator;';
const CONCAT = `${STRING}->concat(${STRING})${STRING}`;
const CONTAINS = `${STRING}->contains(Ljava/lang/CharSequence;)Z`;
/** What keys of ours are called, as `String.matches` wants it: nobody else's key has such a name. */
const LEFTOVER = 'assay-[0-9a-f]{12}';
/** `Context.CONTEXT_IGNORE_SECURITY`, `Base64.NO_WRAP`, `KeyProperties.PURPOSE_SIGN`. */
const [IGNORE_SECURITY, NO_WRAP, PURPOSE_SIGN] = [2, 2, 4];
const CAUSES_MAX = 8;

/** What the classes that the program names may stand for, as far as it needs that. */
const SUPERTYPES: Readonly<Record<string, readonly string[]>> = {
  'Landroid/app/ContextImpl;': [CONTEXT],
  [APPLICATION]: [CONTEXT],
  [STRING]: ['Ljava/lang/CharSequence;'],
  'Ljava/security/cert/X509Certificate;': ['Ljava/security/cert/Certificate;'],
  'Ljava/security/spec/ECGenParameterSpec;': ['Ljava/security/spec/AlgorithmParameterSpec;'],
  [SPEC]: ['Ljava/security/spec/AlgorithmParameterSpec;'],
};

export interface AttestProgramWish {
  readonly level: number;
  /** A Java identifier, fresh for each run, so that nothing on the phone waits for it. */
  readonly className: string;
  readonly hash: HashPort;
  /** Asks the secure element in place of the trusted environment. */
  readonly strongBox?: true;
}

export interface AttestProgram {
  readonly bytes: Uint8Array;
  /** In order; each as in `serial+imei+properties` or `plain`. The program stops at the first that the keystore answers. */
  readonly questions: readonly string[];
  readonly idsAsked: readonly AttestedId[];
}

/** The questions for StrongBox; before 31 nothing attests identity of a key that it holds. */
const STRONGBOX_QUESTIONS = (level: number): readonly string[] =>
  level >= KEYSTORE2_SINCE
    ? ['strongbox+serial+imei+properties', 'strongbox+serial+properties', 'strongbox+properties', 'strongbox']
    : ['strongbox'];

/** Writes the program for a level. @throws RangeError below `ATTEST_SINCE` (of StrongBox, `STRONGBOX_SINCE`) and for a name that is none */
export function attestProgram({ level, className, hash, strongBox }: AttestProgramWish): AttestProgram {
  if (level < ATTEST_SINCE) throw new RangeError(`no keystore of level ${level} attests keys`);
  if (strongBox === true && level < STRONGBOX_SINCE) throw new RangeError(`no keystore of level ${level} knows StrongBox`);
  if (!/^[A-Za-z]\w{0,60}$/.test(className)) throw new RangeError(`not a name for a class: ${JSON.stringify(className)}`);
  const bytes = writeDexProgram({ className: `L${className};`, methods: methodsFor(level, `L${className};`) }, hash);
  const [complaint] = checkDexProgram(bytes, SUPERTYPES);
  if (complaint !== undefined) throw new RangeError(`the program is wrong: ${complaint}`);
  if (strongBox === true)
    return { bytes, questions: STRONGBOX_QUESTIONS(level), idsAsked: level >= KEYSTORE2_SINCE ? ['serial', 'imei', 'properties'] : [] };
  const binds = level >= IDS_SINCE;
  return {
    bytes,
    questions: binds ? ['serial+imei+properties', 'serial+meid+properties', 'serial+properties', 'properties', 'plain'] : ['plain'],
    idsAsked: binds ? ['serial', 'imei', 'meid', 'properties'] : [],
  };
}

function methodsFor(level: number, className: string): readonly MethodSource[] {
  const call = (source: Pick<MethodSource, 'name' | 'parameters' | 'returns'>) => callOf(className, source);
  const say = call(SAY);
  const ask = { name: 'ask', parameters: [APPLICATION, '[B', STRING, STRING], returns: CHAIN };
  const ids = call(IDS);
  const byLevel = level >= KEYSTORE2_SINCE ? [] : level >= IDS_SINCE ? askUtilities(ids) : [];
  const environment = environmentFor(level, say);
  return [
    SAY,
    IDS,
    environment,
    show(say),
    fail(say),
    forget(say),
    sweep(say),
    {
      ...ask,
      registers: 10,
      lines: [...byLevel, ...askGenerator(level >= KEYSTORE2_SINCE ? ids : undefined, level >= STRONGBOX_SINCE)],
    },
    attempt({ ask: call(ask), show: call(show(say)), fail: call(fail(say)), forget: call(forget(say)) }),
    main({ say, environment: call(environment), sweep: call(sweep(say)), attempt: call(ATTEMPT) }),
  ];
}

/** Prints a line. */
const SAY: MethodSource = {
  name: 'say',
  parameters: [STRING],
  returns: 'V',
  registers: 2,
  lines: [
    ['sget-object', 0, 'Ljava/lang/System;->out:Ljava/io/PrintStream;'],
    ['invoke-virtual', `Ljava/io/PrintStream;->println(${STRING})V`, 0, 1],
    ['return-void'],
  ],
};

/** The numbers of `AttestationUtils` for the identifiers that a question names: serial 1, IMEI 2, MEID 3. */
const IDS: MethodSource = {
  name: 'ids',
  parameters: [STRING],
  returns: '[I',
  registers: 6,
  lines: [
    ['const/16', 0, 3],
    ['new-array', 1, 0, '[I'],
    ['const/16', 2, 0],
    ...['serial', 'imei', 'meid'].flatMap((word, index): readonly Line[] => [
      ['const-string', 3, word],
      ['invoke-virtual', CONTAINS, 5, 3],
      ['move-result', 3],
      ['if-eqz', 3, `no ${word}`],
      ['const/16', 3, index + 1],
      ['aput', 3, 1, 2],
      ['add-int/lit8', 2, 2, 1],
      ['label', `no ${word}`],
    ]),
    ['invoke-static', 'Ljava/util/Arrays;->copyOf([II)[I', 1, 2],
    ['move-result-object', 0],
    ['return-object', 0],
  ],
};

/** The keystore's provider, and an application of the shell's package: whoever reads an IMEI is asked for its package. */
function environmentFor(level: number, say: string): MethodSource {
  const provider = level >= KEYSTORE2_SINCE ? 'keystore2' : 'keystore';
  return {
    name: 'environment',
    parameters: [],
    returns: APPLICATION,
    registers: 4,
    lines: [
      ['label', 'begin'],
      ['invoke-static', `Landroid/security/${provider}/AndroidKeyStoreProvider;->install()V`],
      ['invoke-static', 'Landroid/os/Looper;->prepareMainLooper()V'],
      ...(level >= MAINLINE_SINCE ? [['invoke-static', `${ACTIVITY_THREAD}->initializeMainlineModules()V`] as const] : []),
      ['invoke-static', `${ACTIVITY_THREAD}->systemMain()${ACTIVITY_THREAD}`],
      ['move-result-object', 0],
      ['invoke-virtual', `${ACTIVITY_THREAD}->getSystemContext()Landroid/app/ContextImpl;`, 0],
      ['move-result-object', 1],
      ['const-string', 2, 'com.android.shell'],
      ['const/16', 3, IGNORE_SECURITY],
      ['invoke-virtual', `${CONTEXT}->createPackageContext(${STRING}I)${CONTEXT}`, 1, 2, 3],
      ['move-result-object', 1],
      ['const-class', 2, APPLICATION],
      ['invoke-static', `Landroid/app/Instrumentation;->newApplication(Ljava/lang/Class;${CONTEXT})${APPLICATION}`, 2, 1],
      ['move-result-object', 1],
      // The generator asks the process for its application, and takes its word for the package.
      ['const-class', 2, ACTIVITY_THREAD],
      ['const-string', 3, 'mInitialApplication'],
      ['invoke-virtual', `Ljava/lang/Class;->getDeclaredField(${STRING})Ljava/lang/reflect/Field;`, 2, 3],
      ['move-result-object', 2],
      ['const/16', 3, 1],
      ['invoke-virtual', 'Ljava/lang/reflect/Field;->setAccessible(Z)V', 2, 3],
      ['invoke-virtual', 'Ljava/lang/reflect/Field;->set(Ljava/lang/Object;Ljava/lang/Object;)V', 2, 0, 1],
      ['label', 'end'],
      ['return-object', 1],
      // Said, and gone on without: a key can be attested without an application, an IMEI cannot.
      ['label', 'failed'],
      ['move-exception', 0],
      ['invoke-virtual', `${THROWABLE}->toString()${STRING}`, 0],
      ['move-result-object', 0],
      ['const-string', 1, 'W '],
      ['invoke-virtual', CONCAT, 1, 0],
      ['move-result-object', 0],
      ['invoke-static', say, 0],
      ['const/16', 1, 0],
      ['return-object', 1],
      ['catch-all', 'begin', 'end', 'failed'],
    ],
  };
}

/** The keystore of levels 26 to 30 attests identity of a key that is never stored. Registers 6 to 9: application, nonce, alias, question. */
const askUtilities = (ids: string): readonly Line[] => [
  ['const-string', 0, 'properties'],
  ['invoke-virtual', CONTAINS, 9, 0],
  ['move-result', 0],
  ['if-eqz', 0, 'a key of its own'],
  ['invoke-static', ids, 9],
  ['move-result-object', 0],
  [
    'invoke-static',
    `Landroid/security/keystore/AttestationUtils;->attestDeviceIds(${CONTEXT}[I[B)[Ljava/security/cert/X509Certificate;`,
    6,
    0,
    7,
  ],
  ['move-result-object', 0],
  ['return-object', 0],
  ['label', 'a key of its own'],
];

/** A key under the alias, with the nonce as its challenge; with `ids`, what the question names of the identity; in StrongBox where it names that. */
function askGenerator(ids: string | undefined, knowsStrongBox: boolean): readonly Line[] {
  const set = (method: string, argument: string) => `${BUILDER}->${method}(${argument})${BUILDER}`;
  return [
    ['new-instance', 0, BUILDER],
    ['const/16', 1, PURPOSE_SIGN],
    ['invoke-direct', `${BUILDER}-><init>(${STRING}I)V`, 0, 8, 1],
    ['new-instance', 1, 'Ljava/security/spec/ECGenParameterSpec;'],
    ['const-string', 2, 'secp256r1'],
    ['invoke-direct', `Ljava/security/spec/ECGenParameterSpec;-><init>(${STRING})V`, 1, 2],
    ['invoke-virtual', set('setAlgorithmParameterSpec', 'Ljava/security/spec/AlgorithmParameterSpec;'), 0, 1],
    ['const/16', 1, 1],
    ['new-array', 1, 1, `[${STRING}`],
    ['const-string', 2, 'SHA-256'],
    ['const/16', 3, 0],
    ['aput-object', 2, 1, 3],
    ['invoke-virtual', set('setDigests', `[${STRING}`), 0, 1],
    ['invoke-virtual', set('setAttestationChallenge', '[B'), 0, 7],
    ...(knowsStrongBox ? inStrongBox(set) : []),
    ...(ids === undefined ? [] : withIds(ids, set)),
    ['invoke-virtual', `${BUILDER}->build()${SPEC}`, 0],
    ['move-result-object', 0],
    ['const-string', 1, 'EC'],
    ['const-string', 2, 'AndroidKeyStore'],
    ['invoke-static', `${GENERATOR}->getInstance(${STRING}${STRING})${GENERATOR}`, 1, 2],
    ['move-result-object', 1],
    ['invoke-virtual', `${GENERATOR}->initialize(Ljava/security/spec/AlgorithmParameterSpec;)V`, 1, 0],
    ['invoke-virtual', `${GENERATOR}->generateKeyPair()Ljava/security/KeyPair;`, 1],
    ...OPEN_KEY_STORE,
    ['invoke-virtual', `${KEY_STORE}->getCertificateChain(${STRING})${CHAIN}`, 0, 8],
    ['move-result-object', 0],
    ['return-object', 0],
  ];
}

const inStrongBox = (set: (method: string, argument: string) => string): readonly Line[] => [
  ['const-string', 1, 'strongbox'],
  ['invoke-virtual', CONTAINS, 9, 1],
  ['move-result', 1],
  ['if-eqz', 1, 'trusted environment'],
  ['invoke-virtual', set('setIsStrongBoxBacked', 'Z'), 0, 1],
  ['label', 'trusted environment'],
];

const withIds = (ids: string, set: (method: string, argument: string) => string): readonly Line[] => [
  ['const-string', 1, 'properties'],
  ['invoke-virtual', CONTAINS, 9, 1],
  ['move-result', 1],
  ['if-eqz', 1, 'no identity'],
  ['invoke-virtual', set('setDevicePropertiesAttestationIncluded', 'Z'), 0, 1],
  ['invoke-static', ids, 9],
  ['move-result-object', 1],
  ['invoke-virtual', set('setAttestationIds', '[I'), 0, 1],
  ['label', 'no identity'],
];

/** The keystore in register 0, loaded; 1 is spent. */
const OPEN_KEY_STORE: readonly Line[] = [
  ['const-string', 0, 'AndroidKeyStore'],
  ['invoke-static', `${KEY_STORE}->getInstance(${STRING})${KEY_STORE}`, 0],
  ['move-result-object', 0],
  ['const/16', 1, 0],
  ['invoke-virtual', `${KEY_STORE}->load(Ljava/security/KeyStore$LoadStoreParameter;)V`, 0, 1],
];

/** Prints a chain and its sum. */
const show = (say: string): MethodSource => ({
  name: 'show',
  parameters: [CHAIN],
  returns: 'V',
  registers: 7,
  lines: [
    ['new-instance', 0, 'Ljava/util/zip/CRC32;'],
    ['invoke-direct', 'Ljava/util/zip/CRC32;-><init>()V', 0],
    ['array-length', 1, 6],
    ['const/16', 2, 0],
    ['label', 'next'],
    ['if-ge', 2, 1, 'all'],
    ['aget-object', 3, 6, 2],
    ['invoke-virtual', 'Ljava/security/cert/Certificate;->getEncoded()[B', 3],
    ['move-result-object', 3],
    ['invoke-virtual', 'Ljava/util/zip/CRC32;->update([B)V', 0, 3],
    ['const/16', 4, NO_WRAP],
    ['invoke-static', `Landroid/util/Base64;->encodeToString([BI)${STRING}`, 3, 4],
    ['move-result-object', 3],
    ['const-string', 4, 'C '],
    ['invoke-virtual', CONCAT, 4, 3],
    ['move-result-object', 3],
    ['invoke-static', say, 3],
    ['add-int/lit8', 2, 2, 1],
    ['goto/16', 'next'],
    ['label', 'all'],
    ['invoke-virtual', 'Ljava/util/zip/CRC32;->getValue()J', 0],
    ['move-result-wide', 3],
    ['invoke-static', `Ljava/lang/Long;->toHexString(J)${STRING}`, 3, 4],
    ['move-result-object', 3],
    ['invoke-static', `${STRING}->valueOf(I)${STRING}`, 1],
    ['move-result-object', 0],
    ['const-string', 4, 'K '],
    ['invoke-virtual', CONCAT, 4, 0],
    ['move-result-object', 0],
    ['const-string', 4, ' '],
    ['invoke-virtual', CONCAT, 0, 4],
    ['move-result-object', 0],
    ['invoke-virtual', CONCAT, 0, 3],
    ['move-result-object', 0],
    ['invoke-static', say, 0],
    ['return-void'],
  ],
});

/** Prints why there is no chain, one line a cause. */
const fail = (say: string): MethodSource => ({
  name: 'fail',
  parameters: [THROWABLE],
  returns: 'V',
  registers: 5,
  lines: [
    ['const/16', 0, 0],
    ['label', 'next'],
    ['if-eqz', 4, 'all'],
    ['const/16', 1, CAUSES_MAX],
    ['if-ge', 0, 1, 'all'],
    ['invoke-virtual', `${THROWABLE}->toString()${STRING}`, 4],
    ['move-result-object', 1],
    ['const/16', 2, 10],
    ['const/16', 3, 32],
    ['invoke-virtual', `${STRING}->replace(CC)${STRING}`, 1, 2, 3],
    ['move-result-object', 1],
    ['const-string', 2, 'E '],
    ['invoke-virtual', CONCAT, 2, 1],
    ['move-result-object', 1],
    ['invoke-static', say, 1],
    ['invoke-virtual', `${THROWABLE}->getCause()${THROWABLE}`, 4],
    ['move-result-object', 4],
    ['add-int/lit8', 0, 0, 1],
    ['goto/16', 'next'],
    ['label', 'all'],
    ['return-void'],
  ],
});

/** Deletes the key and says whether it is gone. */
const forget = (say: string): MethodSource => ({
  name: 'forget',
  parameters: [STRING],
  returns: 'V',
  registers: 4,
  lines: [
    ['label', 'begin'],
    ...OPEN_KEY_STORE,
    ['invoke-virtual', `${KEY_STORE}->containsAlias(${STRING})Z`, 0, 3],
    ['move-result', 1],
    ['if-eqz', 1, 'gone'],
    ['invoke-virtual', `${KEY_STORE}->deleteEntry(${STRING})V`, 0, 3],
    ['invoke-virtual', `${KEY_STORE}->containsAlias(${STRING})Z`, 0, 3],
    ['move-result', 1],
    ['if-eqz', 1, 'gone'],
    ['const-string', 0, 'G no'],
    ['goto/16', 'end'],
    ['label', 'gone'],
    ['const-string', 0, 'G yes'],
    ['label', 'end'],
    ['invoke-static', say, 0],
    ['return-void'],
    ['label', 'failed'],
    ['move-exception', 0],
    ['const-string', 0, 'G error'],
    ['goto/16', 'end'],
    ['catch-all', 'begin', 'gone', 'failed'],
  ],
});

/** Deletes keys of ours that lie there from before, whoever cut that run off, and names each. */
const sweep = (say: string): MethodSource => ({
  name: 'sweep',
  parameters: [],
  returns: 'V',
  registers: 6,
  lines: [
    ['label', 'begin'],
    ...OPEN_KEY_STORE,
    ['invoke-virtual', `${KEY_STORE}->aliases()Ljava/util/Enumeration;`, 0],
    ['move-result-object', 1],
    ['invoke-static', 'Ljava/util/Collections;->list(Ljava/util/Enumeration;)Ljava/util/ArrayList;', 1],
    ['move-result-object', 1],
    ['invoke-virtual', 'Ljava/util/ArrayList;->size()I', 1],
    ['move-result', 2],
    ['const/16', 3, 0],
    ['label', 'next'],
    ['if-ge', 3, 2, 'end'],
    ['invoke-virtual', 'Ljava/util/ArrayList;->get(I)Ljava/lang/Object;', 1, 3],
    ['move-result-object', 4],
    ['add-int/lit8', 3, 3, 1],
    ['invoke-static', `${STRING}->valueOf(Ljava/lang/Object;)${STRING}`, 4],
    ['move-result-object', 4],
    ['const-string', 5, LEFTOVER],
    ['invoke-virtual', `${STRING}->matches(${STRING})Z`, 4, 5],
    ['move-result', 5],
    ['if-eqz', 5, 'next'],
    ['invoke-virtual', `${KEY_STORE}->deleteEntry(${STRING})V`, 0, 4],
    ['const-string', 5, 'L '],
    ['invoke-virtual', CONCAT, 5, 4],
    ['move-result-object', 5],
    ['invoke-static', say, 5],
    ['goto/16', 'next'],
    ['label', 'end'],
    ['return-void'],
    ['label', 'failed'],
    ['move-exception', 0],
    ['const-string', 0, 'L error'],
    ['invoke-static', say, 0],
    ['return-void'],
    ['catch-all', 'begin', 'end', 'failed'],
  ],
});

const ATTEMPT = { name: 'attempt', parameters: [APPLICATION, '[B', STRING, STRING], returns: 'Z' };

/** One question: its chain or why not, and its key deleted. Answers whether there is a chain. */
const attempt = (calls: { readonly ask: string; readonly show: string; readonly fail: string; readonly forget: string }): MethodSource => ({
  ...ATTEMPT,
  registers: 6,
  lines: [
    ['label', 'begin'],
    ['invoke-static', calls.ask, 2, 3, 4, 5],
    ['move-result-object', 0],
    ['invoke-static', calls.show, 0],
    ['label', 'end'],
    ['const/16', 1, 1],
    ['goto/16', 'forget'],
    ['label', 'failed'],
    ['move-exception', 0],
    ['invoke-static', calls.fail, 0],
    ['const/16', 1, 0],
    ['label', 'forget'],
    ['invoke-static', calls.forget, 4],
    ['return', 1],
    ['catch-all', 'begin', 'end', 'failed'],
  ],
});

/** Arguments: the nonce in hex, an alias, questions. */
const main = (calls: Readonly<Record<'say' | 'environment' | 'sweep' | 'attempt', string>>): MethodSource => ({
  name: 'main',
  parameters: [`[${STRING}`],
  returns: 'V',
  registers: 8,
  lines: [
    ['const-string', 0, 'ASSAY-ATTEST 1'],
    ['invoke-static', calls.say, 0],
    ['invoke-static', calls.environment],
    ['move-result-object', 1],
    ['invoke-static', calls.sweep],
    // The digits behind "01" keep their leading zeros in the number, whose first byte is then left out.
    ['const/16', 2, 0],
    ['aget-object', 3, 7, 2],
    ['const-string', 0, '01'],
    ['invoke-virtual', CONCAT, 0, 3],
    ['move-result-object', 3],
    ['new-instance', 0, 'Ljava/math/BigInteger;'],
    ['const/16', 4, 16],
    ['invoke-direct', `Ljava/math/BigInteger;-><init>(${STRING}I)V`, 0, 3, 4],
    ['invoke-virtual', 'Ljava/math/BigInteger;->toByteArray()[B', 0],
    ['move-result-object', 0],
    ['array-length', 3, 0],
    ['const/16', 4, 1],
    ['invoke-static', 'Ljava/util/Arrays;->copyOfRange([BII)[B', 0, 4, 3],
    ['move-result-object', 2],
    ['aget-object', 3, 7, 4],
    ['const/16', 4, 2],
    ['array-length', 6, 7],
    ['label', 'next'],
    ['if-ge', 4, 6, 'all'],
    ['aget-object', 5, 7, 4],
    ['add-int/lit8', 4, 4, 1],
    ['const-string', 0, 'TRY '],
    ['invoke-virtual', CONCAT, 0, 5],
    ['move-result-object', 0],
    ['invoke-static', calls.say, 0],
    ['invoke-static', calls.attempt, 1, 2, 3, 5],
    ['move-result', 0],
    ['if-eqz', 0, 'next'],
    ['label', 'all'],
    ['invoke-static', calls.sweep],
    ['const-string', 0, 'END'],
    ['invoke-static', calls.say, 0],
    // Threads of the framework would keep the process.
    ['const/16', 0, 0],
    ['invoke-static', 'Ljava/lang/System;->exit(I)V', 0],
    ['return-void'],
  ],
});
