/**
 * Families that live in firmware, or are made to get there, besides those of `indicators.ts`: Triada, BADBOX, CopyCat, Dvmap, Chrysaor, Pandora.
 * Of two that were published nothing stands here that a file or a name could be held against: Guerrilla (Lemon Group) is told by what it does to `libandroid_runtime` alone, and of SMSreg and Fadeb
 * no package, digest or server was published; the last hid in a Twitter app under another's key, which `packages.repackaged` compares.
 */
import type { Indicator } from '../types.ts';
import { SOURCES } from './sources.ts';

type Family = readonly [family: string, kind: Indicator['class'], source: string];

const rows = ([family, kind, source]: Family, type: Indicator['type'], values: readonly string[]): readonly Indicator[] =>
  values.map((value) => ({ type, value, family, class: kind, sources: [source] }));

const TRIADA: Family = ['Triada', 'malware', SOURCES.xs19pro];
const BADBOX: Family = ['BADBOX', 'malware', SOURCES.t95];
const BADBOX_2: Family = ['BADBOX 2.0', 'malware', SOURCES.human];
const COPYCAT: Family = ['CopyCat', 'adware', SOURCES.checkPoint];
const DVMAP: Family = ['Dvmap', 'malware', SOURCES.dvmap];
const CHRYSAOR: Family = ['Chrysaor (Pegasus for Android)', 'malware', SOURCES.chrysaor];
const PANDORA: Family = ['Pandora', 'malware', `${SOURCES.drweb} Android.Pandora @2c8ac6db`];

/** Servers of BADBOX 2.0; those that it shares with Vo1d stand there. */
export const BADBOX_SERVERS: readonly string[] = [
  'catmore88.com',
  'ipmoyu.com',
  'pcxrl.com',
  'pcxrlback.com',
  'cbphe.com',
  'cbpheback.com',
  'ycxrl.com',
  'ycxrldow.com',
  'ycxad.com',
  'yxcrl.com',
  'yydsma.com',
  'yydsmb.com',
  'yydsmd.com',
  'yydsmr.com',
  'mtcpmpm.com',
  'mtcprogram.com',
  'mtcpuouo.com',
  'duoduodev.com',
  'coslogdydy.in',
  'cxlcyy.com',
  'cxzyr.com',
  'dcylog.com',
  'swiftcode.work',
  'qazwsxedc.xyz',
  'zxcvbnmasdfghjkl.xyz',
  'wildpettykiwi.com',
  'wildpettykiwi.info',
  'wildpettykiwi.xyz',
  'msohu.online',
  'msohu.shop',
  'soyatea.online',
  'supportdatainput.top',
  'sysbinder.com',
  'sysbinder.xyz',
];

export const COPYCAT_SERVERS: readonly string[] = [
  'mostatus.net',
  'mobisummer.com',
  'clickmsummer.com',
  'hummercenter.com',
  'tracksummer.com',
];

export const TRIADA_SERVERS: readonly string[] = [
  's6jvxl.com',
  'he2o9t.com',
  '0gubvi.com',
  's8pa9zb2.com',
  's2f3c4ab.com',
  'c4moosem.com',
  'f4dc6d8n.com',
];

export const firmwareFamilies: readonly Indicator[] = [
  ...rows(['Triada', 'malware', SOURCES.triada231], 'property', [
    'os.config.ppgl.status',
    'os.config.ppgl.dir',
    'os.config.ppgl.version',
    'os.config.ppgl.cd',
  ]),
  ...rows(TRIADA, 'sha256', [
    'e5618997bc25d9e19f71b97cf86bea69cd4a39be2577b3b13681272c310798f3',
    'd5d0cf6c52e03a446210ac5aa4bf7a07f935890f563b8f4d16cd7f36e44a419b',
    '5bb7708755530d86435d6e8718d801ec184e9af31cba9682428a90aed43d3ae6',
    'e1060bb27af9c049d2179fedbf7a83286f91b4e84307a802087e1132141c871a',
    '49cd136e3dae9e7cc3623cecea351650550a13da13ec6ef30ebc46e39a19625d',
  ]),
  ...rows(TRIADA, 'path', ['/data/local/tmp/.SystemConfig', '/data/local/tmp/.SystemData', '/sdcard/.SystemConfig', '/sdcard/.SystemData']),
  ...rows(TRIADA, 'domain', TRIADA_SERVERS),
  ...rows(BADBOX, 'path', ['/data/system/Corejava', '/data/system/shared_prefs/open_preference.xml']),
  ...rows(BADBOX_2, 'domain', BADBOX_SERVERS),
  ...rows(['BADBOX 2.0', 'malware', SOURCES.pointWild], 'package', ['com.hs.app']),
  ...rows(COPYCAT, 'sha256', ['e6ef34577a75fc0dc0a1f473304de1fc3a0d7d330bf58448db5f3108ed92741b']),
  ...rows(COPYCAT, 'domain', COPYCAT_SERVERS),
  ...rows(DVMAP, 'sha256', ['183e069c563bd16219c205f7aa1d64fc7cb93c8205adf8de77c50367d56dfc2b']),
  ...rows(DVMAP, 'md5', ['43680d1914f28e14c90436e1d42984e2']),
  // Its game was in the store in clean versions too.
  ...rows(['Dvmap', 'riskware', SOURCES.dvmap], 'package', ['com.colourblock.flood']),
  ...rows(CHRYSAOR, 'sha256', [
    'ade8bef0ac29fa363fc9afd958af0074478aef650adeb0318517b48bd996d5d5',
    '3474625e63d0893fc8f83034e835472d95195254e1e4bdf99153b7c74eb44d86',
    '9fae5d148b89001555132c896879652fe1ca633d35271db34622248e048c78ae',
  ]),
  ...rows(CHRYSAOR, 'package', ['com.network.android']),
  ...rows(PANDORA, 'path', ['/system/bin/pandoraspear', '/system/bin/pandoraspearrk']),
  ...rows(PANDORA, 'package', [
    'com.android.msandroid',
    'com.global.latinotvod',
    'com.global.unitviptv',
    'com.spanish.latinomobile',
    'com.world.youcinetv',
  ]),
  ...rows(PANDORA, 'sha1', [
    'eb7e9c854508dbfbc3205c42d65efc65fe2aec94',
    'f347afa9e35dbbfc27f5aa3f27ef2fd22e628909',
    '14215a93ed5d0a86f31aab0b2d7be6db8a45a371',
    'a4af993540ff66d3989f1bed013a5b9e86c06f47',
    '315ce059dc226831b691e12cf954d9ed038075ca',
    '59c9f06b3ff2abceb7116ffc9f4566d2466ae4c4',
    '533770922093f567ba6f976308c847cc313786a6',
    '79759135952f88403fe38f242fea42c191412484',
    '9c3b326f38118dd6bcde52c78b39e7665bf56f22',
    '38505df840791e49797cb16e895fecc400e9e57f',
    'a4d2b8bf7f166e99aa0db4336939cbbb8938603a',
    'e4b4cc3bc9c7d8da00010dba040b7d500e4afce8',
    'adaa93cf60ba47bb48892d7067156a1d4d03ed52',
    '864b477f97ce8640c8fbf60d73fbc5552883b20f',
    '952d9d39bccd3c0de975aca2d2ec577f8dac9934',
    'c9a681d3406301ed24f3d27f480cc213862c2bc4',
    'bdeee172f31cd4500bc10de3673bd48c65fd7e89',
    'e7f67afe8ed036cb583c4a13319001e27179ce3b',
  ]),
];
