/**
 * Rules about the chain: whether its certificates may vouch for the target at all.
 * Spec: AOSP "Verify hardware-backed key pairs with key attestation"; RFC 5280 6.1 where phones follow it (many factory chains do not: see each rule).
 */
import { equalBytes, FormatError, type Instant, instantMs, type SignatureQuestion } from '../../bytes/index.ts';
import {
  basicConstraintsOf,
  type Certificate,
  EAT_OID,
  KEY_DESCRIPTION_OID,
  mayCertSign,
  nameText,
  sameName,
  signatureSchemeOf,
} from '../../formats/x509/index.ts';
import { STATUS_FRESH_DAYS, statusAgeDays } from './status-list.ts';
import type { Rule, RuleContext, RuleResult } from './types.ts';

/** Root, two or three intermediates, attested keys, target: the longest genuine chain has six. */
export const CHAIN_CERTIFICATES_MAX = 10;

type Answer = Omit<RuleResult, 'rule'>;
export const pass = (because: string): Answer => ({ outcome: 'pass', because });
export const fail = (because: string): Answer => ({ outcome: 'fail', because });
export const notChecked = (because: string): Answer => ({ outcome: 'not-checked', because });

/** For messages: certificate 0 is the target. */
const label = (index: number) => (index === 0 ? 'the target certificate' : `certificate ${index}`);

export const hasStatement = (certificate: Certificate): boolean =>
  certificate.extensions.some(({ oid }) => oid === KEY_DESCRIPTION_OID || oid === EAT_OID);

/** The certificates above the target that are not the root itself. */
function between(context: RuleContext): readonly Certificate[] {
  const { chain } = context.question;
  return chain.slice(1, context.anchor?.by === 'issuer' ? undefined : chain.length - 1);
}

const chainLength: Rule = {
  id: 'chain-length',
  need: 'required',
  run({ question: { chain } }) {
    if (chain.length > CHAIN_CERTIFICATES_MAX)
      return fail(`${chain.length} certificates; genuine chains have at most 6, and more than ${CHAIN_CERTIFICATES_MAX} are not looked at`);
    return chain.length < 2 ? fail('a certificate alone: nothing vouches for it') : pass(`${chain.length} certificates`);
  },
};

const chainForm: Rule = {
  id: 'chain-form',
  need: 'required',
  run({ question: { chain } }) {
    for (const [index, certificate] of chain.slice(0, CHAIN_CERTIFICATES_MAX).entries()) {
      if (certificate.version !== 3) return fail(`${label(index)} is of version ${certificate.version}, not 3`);
      // RFC 5280 4.1.1.2: the algorithm outside the signed bytes must be the one inside.
      if (certificate.signatureAlgorithm.oid !== certificate.tbsSignatureAlgorithm.oid) {
        return fail(
          `${label(index)} states two signature algorithms, ${certificate.tbsSignatureAlgorithm.oid} and ${certificate.signatureAlgorithm.oid}`,
        );
      }
      const oids = certificate.extensions.map(({ oid }) => oid);
      const twice = oids.find((oid, at) => oids.indexOf(oid) !== at);
      if (twice !== undefined) return fail(`${label(index)} holds extension ${twice} twice: two readers could read two statements`);
      // At most ten certificates come this far, so every pair may be compared.
      if (chain.slice(0, index).some(({ bytes }) => equalBytes(bytes, certificate.bytes)))
        return fail(`${label(index)} occurs twice in the chain`);
    }
    return pass('each certificate is of version 3, states one algorithm, and occurs once');
  },
};

const chainNames: Rule = {
  id: 'chain-names',
  need: 'required',
  run({ question: { chain }, anchor }) {
    for (const [index, certificate] of chain.entries()) {
      const issuer = chain[index + 1];
      if (issuer !== undefined && !sameName(certificate.issuer, issuer.subject)) {
        return fail(
          `${label(index)} names the issuer ${nameText(certificate.issuer)}, and ${label(index + 1)} is ${nameText(issuer.subject)}`,
        );
      }
    }
    const last = chain.at(-1);
    if (last !== undefined && !sameName(last.issuer, last.subject) && anchor === undefined)
      return fail(`the chain stops at ${nameText(last.subject)}, which ${nameText(last.issuer)} issued`);
    return pass('each certificate names the next as its issuer');
  },
};

/**
 * AOSP: only the target may carry a statement. A key with purpose ATTEST_KEY may stand above it, itself attested; a key of any other purpose can
 * make a secure world sign whatever looks like a certificate, so what it signed says nothing.
 */
const chainPosition: Rule = {
  id: 'chain-position',
  need: 'required',
  run(context) {
    const { attestKeys, description, provisioning } = context;
    const above = between(context);
    for (const [at, parent] of attestKeys.entries()) {
      if (parent instanceof FormatError) return fail(`${label(at + 1)} carries a statement that does not parse: ${parent.message}`);
      const { purposes, origin, rootOfTrust } = parent.hardwareEnforced;
      if (purposes?.length !== 1 || purposes[0] !== ATTEST_KEY) {
        return fail(
          `${label(at + 1)} is itself attested and its purposes are ${JSON.stringify(purposes ?? [])}, not ATTEST_KEY alone: such a key signs anything`,
        );
      }
      if (origin !== 'GENERATED') return fail(`${label(at + 1)} is an attesting key that was not generated in hardware`);
      if (description === undefined) continue;
      if (parent.attestationSecurityLevel !== description.attestationSecurityLevel) {
        return fail(
          `${label(at + 1)} lives at ${parent.attestationSecurityLevel}, and what it attests at ${description.attestationSecurityLevel}`,
        );
      }
      const own = description.hardwareEnforced.rootOfTrust;
      if (JSON.stringify(plainRoot(rootOfTrust)) !== JSON.stringify(plainRoot(own)))
        return fail(`${label(at + 1)} states another root of trust than the target`);
    }
    const upper = above.slice(attestKeys.length);
    const stray = upper.findIndex(hasStatement);
    if (stray >= 0) return fail(`${label(stray + 1 + attestKeys.length)} carries a statement above certificates that carry none`);
    // Root, factory intermediate, batch key; or root, two servers, the phone's own certificate. One more, and a batch key signed a batch key.
    const most = provisioning === 'remote' || provisioning === 'unknown' ? 3 : 2;
    if (upper.length > most)
      return fail(
        `${upper.length} certificates between root and target, where ${provisioning} provisioning has ${most}: a key further down issued one of them`,
      );
    if (upper.length === 0) return fail('no certificate between root and target: the root signs no statement itself');
    for (const [offset, certificate] of upper.entries()) {
      const index = offset + 1 + attestKeys.length;
      // Old factory chains leave both extensions out, so absence is no refusal; position says what they may do.
      const constraints = basicConstraintsOf(certificate);
      if (constraints !== undefined && !constraints.ca)
        return fail(`${label(index)} issued a certificate and is no CA: a leaf signed a leaf`);
      if (mayCertSign(certificate) === false) return fail(`${label(index)} issued a certificate, which its key usage forbids`);
      if (constraints?.pathLength !== undefined && offset > constraints.pathLength) {
        return fail(`${label(index)} allows ${constraints.pathLength} certificates below it, and ${offset} are there`);
      }
    }
    return pass(
      attestKeys.length === 0
        ? 'only the target carries a statement'
        : `the target, and ${attestKeys.length} attesting key above it, carry statements`,
    );
  },
};

/** KeyMint's purpose ATTEST_KEY. */
const ATTEST_KEY = 7;

const plainRoot = (
  root: { readonly verifiedBootKey: Uint8Array; readonly deviceLocked: boolean; readonly verifiedBootState: string } | undefined,
) => (root === undefined ? null : [[...root.verifiedBootKey], root.deviceLocked, root.verifiedBootState]);

const chainAnchor: Rule = {
  id: 'chain-anchor',
  need: 'required',
  run({ anchor }) {
    if (anchor === undefined) return fail('the chain ends in a key that is none of the roots given');
    const { name, kind } = anchor.anchor;
    switch (kind) {
      case 'software':
        return fail(`the chain ends in the ${name}: anybody can sign with it`);
      case 'test':
        return fail(`the chain ends in the ${name}: no phone in the field may`);
      case 'google':
      case 'knox':
      case 'given':
        return pass(`the chain ends in the ${name}`);
    }
  },
};

/**
 * The target's dates are the phone's own word and the root's are replaced by its key's, so neither counts. Certificates made in a factory live as long
 * as their phone: their end is not enforced. Remotely provisioned ones are meant to run out.
 */
const chainDates: Rule = {
  id: 'chain-dates',
  need: 'required',
  run(context) {
    const { question, attestKeys, provisioning } = context;
    let expired = 0;
    for (const [offset, certificate] of between(context).slice(attestKeys.length).entries()) {
      const where = label(offset + 1 + attestKeys.length);
      const { notBefore, notAfter } = certificate;
      if (notBefore === undefined || notAfter === undefined) return fail(`${where} has dates that name no moment`);
      if (isBefore(question.at, notBefore)) return fail(`${where} is valid from ${notBefore}, after ${question.at}`);
      if (!isBefore(notAfter, question.at)) continue;
      if (provisioning !== 'factory') return fail(`${where} was valid until ${notAfter}, before ${question.at}`);
      expired++;
    }
    return pass(
      expired === 0
        ? `all intermediates are valid at ${question.at}`
        : `${expired} factory certificate(s) have run out, which is not enforced for factory provisioning`,
    );
  },
};

/** Texts to the second compare as texts, which is cheaper than calendars. */
const isBefore = (a: Instant, b: Instant): boolean => (a.length === 20 && b.length === 20 ? a < b : instantMs(a) < instantMs(b));

const chainSignatures: Rule = {
  id: 'chain-signatures',
  need: 'required',
  async run({ question, anchor }) {
    const { chain, verify, cache } = question;
    if (chain.length > CHAIN_CERTIFICATES_MAX) return notChecked('the chain is too long to be looked at');
    const questions: SignatureQuestion[] = [];
    for (const [index, certificate] of chain.entries()) {
      const above = chain[index + 1];
      const selfIssued = above === undefined && sameName(certificate.issuer, certificate.subject);
      // A root that somebody else certified is trusted for its key: who signed its certificate says nothing more.
      if (above === undefined && !selfIssued && anchor !== undefined && anchor.by !== 'issuer') break;
      const spki = above?.spki.bytes ?? (selfIssued ? certificate.spki.bytes : anchor?.anchor.spki);
      if (spki === undefined) return notChecked(`the issuer of ${label(index)} is not there`);
      const scheme = signatureSchemeOf(certificate.signatureAlgorithm);
      if (scheme === undefined)
        return notChecked(`${label(index)} is signed with ${certificate.signatureAlgorithm.oid}, which is not known`);
      questions.push({ scheme, spki, data: certificate.tbs, signature: certificate.signature });
    }
    // Every target is new: only what many chains share is remembered.
    const upper = questions.slice(1);
    const known = cache !== undefined && upper.length > 0 && cache.knows(upper);
    for (const [index, asked] of questions.entries()) {
      if (known && index > 0) break;
      const answer = await verify(asked);
      if (answer === 'invalid') return fail(`the signature of ${label(index)} does not verify under its issuer's key`);
      if (answer === 'unsupported') return notChecked(`this machine cannot verify the ${asked.scheme.kind} signature of ${label(index)}`);
    }
    if (!known && upper.length > 0) cache?.keep(upper);
    return pass(`${chain.length} signatures verify`);
  },
};

const revocation: Rule = {
  id: 'revocation',
  need: 'if-given',
  run({ question: { status }, revocation: found }) {
    if (status === undefined) return notChecked('no status list was given');
    if (found.status === 'REVOKED' || found.status === 'SUSPENDED') {
      return fail(
        `serial number ${found.serial} is ${found.status}${found.reason === null ? '' : ` (${found.reason})`} on the list of ${found.listDate ?? 'unknown date'}`,
      );
    }
    return pass(`none of the serial numbers is on the list of ${found.listDate ?? 'unknown date'} (${status.entries.size} entries)`);
  },
};

const statusListAge: Rule = {
  id: 'status-list-age',
  need: 'reported',
  run({ question: { status, at } }) {
    if (status === undefined) return notChecked('no status list was given');
    const age = statusAgeDays(status, at);
    if (age === undefined) return notChecked('the date of the status list is not known');
    const days = Math.floor(age);
    return age > STATUS_FRESH_DAYS
      ? fail(`the status list is ${days} days older than ${at}; keys revoked since then are not on it`)
      : pass(`the status list is ${days <= 0 ? 'of that day or newer' : `${days} days old`}`);
  },
};

export const CHAIN_RULES: readonly Rule[] = [
  chainLength,
  chainForm,
  chainNames,
  chainPosition,
  chainAnchor,
  chainDates,
  chainSignatures,
  revocation,
  statusListAge,
];
