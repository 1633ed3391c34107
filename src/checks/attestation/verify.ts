/**
 * Verifies a key attestation chain: reads what all rules need, runs every rule, and accepts in one place.
 * A chain that is refused still shows what it claims; the rules say why it may not.
 */
import { equalBytes, FormatError, hashOf, type Oddity, toHex } from '../../bytes/index.ts';
import {
  type Certificate,
  extensionOf,
  KNOX_OID,
  NAME_OID,
  nameText,
  nameValue,
  PROVISIONING_INFO_OID,
  type ProvisioningInfo,
  plainJson,
  readKnoxIntegrity,
  readProvisioningInfo,
  sameName,
} from '../../formats/x509/index.ts';
import { CHAIN_CERTIFICATES_MAX, CHAIN_RULES, hasStatement } from './chain-rules.ts';
import { statementOf } from './statement.ts';
import { STATEMENT_RULES } from './statement-rules.ts';
import { STATUS_FRESH_DAYS, statusAgeDays } from './status-list.ts';
import type {
  Anchor,
  AttestationQuestion,
  AttestationResult,
  Provisioning,
  RevocationResult,
  RootResult,
  Rule,
  RuleContext,
  RuleResult,
} from './types.ts';

/** Answers an attestation question. Never throws on hostile chains: what is wrong is a rule that failed. @throws RangeError for an empty chain */
export async function verifyAttestation(question: AttestationQuestion): Promise<AttestationResult> {
  const context = prepare(question);
  const all = [...CHAIN_RULES, ...STATEMENT_RULES];
  const rules: RuleResult[] = [];
  let allowed = 0;
  for (const rule of all) {
    const result = await runRule(rule, context);
    rules.push(result);
    if (allows(rule, result, question)) allowed++;
  }
  // The one place that accepts: every rule there is ran, and every one of them allows it.
  const trusted = allowed > 0 && allowed === all.length;
  return resultOf(context, rules, trusted);
}

/** Whether a rule's outcome leaves the chain acceptable. A required rule that could not be checked does not. */
function allows({ id, need }: Rule, { outcome }: RuleResult, question: AttestationQuestion): boolean {
  switch (need) {
    case 'reported':
      return true;
    case 'required':
      return outcome === 'pass';
    case 'if-given': {
      const given = id === 'challenge' ? question.challenge !== undefined : question.status !== undefined;
      return outcome === 'pass' || (outcome === 'not-checked' && !given);
    }
  }
}

async function runRule(rule: Rule, context: RuleContext): Promise<RuleResult> {
  try {
    const answer = rule.run(context);
    const { outcome, because } = answer instanceof Promise ? await answer : answer;
    return { rule: rule.id, outcome, because };
  } catch (error) {
    // A part that is read only when a rule asks for it, such as basic constraints.
    if (!(error instanceof FormatError)) throw error;
    return { rule: rule.id, outcome: 'fail', because: error.message };
  }
}

function prepare(question: AttestationQuestion): RuleContext {
  // Rules about length refuse more; nothing else looks further.
  const chain = question.chain.slice(0, CHAIN_CERTIFICATES_MAX + 1);
  const [target] = chain;
  if (target === undefined) throw new RangeError('an empty chain');
  const read = statementOf(target);
  const attestKeys: RuleContext['attestKeys'][number][] = [];
  for (const certificate of chain.slice(1)) {
    if (!hasStatement(certificate)) break;
    const parent = statementOf(certificate);
    attestKeys.push(
      parent instanceof FormatError
        ? parent
        : (parent?.value ??
            new FormatError({ format: 'x509 certificate', field: 'extensions', at: certificate.at }, 'bad-value', 'no statement')),
    );
  }
  const anchor = findAnchor(question, chain);
  return {
    question,
    target,
    description: read instanceof FormatError ? undefined : read?.value,
    descriptionError: read instanceof FormatError ? read : undefined,
    descriptionOddities: read instanceof FormatError ? [] : (read?.oddities ?? []),
    attestKeys,
    anchor,
    provisioning: provisioningOf(chain, anchor),
    revocation: revocationOf(question, chain),
  };
}

/** By key first: a root's certificate may be a newer one than we know, and the oldest has expired. */
function findAnchor({ roots, hash }: AttestationQuestion, chain: readonly Certificate[]): RuleContext['anchor'] {
  const last = chain.at(-1);
  if (last === undefined) return undefined;
  const byKey = roots.find(({ spki }) => equalBytes(spki, last.spki.bytes));
  if (byKey !== undefined) {
    if (byKey.certificates.length === 0) return { anchor: byKey, by: 'key' };
    return { anchor: byKey, by: byKey.certificates.includes(sha256(hash, last)) ? 'certificate' : 'key' };
  }
  if (sameName(last.issuer, last.subject)) return undefined;
  // The chain stops below its root. Whether the root's key signed it is for the signature rule to say.
  const byIssuer = roots.find(
    ({ subject }) => subject !== undefined && sameName(last.issuer, { attributes: subject, bytes: last.issuer.bytes }),
  );
  return byIssuer === undefined ? undefined : { anchor: byIssuer, by: 'issuer' };
}

/** Digests of the certificates that many chains share. They only tell which certificate of a trusted key it was; nothing is trusted for them. */
const digests = new WeakMap<Certificate, string>();

function sha256(hash: AttestationQuestion['hash'], certificate: Certificate): string {
  const known = digests.get(certificate);
  if (known !== undefined) return known;
  const digest = toHex(hashOf(hash, 'sha256', certificate.bytes));
  digests.set(certificate, digest);
  return digest;
}

/** AOSP: a factory names its certificates by serial number and title; the provisioning server is Google's "Droid CA2" above "Droid CA3". */
function provisioningOf(
  chain: readonly Certificate[],
  anchor: { readonly anchor: Anchor; readonly by: RootResult['by'] } | undefined,
): Provisioning {
  if (anchor?.anchor.kind === 'software') return 'software';
  const top = chain[anchor?.by === 'issuer' ? chain.length - 1 : chain.length - 2];
  if (top === undefined || top === chain[0]) return 'unknown';
  const server =
    nameValue(top.subject, NAME_OID.organization) === 'Google LLC' && /^Droid CA\d/.test(nameValue(top.subject, NAME_OID.commonName) ?? '');
  if (server || chain.slice(1).some((certificate) => extensionOf(certificate, PROVISIONING_INFO_OID) !== undefined)) return 'remote';
  return nameValue(top.subject, NAME_OID.serialNumber) === undefined ? 'unknown' : 'factory';
}

function revocationOf({ status, at }: AttestationQuestion, chain: readonly Certificate[]): RevocationResult {
  if (status === undefined) return { status: 'not-checked', serial: null, reason: null, listDate: null, stale: null };
  const age = statusAgeDays(status, at);
  const list = { listDate: status.date ?? null, stale: age === undefined ? null : age > STATUS_FRESH_DAYS };
  for (const { serial } of chain) {
    const entry = status.entries.get(serial);
    if (entry !== undefined) return { status: entry.status, serial, reason: entry.reason ?? null, ...list };
  }
  return { status: 'good', serial: null, reason: null, ...list };
}

function resultOf(context: RuleContext, rules: readonly RuleResult[], trusted: boolean): AttestationResult {
  const { question, description, anchor, provisioning } = context;
  const root = description?.hardwareEnforced.rootOfTrust;
  const info = provisioningInfoOf(question.chain);
  const fresh = trusted && rules.some(({ rule, outcome }) => rule === 'challenge' && outcome === 'pass');
  return {
    trusted,
    root: anchor === undefined ? null : { id: anchor.anchor.id, name: anchor.anchor.name, kind: anchor.anchor.kind, by: anchor.by },
    revocation: context.revocation,
    securityLevel: description?.attestationSecurityLevel ?? null,
    rootOfTrust:
      root === undefined
        ? null
        : {
            verifiedBootState: root.verifiedBootState,
            deviceLocked: root.deviceLocked,
            verifiedBootKey: toHex(root.verifiedBootKey),
            verifiedBootHash: root.verifiedBootHash === undefined ? null : toHex(root.verifiedBootHash),
          },
    attestation: description === undefined ? null : plainJson(description),
    rules,
    standing: { hardwareEnforced: trusted ? 'signed' : 'told', softwareEnforced: 'told', fresh },
    provisioning: { method: provisioning, certificatesIssued: info?.certificatesIssued ?? null, manufacturer: info?.manufacturer ?? null },
    knox: knoxOf(context.target) ?? null,
    certificates: question.chain.slice(0, CHAIN_CERTIFICATES_MAX).map(({ subject, issuer, serial }) => ({
      subject: nameText(subject),
      issuer: nameText(issuer),
      serial,
    })),
    oddities: context.descriptionOddities.slice(0, 64) satisfies readonly Oddity[],
  };
}

function knoxOf(target: Certificate): AttestationResult['knox'] | undefined {
  const extension = extensionOf(target, KNOX_OID);
  if (extension === undefined) return undefined;
  try {
    return readKnoxIntegrity(extension.value, extension.at).value;
  } catch (error) {
    // The knox-integrity rule says why.
    if (!(error instanceof FormatError)) throw error;
    return undefined;
  }
}

function provisioningInfoOf(chain: readonly Certificate[]): ProvisioningInfo | undefined {
  for (const certificate of chain.slice(1, CHAIN_CERTIFICATES_MAX)) {
    const extension = extensionOf(certificate, PROVISIONING_INFO_OID);
    if (extension === undefined) continue;
    try {
      return readProvisioningInfo(extension).value;
    } catch (error) {
      // The provisioning-info rule says why.
      if (!(error instanceof FormatError)) throw error;
      return undefined;
    }
  }
  return undefined;
}
