import com.android.apksig.ApkSigner;
import com.android.apksig.SigningCertificateLineage;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Signs APKs by the reference library, one a line of what it is given:
 *   in|out|schemes as in v1,v2,v3,v4,verity|lowest level or -|names of keys|names of keys that vouch for each other, or -|key of the stamp or -|level from which the rotated key counts, 33dev for a
 *   development release of it, or -
 * That of v4 goes to OUT.idsig. KEYS/NAME.key is PKCS #8, KEYS/NAME.crt the certificate. Answers "ok" or why not, a line each.
 * java -cp /usr/share/java/apksig.jar tools/java/ApkSign.java KEYS
 */
public class ApkSign {
  private static final Map<String, PrivateKey> keys = new HashMap<>();
  private static final Map<String, X509Certificate> certificates = new HashMap<>();

  public static void main(String[] words) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      try {
        sign(line.split("\\|"), new File(words[0]));
        System.out.println("ok");
      } catch (Exception refused) {
        System.out.println(refused.toString().replace('\n', ' '));
      }
    }
  }

  private static void sign(String[] job, File folder) throws Exception {
    List<ApkSigner.SignerConfig> signers = new ArrayList<>();
    for (String name : job[4].split(",")) signers.add(configOf(name, folder));
    List<String> schemes = List.of(job[2].split(","));
    ApkSigner.Builder builder =
        new ApkSigner.Builder(signers)
            .setInputApk(new File(job[0]))
            .setOutputApk(new File(job[1]))
            .setV1SigningEnabled(schemes.contains("v1"))
            .setV2SigningEnabled(schemes.contains("v2"))
            .setV3SigningEnabled(schemes.contains("v3"))
            .setV4SigningEnabled(schemes.contains("v4"))
            .setVerityEnabled(schemes.contains("verity"));
    if (schemes.contains("v4")) builder.setV4SignatureOutputFile(new File(job[1] + ".idsig"));
    if (!job[3].equals("-")) builder.setMinSdkVersion(Integer.parseInt(job[3]));
    if (!job[5].equals("-")) builder.setSigningCertificateLineage(lineageOf(job[5].split(","), folder));
    if (!job[6].equals("-")) builder.setSourceStampSignerConfig(configOf(job[6], folder));
    if (!job[7].equals("-")) rotateFrom(builder, job[7]);
    builder.build().sign();
  }

  /** By name: the library knows v3.1 from 33 on. */
  private static void rotateFrom(ApkSigner.Builder builder, String level) throws Exception {
    boolean isDev = level.endsWith("dev");
    int sdk = Integer.parseInt(isDev ? level.substring(0, level.length() - 3) : level);
    try {
      ApkSigner.Builder.class.getMethod("setMinSdkVersionForRotation", int.class).invoke(builder, sdk);
      if (isDev) ApkSigner.Builder.class.getMethod("setRotationTargetsDevRelease", boolean.class).invoke(builder, true);
    } catch (NoSuchMethodException older) {
      // Signed with v3, as that version does.
    }
  }

  private static SigningCertificateLineage lineageOf(String[] names, File folder) throws Exception {
    SigningCertificateLineage lineage =
        new SigningCertificateLineage.Builder(lineageSigner(names[0], folder), lineageSigner(names[1], folder)).build();
    for (int i = 2; i < names.length; i++)
      lineage = lineage.spawnDescendant(lineageSigner(names[i - 1], folder), lineageSigner(names[i], folder));
    return lineage;
  }

  private static SigningCertificateLineage.SignerConfig lineageSigner(String name, File folder) throws Exception {
    load(name, folder);
    return new SigningCertificateLineage.SignerConfig.Builder(keys.get(name), certificates.get(name)).build();
  }

  private static ApkSigner.SignerConfig configOf(String name, File folder) throws Exception {
    load(name, folder);
    return new ApkSigner.SignerConfig.Builder(name, keys.get(name), List.of(certificates.get(name))).build();
  }

  private static void load(String name, File folder) throws Exception {
    if (keys.containsKey(name)) return;
    byte[] certificate = Files.readAllBytes(new File(folder, name + ".crt").toPath());
    X509Certificate read =
        (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(certificate));
    byte[] key = Files.readAllBytes(new File(folder, name + ".key").toPath());
    keys.put(name, KeyFactory.getInstance(read.getPublicKey().getAlgorithm()).generatePrivate(new PKCS8EncodedKeySpec(key)));
    certificates.put(name, read);
  }
}
