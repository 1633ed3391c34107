/**
 * What a fix leaves in a binary. Many fixes of 2015 to 2017 report an attack to the event log under the number of their bug
 * (`android_errorWriteLog(0x534e4554, "26366256")`), so the number stands in the fixed library as a string; others bring a string or a class of their own.
 * A marker that is there shows that the fix is. One that is not there shows little: a maker may have fixed it otherwise, or left the report out (SRLabs' correction of June 2018
 * names exactly this error), so absence is weak, and only of the library in which the platform's own fix is.
 *
 * Source of each bug number: the `References` of the bulletin's row; of the library: the file in AOSP that calls with it, named beside it.
 */
export interface PatchMarker {
  readonly cve: string;
  /** Base names of files in which the fix is, as makers name them. */
  readonly files: readonly string[];
  readonly marker: { readonly kind: 'string'; readonly text: string };
  /** The file of AOSP that has it. */
  readonly source: string;
}

const STAGEFRIGHT = ['libstagefright.so'];
/** Until Android 7 OMXNodeInstance is in libstagefright, from 8 on in a library of its own. */
const OMX = ['libstagefright.so', 'libstagefright_omx.so'];

const bug = (cve: string, text: string, files: readonly string[], source: string): PatchMarker => ({
  cve,
  files,
  marker: { kind: 'string', text },
  source,
});

export const patchMarkers: readonly PatchMarker[] = [
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

/** Libraries that are worth pulling: where one of the markers would be. */
export const MARKED_LIBRARIES: readonly string[] = [
  ...new Set(patchMarkers.flatMap(({ files }) => files).filter((name) => name.endsWith('.so'))),
].sort();
