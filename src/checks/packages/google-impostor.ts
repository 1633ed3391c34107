import { GOOGLE_CORE_PACKAGES, MICROG_SIGNERS } from '../../knowledge/packages/index.ts';
import { claimsOf, natureOf } from '../boot/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { toolmarksOf } from '../toolmarks.ts';
import { packagesOnce, platformSigners } from './inventory.ts';

export const googleImpostor = defineCheck({
  id: 'packages.google-impostor',
  axis: 'software',
  title: 'Packages in Google’s name',
  what: 'The signers of packages named com.google.* and of the Play Store against Google’s certificates.',
  why: 'The 2015 adware called itself com.google.hfapservice, Cosiloon com.google.eMediaService: a name that nobody questions.',
  benign: [
    'Makers’ overlays and configuration packages in Google’s name space, signed with the platform key.',
    'Google signs some packages with keys that we do not know.',
    'microG, a free replacement that carries Google’s names openly.',
  ],
  confirm: 'Pull the APK and read its signer; Play services updates itself only over Google’s own signature.',
  strength: 'conclusive',
  impossible:
    'Play services, the services framework and the Play Store reach makers signed by Google, and makers cannot sign them again: updates would fail, and the certification (GTS) with them. Under another key they are another program.',
  standing: 'told',
  needs: ['packages'],
  settledBy: 'the APKs of these packages, pulled from the phone',
  group: 'package-signatures',
  causes: ['rom-flash', 'retailer-apps', 'root'],
  catches: undefined,
  spec: ['soupslurpr/AppVerifier: certificates of Google’s packages'],
  run(context) {
    const named = packagesOnce(context).filter(({ name }) => isGoogleName(name));
    const items = named.filter(({ signers }) => signers.length > 0);
    if (items.length === 0)
      return notChecked('no signer of a package in Google’s name was read', 'the APKs of these packages, pulled from the phone');
    const google = new Set(context.knowledge.signers.filter(({ owner }) => owner === 'Google').map(({ sha256 }) => sha256));
    const platform = new Set(platformSigners(context).map(({ sha256 }) => sha256));
    const strangers = new Set(
      packagesOnce(context)
        .filter(({ name }) => !isGoogleName(name))
        .flatMap(({ signers }) => signers),
    );
    const claims = claimsOf(context);
    const findings = items.flatMap((item): Draft[] => {
      if (item.signers.some((signer) => google.has(signer))) return [];
      const core = GOOGLE_CORE_PACKAGES.includes(item.name);
      // A maker's overlays carry the platform key; nothing of Google's core does.
      if (!core && item.signers.some((signer) => platform.has(signer))) return [];
      // Google signs with several keys that we do not know. A key that nothing but packages in Google's name space has is not suspicious for being unknown.
      if (!core && !item.signers.some((signer) => strangers.has(signer))) return [];
      const microg = item.signers.some((signer) => MICROG_SIGNERS.includes(signer));
      const certain = core && !microg && claims.consumer;
      return [
        {
          claimed: 'a package of Google, by its name',
          observed: `${item.name}, signed by ${microg ? 'the microG project' : `${item.signers[0]?.slice(0, 16)}…`}${item.inSystem ? ', in the system' : ''}`,
          because: core
            ? 'Google alone signs this package, and this copy is not signed by Google.'
            : 'Its name is in Google’s name space; its key signs packages of another name on this phone too, and is none that we know to be Google’s.',
          standing: item.standing,
          evidence: [item.place],
          nature: natureOf(claims),
          toolmarks: toolmarksOf(
            context,
            'signer',
            item.signers.filter((signer) => !platform.has(signer)),
          ),
          ...(certain ? {} : { strength: microg ? ('note' as const) : ('weak' as const) }),
          ...(item.inSystem || core ? {} : { axis: 'posture' as const }),
        },
      ];
    });
    return failOrPass(findings.slice(0, 50), 'told');
  },
});

const isGoogleName = (name: string) => name.startsWith('com.google.') || name === 'com.android.vending';
