import { buildWords, claimsOf, natureOf } from '../boot/index.ts';
import { type Draft, defineCheck, failOrPass, notChecked } from '../define.ts';
import { packagesOnce } from './inventory.ts';

/** Parts of the compatibility tests lie on genuine phones under the test key: com.android.cts.ctsshim on the stock Redmi 4A. */
const ALLOWED = /^(com\.android\.cts(\.|$)|android\.tests\.|com\.android\.frameworks\.)/;

export const testKeys = defineCheck({
  id: 'packages.public-keys',
  axis: 'software',
  title: 'System packages under published keys',
  what: 'The signers of system packages against keys whose private halves are published or got out.',
  why: 'Anybody can sign with such a key. A system package under it may be anybody’s.',
  benign: [
    'Makers without certification who never changed the keys.',
    'Vendor apps that a supplier signed carelessly.',
    'com.android.cts.ctsshim, on all phones.',
  ],
  confirm: 'Pull the APK, read its signer, and compare its digest with the official package.',
  strength: 'weak',
  standing: 'told',
  needs: ['packages'],
  settledBy: 'the APKs of the system packages, pulled from the phone',
  group: 'package-signatures',
  causes: ['rom-flash', 'retailer-apps'],
  catches: undefined,
  spec: ['CTS android.security.cts.PackageSignatureTest', 'apvi.issues.chromium.org/issues/42420002'],
  run(context) {
    const items = packagesOnce(context).filter(({ inSystem, signers, name }) => inSystem && signers.length > 0 && !ALLOWED.test(name));
    if (items.length === 0)
      return notChecked('no signer of a system package was read', 'the APKs of the system packages, pulled from the phone');
    const claims = claimsOf(context);
    const findings = items.flatMap((item): Draft[] => {
      const row = context.knowledge.signers.find(({ role, sha256 }) => role === 'test' && item.signers.includes(sha256));
      if (row === undefined || item.name === 'android') return [];
      return [
        {
          claimed: buildWords(claims),
          observed: `${item.name} is signed by the ${row.owner}`,
          because: 'The private half of this key is published.',
          standing: item.standing,
          evidence: [item.place],
          nature: natureOf(claims),
          names: item.name,
        },
      ];
    });
    return failOrPass(findings.slice(0, 50), 'told');
  },
});
