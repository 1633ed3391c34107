/** Where the rows of these tables were seen. Facts and figures are quoted, texts are not. */
export const SOURCES = {
  aospKeys: 'AOSP build/make/target/product/security/*.x509.pem, where the private keys lie beside the certificates',
  cm12: 'mac_permissions.xml and three APKs of CyanogenMod 12.1 for cancro (2015-11-28)',
  rolex: 'mac_permissions.xml and 163 APKs of the stock MIUI build V9.2.6.0.NCCMIEK for the Redmi 4A (rolex)',
  motorolaOta:
    'security/ota.x509.pem in the recovery trees TeamWin/android_device_motorola_genevn @b9786c4 and _guamp @c0394c2, SyberHexen/…_ocean @62a14dc, PizzaG/…_milanf @570db19, iTrySmoke/twrp_…_borneo @25c8910: four authors, and one key of the issuer, recovered from two of the signatures, verifies all five',
  rubens:
    'security/miui_releasekey.x509.pem in the recovery tree of a phone of 2022, dimensity-twrp-dev/device_xiaomi_rubens-TWRP @5fb7f9c: the same certificate',
  apvi: 'Android Partner Vulnerability Initiative, 2022-11-11 (apvi.issues.chromium.org/issues/42420002); digests as listed in mvt-project/mvt-indicators issue 17',
  sprdSign: 'chuxiao1317/Sign MainActivity.java: an integrator’s test that no app keeps this key (SIGN_SPRD_PLATFORM_SHA256)',
  boxNotes:
    'a developer’s notes in a public repository: certificate of the system apps of a Xiaomi box of 2013, beside an app of others signed with it',
  samsungSdk:
    "signer allow-lists in Samsung's own published apps and in Google's, as found in public repositories (SIGNATURE_SEP_OFFICIAL_RELEASE_KEY)",
  appVerifier: 'soupslurpr/AppVerifier internal package certificate list, read 2025',
  bluebox: 'bluebox.com/technical/popular-xiaomi-phone-could-put-data-at-risk (2015-03-05, updated 03-06 and 03-08)',
  barra: 'statement of Xiaomi (H. Barra), 2015-03-06, quoted in the same page and by vrzone.com',
  xda2015:
    'xda-developers.com/bluebox-security-vs-xiaomi-who-is-in-the-wrong; news.softpedia.com 474973; dotmobility.wordpress.com (2015-03)',
  drweb: 'DoctorWebLtd/malware-iocs',
  drwebAdups: 'vms.drweb.com Android.Spy.332.origin (2016-11-22)',
  kryptowire: 'Kryptowire, 2016-11-15; Trustlook, 2016-12',
  avast: 'Avast on Cosiloon, 2018-05-24',
  kaspersky: 'Kaspersky (securelist.com) on Keenadu, 2026-02',
  malwarebytes: 'malwarebytes.com detections: Android/Trojan.Dropper.xHelper, Android/PUP.Riskware.Autoins',
  uad: 'Universal Android Debloater Next Generation, uad_lists.json @9336f25, package names and what they are',
  mvt: 'mvt-project/mvt src/mvt/android/utils.py and artifacts/settings.py: names only',
  androidqf: 'mvt-project/androidqf modules/root_binaries.go: names only',
  projects: "the project's own repository or page, where the name is stated",
  pixel: 'appverifier list (GOOGLE_PIXEL_OS, GOOGLE_PLAY_STORE)',
  drweb2025:
    'Doctor Web on Android.Clipper.31 (2025-04): messengers changed with LSPatch on phones that falsify what CPU-Z and AIDA64 show',
  triada231: 'Doctor Web on Android.Triada.231 (vms.drweb.com, 2017-07): property names, which Google Play services of 2020 look for too',
  xs19pro:
    'public report on the firmware of a SOYES XS19 Pro (2026-07-31; static analysis of all partitions and of the running phone), in part byte for byte as in chiptuneXT/INOI-Triada',
  t95: 'D. Milisic on the T95 television box, 2023-01 (securityaffairs.com/140866)',
  human: 'HUMAN Satori on BADBOX 2.0 (humansecurity.com, 2025-03): servers, as two independent copies list them',
  pointWild: 'Point Wild Lat61 on BADBOX 2.0, 2025-07',
  checkPoint: 'Check Point, CopyCat research report, 2017-07, as public rules quote it',
  dvmap: 'Kaspersky (securelist.com/78648) on Dvmap, 2017-06, as public rules quote it',
  chrysaor: 'Google (android-developers.googleblog.com, 2017-04) and Lookout on Chrysaor, Pegasus for Android',
  catalogue: 'Google Play device catalogue, 2025-12-14: brands with many certified models',
  deception:
    'package list of com.lovdream.util.DeceptionUtil, framework source of a counterfeit-making firmware (MSM8916), in a public repository',
  miuiSecurity: 'com.miui.securitycenter DeviceCredentialProvider: packages and certificate digests that MIUI itself demands',
  antutu: 'antutu.com/view.shtml?id=7242 (2013): counterfeit phones ship an altered AnTuTu',
} as const;
