import type { Signer } from '../../knowledge/index.ts';
import { OWNER_OF_HOUSE } from '../../knowledge/packages/index.ts';
import { type BuildClaims, buildWords, claimsOf, natureOf } from '../boot/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { platformSigners } from './inventory.ts';

export const platformKey = defineCheck({
  id: 'packages.platform-key',
  axis: 'software',
  title: 'Who signed the platform',
  what: 'The certificate of the package `android` against public test keys, leaked keys, and the known keys of the maker that the phone claims.',
  why: 'The platform key decides which apps are part of the system. It cannot be copied from a maker: who rebuilds or changes the framework must sign with another.',
  benign: [
    'Makers who sign what they sell with the public test keys (142 of 250 firmwares in DroidRay, 2014): none that we know to be certified.',
    'Engineering builds, and custom ROMs, which say what they are.',
    'A key of the same maker that we do not know: never more than weak.',
    'Samsung’s own key is among the leaked ones, and still signs its genuine phones.',
  ],
  confirm: 'Pull /system/framework/framework-res.apk and read its signer on the computer.',
  strength: 'conclusive',
  impossible:
    'The private halves of the AOSP test keys are published; CTS PackageSignatureTest fails on every package signed with one, so a certified maker’s release build has none on its platform. A key whose owner is known to be another maker is not in the claimed maker’s hands.',
  standing: 'told',
  needs: [],
  settledBy: 'framework-res.apk, pulled from the phone',
  group: 'platform-signature',
  causes: ['rom-flash'],
  catches: 'app',
  spec: [
    'CTS android.security.cts.PackageSignatureTest',
    'AOSP build/make/target/product/security/README',
    'AOSP frameworks/base PackageManagerService',
  ],
  run(context) {
    const found = platformSigners(context);
    const [known] = found;
    if (known === undefined)
      return notChecked('the signer of the package android was not read', 'framework-res.apk, pulled from the phone');
    const claims = claimsOf(context);
    const findings: Draft[] = [];
    for (const signer of found) {
      const row = context.knowledge.signers.find(({ sha256 }) => sha256 === signer.sha256);
      const judged = judge(row, claims);
      if (judged === undefined) continue;
      findings.push({
        claimed: `${claims.house === undefined ? 'the maker’s own system' : `the system of ${OWNER_OF_HOUSE.get(claims.house) ?? claims.house}`} (${buildWords(claims)})`,
        observed: `the platform is signed by ${row?.owner ?? 'an unknown key'} (${signer.sha256.slice(0, 16)}…)`,
        because: judged.because,
        standing: signer.standing,
        evidence: [signer.place],
        nature: natureOf(claims),
        ...(judged.certain ? {} : { strength: judged.posture ? ('note' as const) : ('weak' as const) }),
        ...(judged.posture ? { axis: 'posture' as const } : {}),
      });
    }
    return failOrPass(findings, known.standing);
  },
});

interface Judged {
  readonly because: string;
  readonly certain: boolean;
  readonly posture: boolean;
}

function judge(row: Signer | undefined, claims: BuildClaims): Judged | undefined {
  const owner = claims.house === undefined ? undefined : OWNER_OF_HOUSE.get(claims.house);
  const says = (because: string, certain: boolean, posture = false): Judged => ({ because, certain, posture });
  if (row === undefined)
    return owner !== undefined && claims.consumer
      ? says(`${owner} is known to sign with another key; this one is not known to us.`, false)
      : undefined;
  if (row.role === 'test')
    return says(
      'The private half of this key is published: anybody can make apps that this phone takes for parts of its system.',
      claims.consumer,
    );
  if (row.role === 'leaked') {
    const foreigner = row.packages.includes('android') && owner !== row.owner;
    if (foreigner)
      return says(`This is the key of ${row.owner}, and got out besides; no other maker can have signed with it.`, claims.consumer);
    return says(
      'This key of the maker got out in 2022 and has signed malware: what it signs is not proven to be the maker’s.',
      false,
      true,
    );
  }
  // A house whose owner is in no table of ours is compared by its own name.
  const own = (owner ?? claims.house ?? '').toLowerCase();
  if (row.role === 'platform' && row.owner.toLowerCase() !== own)
    return says(
      `This is the platform key of ${row.owner}, which the maker claimed does not have.`,
      claims.consumer && claims.house !== undefined,
    );
  return undefined;
}
