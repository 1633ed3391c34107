import { expect, test } from 'vitest';
import { choosePerSigner } from './apk-choice.ts';

const row = (name: string, signer: string, flags = 'SYSTEM HAS_CODE', code = `/system/app/${name}`) =>
  `  Package [${name}] (1a2b3c):\n    userId=1000\n    codePath=${code}\n    signatures=PackageSignatures{42f9f6 version:2, signatures:[${signer}], past signatures:[]}\n    flags=[ ${flags} ]\n`;

test('one system package for each signer, and those that others pose as', () => {
  const dump = `Packages:\n${row('a.one', '11')}${row('a.two', '11')}${row('b.one', '22')}${row('com.android.systemui', '11')}${row('user.app', '33', 'HAS_CODE')}`;
  expect(choosePerSigner(dump, 'package:/system/priv-app/B/B.apk=b.one uid:1\n')).toEqual([
    { package: 'a.one', path: '/system/app/a.one/a.one.apk', signer: '11' },
    { package: 'b.one', path: '/system/priv-app/B/B.apk', signer: '22' },
    { package: 'com.android.systemui', path: '/system/app/com.android.systemui/com.android.systemui.apk', signer: '11' },
  ]);
});

test('the form of before Android 7, and what is no dump', () => {
  const dump =
    '  Package [x] (1):\n    codePath=/system/app/X.apk\n    signatures=PackageSignatures{4319a8 [deadbeef]}\n    flags=[ SYSTEM ]\n';
  expect(choosePerSigner(dump, '')).toEqual([{ package: 'x', path: '/system/app/X.apk', signer: 'deadbeef' }]);
  for (const text of ['', 'Can not find service: package', '  Package [', row('x', '')]) expect(choosePerSigner(text, '')).toEqual([]);
});

test('a phone with a signer for each package is not pulled empty', () => {
  const dump = Array.from({ length: 500 }, (_, i) => row(`p.q${i}`, i.toString(16))).join('');
  expect(choosePerSigner(dump, '')).toHaveLength(60);
});
