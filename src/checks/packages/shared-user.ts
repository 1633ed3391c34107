import { claimsOf, natureOf } from '../boot/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { packagesOnce, platformSigners } from './inventory.ts';

/** Android 9 brought key rotation: from it on members of one user may carry an earlier key of the same owner. */
const ROTATION_FROM = 28;

export const sharedUser = defineCheck({
  id: 'packages.shared-user',
  axis: 'software',
  title: 'Packages that run as the system',
  what: 'The signer of every package that shares the user android.uid.system against the signer of the platform.',
  why: 'Such a package has the rights of the system itself. The package manager lets in only what the platform key signed, unless somebody turned that check off.',
  benign: ['From Android 9 on, a package may still carry the maker’s earlier key.'],
  confirm: 'Pull the package and framework-res.apk and compare their signers on the computer.',
  strength: 'conclusive',
  impossible:
    'PackageManagerService refuses a package whose signers differ from those of its shared user, at every start and also in the system image (INSTALL_FAILED_SHARED_USER_INCOMPATIBLE). Until Android 8.1 there is no key rotation that could excuse it: the check itself was removed.',
  standing: 'told',
  needs: ['packages'],
  settledBy: 'the APKs of those packages and framework-res.apk, pulled from the phone',
  group: 'package-manager',
  causes: ['rom-flash', 'root'],
  catches: undefined,
  spec: ['AOSP frameworks/base PackageManagerServiceUtils.verifySignatures'],
  run(context) {
    const platform = platformSigners(context);
    const members = packagesOnce(context).filter((item) => item.sharedUser === 'android.uid.system' && item.signers.length > 0);
    if (platform.length === 0 || members.length === 0)
      return notChecked('the signers of the platform and of such packages were not both read', 'their APKs, pulled from the phone');
    const claims = claimsOf(context);
    const digests = new Set(platform.map(({ sha256 }) => sha256));
    const certain = claims.consumer && claims.sdk !== undefined && claims.sdk < ROTATION_FROM;
    const findings = members
      .filter((item) => !item.signers.some((signer) => digests.has(signer)))
      .map(
        (item): Draft => ({
          claimed: `${item.name} runs as the system`,
          observed: `it is signed by ${item.signers[0]?.slice(0, 16)}…, the platform by ${platform[0]?.sha256.slice(0, 16)}…`,
          because: 'The package manager of an unchanged system refuses such a package.',
          standing: item.standing,
          evidence: [item.place, ...platform.slice(0, 1).map(({ place }) => place)],
          nature: natureOf(claims),
          ...(certain ? {} : { strength: 'weak' as const }),
        }),
      );
    return failOrPass(findings, members[0]?.standing ?? 'told');
  },
});
