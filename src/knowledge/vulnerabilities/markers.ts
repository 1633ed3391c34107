/**
 * What a fix leaves in a binary. Many fixes of 2015 to 2017 report an attack under the number of their bug, to the log (`ALOGE("b/24346430")`) or the event log
 * (`android_errorWriteLog(0x534e4554, "26366256")`), so the number stands in the fixed library as a string; others bring a text, a method or a parameter of their own.
 * A marker that is there shows that the fix is. One that is not there shows little: a maker may have fixed it otherwise, or left the report out (SRLabs' correction of June 2018
 * names exactly this error), so absence is weak, and only of the library in which the platform's own fix is.
 *
 * Source of each bug number: the `References` of the bulletin's row; of the library: the file in AOSP that calls with it, named beside it.
 */
export interface PatchMarker {
  readonly cve: string;
  /** Base names of files in which the fix is, as makers name them. */
  readonly files: readonly string[];
  /** A number stands alone or behind `b/`; any other text is the whole string. */
  readonly marker: { readonly kind: 'string'; readonly text: string } | FieldMarker;
  /** The file of AOSP that has it, and where it was read with the fix and, where the text is no bug's number, without it. */
  readonly source: string;
  /** Android versions, as `affectsVersion` reads them, in whose own source the changed code is: in others its absence says nothing. Undefined: all that the bulletin names. */
  readonly releases?: string;
  /** Android versions whose own source has the trace from the start: there the version claims the fix, whatever the level. */
  readonly shipped?: string;
}

/** A flag that the fix gives a field: no text, but it stands in the DEX file. `text` says so to people. */
export interface FieldMarker {
  readonly kind: 'field';
  readonly text: string;
  /** Descriptors of the class, as releases have moved it. */
  readonly classes: readonly string[];
  readonly name: string;
  readonly flag: number;
}

/** Of a field's access flags. */
const TRANSIENT = 0x80;

const STAGEFRIGHT = ['libstagefright.so'];
/** Until Android 7 OMXNodeInstance is in libstagefright, from 8 on in a library of its own. */
const OMX = ['libstagefright.so', 'libstagefright_omx.so'];

/** Where java.* is: the jar, which code that was compiled for the phone has the name of, or from Android 5 on the image of all of the framework. */
const CORE = ['core.jar', 'core-libart.jar', 'boot.oat'];
/** The fixes of 2015 that were read are those of Android 5 or of 6 only: of what makers brought over to older code nothing is asked. */
const LOLLIPOP = '>=5.0 <=6.0';
const MARSHMALLOW = '>=6.0 <=6.0';

const bug = (cve: string, text: string, files: readonly string[], source: string): PatchMarker => ({
  cve,
  files,
  marker: { kind: 'string', text },
  source,
});

export const patchMarkers: readonly PatchMarker[] = [
  {
    ...bug(
      'CVE-2013-4787',
      'Duplicate entry name: ',
      CORE,
      'libcore luni java/util/zip/ZipFile.java: without adrian-bl-hox-jb/android_libcore at 4e6f1f2e; with CyanogenMod/android_libcore at 015d0e61, 4.4 quanganh2627/baytrail-i-x64-kitkat_libcore at 78edf442, a Samsung build of 4.4.2 in oloendithas/T705_ANF7 at dddcba6c',
    ),
    shipped: '>=4.4 <=4.4',
  },
  // The name of a parameter, which the platform’s build keeps in the debug information.
  bug(
    'ANDROID-13678484',
    'chainCheck',
    CORE,
    'libcore luni org/apache/harmony/security/utils/JarUtils.java: without CyanogenMod/android_libcore at 0eacbe9c; with SlimSaber/platform_libcore at 14619437, compiled in oloendithas/T705_ANF7 at dddcba6c',
  ),
  bug(
    'CVE-2014-7911',
    'checkAndGetTcObjectClass',
    CORE,
    'libcore luni java/io/ObjectStreamClass.java: without CyanogenMod/android_libcore at 0356c447; with codeaurora-unoffical/platform-libcore at 76f99f7b, multi-os-engine/libcore at 345e577d',
  ),
  bug(
    'CVE-2015-1474',
    'unflatten: numFds or numInts is too large: %d, %d',
    ['libui.so'],
    'frameworks/native GraphicBuffer.cpp: without CyanogenMod/android_frameworks_native at 02528cf6; with it in copies of the file of 5 that were found by this text; since 6 with %zd: LineageOS/android_frameworks_native at 03448604',
  ),
  // A pointer that was serialized with its object: since the fix it is left out. CVE-2015-3825 is another number of it.
  {
    cve: 'CVE-2015-3837',
    files: ['conscrypt.jar', 'boot.oat'],
    marker: {
      kind: 'field',
      text: 'OpenSSLX509Certificate.mContext is transient',
      classes: ['Lcom/android/org/conscrypt/OpenSSLX509Certificate;', 'Lorg/conscrypt/OpenSSLX509Certificate;'],
      name: 'mContext',
      flag: TRANSIENT,
    },
    source:
      'external/conscrypt OpenSSLX509Certificate.java: without and with it AOSP edf70554; with it NamelessRom/android_external_conscrypt at 1a2c4643; under its moved name compiled in OEM-customization/diffing_pipeline',
    releases: LOLLIPOP,
  },
  {
    ...bug(
      'CVE-2015-6608',
      '23680780',
      STAGEFRIGHT,
      'frameworks/av libstagefright Utils.cpp, found by the number; without it CyanogenMod/android_frameworks_av at 001c3e71',
    ),
    releases: MARSHMALLOW,
  },
  {
    ...bug(
      'CVE-2015-6611',
      '23912202',
      ['libmedia.so'],
      'frameworks/av IAudioPolicyService.cpp in LineageOS/android_frameworks_av at 0ca72f6f',
    ),
    releases: MARSHMALLOW,
  },
  {
    ...bug(
      'CVE-2015-6616',
      'b/24441553, b/24445122',
      STAGEFRIGHT,
      'frameworks/av MPEG4Extractor.cpp in ROMSecPatches/android_frameworks_av at d7776523',
    ),
    releases: LOLLIPOP,
  },
  // A method in the header of a class of libstagefright.
  {
    ...bug(
      'CVE-2015-6620',
      '24445127',
      STAGEFRIGHT,
      'frameworks/av include/media/stagefright/MediaCodecList.h in CyanogenMod/android_frameworks_av at 0378676b',
    ),
    releases: LOLLIPOP,
  },
  {
    ...bug(
      'CVE-2015-6626',
      '24310423',
      ['libmedia.so', 'libmedia_omx.so'],
      'frameworks/av IOMX.cpp in CyanogenMod/android_frameworks_av at 012883fd',
    ),
    releases: MARSHMALLOW,
  },
  {
    ...bug(
      'CVE-2015-6631',
      'b/24623447, no more memory',
      STAGEFRIGHT,
      'frameworks/av id3/ID3.cpp in ROMSecPatches/android_frameworks_av at 43c24ed7',
    ),
    releases: LOLLIPOP,
  },
  {
    ...bug('CVE-2015-6632', '24346430', STAGEFRIGHT, 'frameworks/av MPEG4Extractor.cpp in ROMSecPatches/android_frameworks_av at d7776523'),
    releases: LOLLIPOP,
  },
  bug(
    'CVE-2014-8609',
    "SHOULDN'T RESOLVE!",
    ['Settings.apk', 'SecSettings.apk', 'MiuiSettings.apk'],
    'packages/apps/Settings AddAccountSettings.java',
  ),
  bug('CVE-2014-9908', '28672558', ['bluetooth.default.so'], 'system/bt bta/hh/bta_hh_co.c'),
  bug('CVE-2016-0808', '25645298', ['libminikin.so'], 'frameworks/minikin CmapCoverage.cpp'),
  bug('CVE-2016-0815', '26365349', STAGEFRIGHT, 'frameworks/av MPEG4Extractor.cpp'),
  bug('CVE-2016-0827', '26347509', ['libbundlewrapper.so', 'libreverbwrapper.so'], 'frameworks/av media/libeffects/lvm/wrapper'),
  bug('CVE-2016-0838', '26366256', ['libsonivox.so'], 'external/sonivox eas_wtengine.c, eas_wtsynth.c'),
  bug('CVE-2016-0842', '25818142', ['libstagefright_soft_avcdec.so'], 'external/libavc ih264d_parse_headers'),
  bug(
    'CVE-2016-0847',
    '26864502',
    ['Telecom.apk', 'TelecomApp.apk', 'TeleService.apk'],
    'packages/services/Telecomm TelecomServiceImpl.java',
  ),
  bug('CVE-2016-2414', '26413177', ['libminikin.so'], 'frameworks/minikin CmapCoverage.cpp'),
  bug('CVE-2016-2416', '27046057', ['libgui.so'], 'frameworks/native BufferQueueConsumer.cpp'),
  bug('CVE-2016-2417', '26914474', ['libmedia.so', 'libmedia_omx.so'], 'frameworks/av IOMX.cpp'),
  bug('CVE-2016-2418', '26324358', OMX, 'frameworks/av OMXNodeInstance.cpp'),
  bug('CVE-2016-2505', '28333006', STAGEFRIGHT, 'frameworks/av mpeg2ts/ATSParser.cpp'),
  bug('CVE-2016-3754', '28615448', STAGEFRIGHT, 'frameworks/av MPEG4Extractor.cpp'),
  bug('CVE-2016-3819', '28533562', ['libstagefright_soft_h264dec.so'], 'frameworks/av codecs/on2/h264dec h264bsd_dpb.c'),
  bug('CVE-2016-3824', '28816827', OMX, 'frameworks/av OMXNodeInstance.cpp'),
  bug('CVE-2016-3826', '29251553', ['libaudioflinger.so'], 'frameworks/av AudioFlinger Effects.cpp'),
  bug('CVE-2016-3870', '29421804', ['libstagefright_omx.so'], 'frameworks/av SimpleSoftOMXComponent.cpp'),
  bug('CVE-2016-3871', '29422022', ['libstagefright_soft_mp3dec.so'], 'frameworks/av SoftMP3.cpp'),
  bug('CVE-2016-3872', '29421675', ['libstagefright_soft_vpxdec.so'], 'frameworks/av SoftVPX.cpp'),
  bug('CVE-2016-3880', '25747670', STAGEFRIGHT, 'frameworks/av rtsp/ASessionDescription.cpp'),
  bug('CVE-2016-3895', '29983260', ['libui.so'], 'frameworks/native Region.cpp'),
  bug('CVE-2016-3909', '30033990', ['libstagefright_soft_mpeg4dec.so'], 'frameworks/av SoftMPEG4.cpp'),
  bug('CVE-2016-3910', '30148546', ['libsoundtriggerservice.so'], 'frameworks/av SoundTriggerHwService.cpp'),
  bug('CVE-2016-3921', '29831647', ['libsysutils.so'], 'system/core FrameworkListener.cpp'),
  bug('CVE-2016-3924', '30204301', ['libaudioflinger.so'], 'frameworks/av AudioFlinger Effects.cpp'),
  bug('CVE-2016-6704', '30229821', ['libvisualizer.so'], 'frameworks/av media/libeffects/visualizer EffectVisualizer.cpp'),
  bug('CVE-2016-6706', '31385713', OMX, 'frameworks/av OMXNodeInstance.cpp'),
  bug('CVE-2016-6720', '29422020', OMX, 'frameworks/av OMXNodeInstance.cpp'),
  bug('CVE-2016-6762', '31251826', ['libziparchive.so'], 'system/core libziparchive/zip_archive.cc'),
  bug('CVE-2017-0396', '31781965', ['libvisualizer.so'], 'frameworks/av media/libeffects/visualizer EffectVisualizer.cpp'),
];

/** A hole whose fix leaves nothing that a search in bytes could find: no library settles it. */
export interface UntracedFix {
  readonly cve: string;
  readonly because: string;
}

const KERNEL = 'the fix is in the kernel and adds no text';
const COMPARISON = 'the fix adds comparisons and no text';
const UNKNOWN = 'no text is known that came with the fix';

/**
 * Well-known holes of 2013 to 2015 without a marker. Read, with the fix: MPEG4Extractor.cpp in ROMSecPatches/android_frameworks_av at d7776523;
 * ZipFile.java without the mask in multi-os-engine/libcore at 0226db37 and with it in LineageOS/android_libcore at f5093edc, and with the local header's name length in
 * quanganh2627/baytrail-i-x64-kitkat_libcore at 78edf442.
 */
export const untracedFixes: readonly UntracedFix[] = [
  { cve: 'ANDROID-9695860', because: 'the fix is a mask over a length' },
  { cve: 'ANDROID-9950697', because: 'the fix reads another length and adds no text' },
  { cve: 'CVE-2014-3153', because: KERNEL },
  { cve: 'CVE-2015-3636', because: KERNEL },
  { cve: 'CVE-2015-1539', because: COMPARISON },
  { cve: 'CVE-2015-3824', because: COMPARISON },
  { cve: 'CVE-2015-3827', because: COMPARISON },
  { cve: 'CVE-2015-3828', because: COMPARISON },
  { cve: 'CVE-2015-3829', because: COMPARISON },
  { cve: 'CVE-2015-3864', because: COMPARISON },
  { cve: 'CVE-2015-1528', because: UNKNOWN },
  { cve: 'CVE-2015-1538', because: UNKNOWN },
  { cve: 'CVE-2015-3826', because: UNKNOWN },
  { cve: 'CVE-2015-6602', because: UNKNOWN },
];

/** Libraries that are worth pulling: where one of the markers would be. */
export const MARKED_LIBRARIES: readonly string[] = [
  ...new Set(patchMarkers.flatMap(({ files }) => files).filter((name) => name.endsWith('.so'))),
].sort();

/** Jars of the framework that are worth pulling, and what was compiled of them before Android 5. The image of all of the framework is too large to pull for this. */
export const MARKED_JARS: readonly string[] = [
  ...new Set(patchMarkers.flatMap(({ files }) => files).filter((name) => name.endsWith('.jar'))),
].flatMap((name) => [name, name.replace(/\.jar$/, '.odex')]);
