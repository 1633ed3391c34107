/**
 * Rules about the statement: whether the key description holds together, and what it says of the phone.
 * Spec: AOSP KeyCreationResult.aidl and Tag.aidl; "Verified boot state" in AVB.
 */
import { equalBytes, FormatError, toHex } from '../../bytes/index.ts';
import {
  extensionOf,
  type KeyDescription,
  KNOX_OID,
  keyKindOf,
  NAME_OID,
  nameValue,
  PROVISIONING_INFO_OID,
  patchMonth,
  readKnoxIntegrity,
  readProvisioningInfo,
} from '../../formats/x509/index.ts';
import { PUBLIC_BOOT_KEYS, VERIFIED_BOOT_KEYS } from '../../knowledge/attestation/index.ts';
import { fail, notChecked, pass } from './chain-rules.ts';
import type { Rule, RuleContext, RuleResult } from './types.ts';

/** The newest attestation version whose tags are all in our table. */
const KNOWN_VERSION = 500;
/** Versions that exist: Keymaster 2, 3, 4, 4.1; KeyMint 1 to 5. */
const VERSIONS: readonly number[] = [1, 2, 3, 4, 100, 200, 300, 400, 500];

type Answer = Omit<RuleResult, 'rule'>;

/** Runs a rule on the statement; without one there is nothing to check. */
const onStatement =
  (run: (description: KeyDescription, context: RuleContext) => Answer): Rule['run'] =>
  (context) =>
    context.description === undefined ? notChecked('there is no statement') : run(context.description, context);

const statement: Rule = {
  id: 'statement',
  need: 'required',
  run({ description, descriptionError }) {
    if (descriptionError !== undefined) return fail(`the attestation extension does not parse: ${descriptionError.message}`);
    if (description === undefined) return fail('the target certificate carries no attestation extension');
    const { attestationVersion } = description;
    if (attestationVersion > KNOWN_VERSION)
      return pass(`attestation version ${attestationVersion}, newer than ${KNOWN_VERSION}: fields may be missing here`);
    return VERSIONS.includes(attestationVersion)
      ? pass(`attestation version ${attestationVersion}`)
      : fail(`attestation version ${attestationVersion} does not exist`);
  },
};

const statementTags: Rule = {
  id: 'statement-tags',
  need: 'required',
  run: onStatement((description, { descriptionOddities }) => {
    const duplicate = descriptionOddities.find(({ code }) => code === 'duplicate-tag');
    if (duplicate !== undefined) return fail(`${duplicate.field} occurs twice: two readers could read two statements`);
    const malformed = descriptionOddities.find(
      ({ code, field }) => code === 'malformed-field' && /\.(origin|rootOfTrust|purposes)$/.test(field),
    );
    if (malformed !== undefined) return fail(`${malformed.field} does not parse: ${malformed.detail}`);
    const unknown = descriptionOddities.find(({ code }) => code === 'unknown-tag');
    if (unknown === undefined) return pass('every tag is known and occurs once');
    return description.attestationVersion > KNOWN_VERSION
      ? pass(`${unknown.field} is not known, which version ${description.attestationVersion} may have added`)
      : fail(`${unknown.field} is in no schema of version ${description.attestationVersion}`);
  }),
};

const challenge: Rule = {
  id: 'challenge',
  need: 'if-given',
  run({ question, description }) {
    if (question.challenge === undefined) return notChecked('no challenge was given: the chain may be of any age and for anybody');
    if (description === undefined) return fail('there is no statement that could hold the challenge');
    return equalBytes(description.attestationChallenge, question.challenge)
      ? pass('the statement holds our challenge')
      : fail(
          `the statement holds the challenge ${toHex(description.attestationChallenge.subarray(0, 64))}, not ours: it was made for another question`,
        );
  },
};

/** The level that the nearest certificate with one in its name claims: `title=StrongBox` from a factory, `O=TEE` from the provisioning server. */
function certificateLevel({ question: { chain }, attestKeys }: RuleContext): string | undefined {
  for (const { subject } of chain.slice(1 + attestKeys.length)) {
    for (const name of [nameValue(subject, NAME_OID.title), nameValue(subject, NAME_OID.organization)]) {
      if (name === 'TEE') return 'TRUSTED_ENVIRONMENT';
      if (name === 'StrongBox') return 'STRONG_BOX';
    }
  }
  return undefined;
}

const securityLevel: Rule = {
  id: 'security-level',
  need: 'required',
  run: onStatement(({ attestationSecurityLevel, keyMintSecurityLevel }, context) => {
    if (attestationSecurityLevel === 'SOFTWARE') return fail('the statement was made in software');
    if (keyMintSecurityLevel !== attestationSecurityLevel)
      return fail(`the key lives at ${keyMintSecurityLevel}, and the statement was made at ${attestationSecurityLevel}`);
    const named = certificateLevel(context);
    if (named !== undefined && named !== attestationSecurityLevel)
      return fail(`the statement was made at ${attestationSecurityLevel} with a certificate for ${named}`);
    return pass(
      named === undefined ? `made at ${attestationSecurityLevel}` : `made at ${attestationSecurityLevel}, as its certificate says`,
    );
  }),
};

const keyOrigin: Rule = {
  id: 'key-origin',
  need: 'required',
  run: onStatement(({ hardwareEnforced, softwareEnforced }) => {
    if (hardwareEnforced.origin === 'GENERATED') return pass('the key was generated in the secure world');
    if (hardwareEnforced.origin !== undefined) return fail(`the key's origin is ${hardwareEnforced.origin}, not GENERATED`);
    return fail(
      softwareEnforced.origin === undefined
        ? 'the statement names no origin of the key'
        : `only software names the key's origin, ${softwareEnforced.origin}`,
    );
  }),
};

/** KeyMint's algorithm numbers. */
const ALGORITHM = { rsa: 1, ec: 3 } as const;
const CURVES: Readonly<Record<number, string>> = { 0: 'P-224', 1: 'P-256', 2: 'P-384', 3: 'P-521', 4: 'curve 25519' };

const keyMatch: Rule = {
  id: 'key-match',
  need: 'required',
  run: onStatement(({ hardwareEnforced: list }, { target }) => {
    let key: ReturnType<typeof keyKindOf>;
    try {
      key = keyKindOf(target.spki);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      return fail(`the certified key does not parse: ${error.message}`);
    }
    if (list.algorithms === ALGORITHM.rsa && key.kind !== 'rsa')
      return fail(`the statement is of an RSA key, and the certificate holds one of kind ${key.kind}`);
    if (list.algorithms === ALGORITHM.ec && key.kind !== 'ec' && key.kind !== 'ed25519' && key.kind !== 'x25519') {
      return fail(`the statement is of an elliptic curve key, and the certificate holds one of kind ${key.kind}`);
    }
    if (key.kind === 'rsa' && list.keySize !== undefined && list.keySize !== key.bits)
      return fail(`the statement is of ${list.keySize} bits, and the certified key has ${key.bits}`);
    const curve = list.ecCurve === undefined ? undefined : CURVES[list.ecCurve];
    const onCurve = key.kind === 'ec' ? key.curve : key.kind === 'ed25519' || key.kind === 'x25519' ? 'curve 25519' : undefined;
    if (onCurve !== undefined && curve !== undefined && curve !== onCurve)
      return fail(`the statement is of curve ${curve}, and the certified key is on ${onCurve}`);
    if (list.mlDsaVariant !== undefined && key.kind !== 'ml-dsa')
      return fail(`the statement is of an ML-DSA key, and the certificate holds one of kind ${key.kind}`);
    return pass('the certified key is of the kind that the statement describes');
  }),
};

const rootOfTrust: Rule = {
  id: 'root-of-trust',
  need: 'required',
  run: onStatement(({ hardwareEnforced, softwareEnforced }) => {
    if (hardwareEnforced.rootOfTrust !== undefined) {
      return softwareEnforced.rootOfTrust === undefined
        ? pass('the secure world states a root of trust')
        : fail('software states a second root of trust');
    }
    return fail(
      softwareEnforced.rootOfTrust === undefined ? 'the statement holds no root of trust' : 'only software states a root of trust',
    );
  }),
};

const provisioningInfo: Rule = {
  id: 'provisioning-info',
  need: 'reported',
  run({ question: { chain }, provisioning }) {
    for (const certificate of chain) {
      const extension = extensionOf(certificate, PROVISIONING_INFO_OID);
      if (extension === undefined) continue;
      try {
        const { certificatesIssued } = readProvisioningInfo(extension).value;
        return pass(`remotely provisioned; ${certificatesIssued ?? 'an unknown number of'} certificates issued to the device in 30 days`);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        return fail(`the provisioning info does not parse: ${error.message}`);
      }
    }
    return notChecked(`${provisioning} provisioning without provisioning info`);
  },
};

const deviceLocked: Rule = {
  id: 'device-locked',
  need: 'reported',
  run: onStatement(({ hardwareEnforced: { rootOfTrust: root } }) => {
    if (root === undefined) return notChecked('there is no root of trust');
    return root.deviceLocked ? pass('the boot loader is locked') : fail('the boot loader is unlocked: anything may run');
  }),
};

const verifiedBoot: Rule = {
  id: 'verified-boot',
  need: 'reported',
  run: onStatement(({ hardwareEnforced: { rootOfTrust: root } }) => {
    if (root === undefined) return notChecked('there is no root of trust');
    switch (root.verifiedBootState) {
      case 'VERIFIED':
        return root.deviceLocked
          ? pass("what booted was verified with the maker's key")
          : fail('VERIFIED on an unlocked phone, which cannot be');
      case 'SELF_SIGNED':
        return fail("what booted was verified with a key that is not the maker's");
      case 'UNVERIFIED':
        return fail('what booted was not verified');
      case 'FAILED':
        return fail('what booted failed verification');
    }
  }),
};

const verifiedBootKey: Rule = {
  id: 'verified-boot-key',
  need: 'reported',
  run: onStatement(({ hardwareEnforced: { rootOfTrust: root } }) => {
    if (root === undefined) return notChecked('there is no root of trust');
    const { verifiedBootKey: key, verifiedBootState } = root;
    if (key.every((byte) => byte === 0)) {
      return verifiedBootState === 'VERIFIED'
        ? fail('VERIFIED, and the key that verified is empty or all zeros')
        : notChecked('no key verified boot');
    }
    const hex = toHex(key);
    const published = PUBLIC_BOOT_KEYS.get(hex);
    if (published !== undefined) return fail(`the key ${published} comes with AVB: anybody can sign what it verifies`);
    const known = VERIFIED_BOOT_KEYS.find((row) => row.key === hex);
    if (known === undefined) return notChecked(`${hex} is in no table of makers' keys`);
    if (known.system === 'stock') {
      return verifiedBootState === 'VERIFIED'
        ? pass(`the key of the stock system of ${known.model}`)
        : fail(`the key of the stock system of ${known.model}, in state ${verifiedBootState}`);
    }
    return verifiedBootState === 'SELF_SIGNED'
      ? pass(`the key of ${known.system} for ${known.model}`)
      : fail(`the key of ${known.system} for ${known.model}, in state ${verifiedBootState}`);
  }),
};

const patchLevels: Rule = {
  id: 'patch-levels',
  need: 'reported',
  run: onStatement(({ hardwareEnforced: list }) => {
    const levels = [list.osPatchLevel, list.vendorPatchLevel, list.bootPatchLevel].filter((level) => level !== undefined);
    if (levels.length === 0) return notChecked('no patch level is stated');
    const bad = levels.find((level) => patchMonth(level) === undefined);
    return bad === undefined ? pass(levels.join(', ')) : fail(`${bad} is neither YYYYMM nor YYYYMMDD; many genuine phones misencode it`);
  }),
};

/** Samsung's own words; a fuse that blew says that another kernel ran once, nothing of what runs now. */
const knoxIntegrity: Rule = {
  id: 'knox-integrity',
  need: 'reported',
  run({ target }) {
    const extension = extensionOf(target, KNOX_OID);
    if (extension === undefined) return notChecked('the target carries no extension of Samsung’s');
    // Throws where it does not parse, which is a rule that failed.
    const status = readKnoxIntegrity(extension.value, extension.at).value;
    if (status === undefined) return notChecked('the extension of Samsung’s states no integrity');
    const words = Object.entries(status).map(([name, word]) => `${name} ${word}`);
    const bad = Object.entries(status).flatMap(([name, word]) => (word === 'abnormal' ? [name] : []));
    return bad.length === 0
      ? pass(words.join(', ') || 'nothing is stated')
      : fail(`Samsung’s secure world states ${bad.join(', ')} abnormal`);
  },
};

const encoding: Rule = {
  id: 'encoding',
  need: 'reported',
  run: onStatement((_description, { descriptionOddities }) => {
    const [first] = descriptionOddities;
    return first === undefined
      ? pass('the statement is in the form that DER and the schema want')
      : fail(`${first.code} at ${first.field}: ${first.detail}`);
  }),
};

export const STATEMENT_RULES: readonly Rule[] = [
  statement,
  statementTags,
  challenge,
  securityLevel,
  keyOrigin,
  keyMatch,
  rootOfTrust,
  provisioningInfo,
  deviceLocked,
  verifiedBoot,
  verifiedBootKey,
  patchLevels,
  knoxIntegrity,
  encoding,
];
