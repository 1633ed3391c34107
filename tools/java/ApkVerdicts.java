import com.android.apksig.ApkVerifier;
import com.android.apksig.util.DataSources;
import java.io.File;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.security.AlgorithmParameters;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import java.security.SignatureException;
import java.security.SignatureSpi;
import java.security.cert.X509Certificate;
import java.security.spec.AlgorithmParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/**
 * All that the reference verifier says of every APK of a folder, at every level or range given (24, 18:27, 18: without an upper end, : as the manifest says), with
 * the .idsig file beside it where there is one. A line each, fields apart by tabs: name, range, true, false or the exception, signers by SHA-256, schemes, names of errors,
 * names of warnings, the source stamp, why. Works with any version of the library from 31 on: what a version lacks it does not say.
 * Without a word it says which is the latest form of v3 that the library knows.
 * java -cp /usr/share/java/apksig.jar tools/java/ApkVerdicts.java FOLDER RANGE...
 */
public class ApkVerdicts {
  public static void main(String[] words) throws Exception {
    if (words.length == 0) {
      System.out.println(Arrays.stream(ApkVerifier.Result.class.getMethods()).anyMatch(one -> one.getName().equals("getV31SchemeSigners")) ? "v3.1" : "v3");
      return;
    }
    Security.addProvider(new PssByItsOtherName());
    for (File file : new File(words[0]).listFiles()) {
      if (file.getName().endsWith(".idsig")) continue;
      File idsig = new File(words[0], file.getName() + ".idsig");
      ByteBuffer apk = ByteBuffer.wrap(Files.readAllBytes(file.toPath()));
      for (int i = 1; i < words.length; i++) {
        String line = file.getName() + "\t" + words[i] + "\t" + answer(apk.duplicate(), idsig, words[i]);
        System.out.println(line.replace('\n', ' ').replace('\r', ' '));
      }
    }
  }

  private static String answer(ByteBuffer apk, File idsig, String range) throws Exception {
    ApkVerifier.Builder builder = new ApkVerifier.Builder(DataSources.asDataSource(apk));
    String[] ends = range.split(":", -1);
    if (!ends[0].isEmpty()) builder.setMinCheckedPlatformVersion(Integer.parseInt(ends[0]));
    if (!ends[ends.length - 1].isEmpty()) builder.setMaxCheckedPlatformVersion(Integer.parseInt(ends[ends.length - 1]));
    if (idsig.exists()) builder.setV4SignatureFile(idsig);
    ApkVerifier.Result result;
    try {
      result = builder.build().verify();
    } catch (Exception refused) {
      return String.join("\t", refused.getClass().getSimpleName(), "", "", "", "", "", refused.toString());
    }
    List<String> signers = new ArrayList<>();
    if (result.isVerified()) for (X509Certificate signer : result.getSignerCertificates()) signers.add(digest(signer));
    List<String> schemes = new ArrayList<>();
    for (String[] scheme : new String[][] {{"V1", "v1"}, {"V2", "v2"}, {"V3", "v3"}, {"V31", "v3.1"}, {"V4", "v4"}})
      if (Boolean.TRUE.equals(asked(result, "isVerifiedUsing" + scheme[0] + "Scheme"))) schemes.add(scheme[1]);
    TreeSet<String> errors = new TreeSet<>();
    TreeSet<String> warnings = new TreeSet<>();
    StringBuilder why = new StringBuilder();
    gather(result, errors, warnings, why);
    for (ApkVerifier.Result.V1SchemeSignerInfo signer : result.getV1SchemeSigners()) gather(signer, errors, warnings, why);
    for (String scheme : new String[] {"V2", "V3", "V31", "V4"}) {
      Object list = asked(result, "get" + scheme + "SchemeSigners");
      if (list != null) for (Object signer : (List<?>) list) gather(signer, errors, warnings, why);
    }
    return String.join(
        "\t",
        String.valueOf(result.isVerified()),
        String.join(" ", signers),
        String.join(" ", schemes),
        String.join(" ", errors),
        String.join(" ", warnings),
        stampOf(result),
        why.toString());
  }

  private static String stampOf(ApkVerifier.Result result) throws Exception {
    ApkVerifier.Result.SourceStampInfo stamp = result.getSourceStampInfo();
    if (stamp == null) return "";
    StringBuilder said = new StringBuilder(String.valueOf(result.isSourceStampVerified()));
    Object time = asked(stamp, "getTimestampEpochSeconds");
    said.append(" ").append(time == null ? 0 : time);
    TreeSet<String> names = new TreeSet<>();
    gather(stamp, names, names, new StringBuilder());
    for (X509Certificate one : stamp.getCertificatesInLineage()) said.append(" ").append(digest(one).substring(0, 8));
    for (String name : names) said.append(" ").append(name);
    return said.toString();
  }

  private static void gather(Object from, TreeSet<String> errors, TreeSet<String> warnings, StringBuilder why) throws Exception {
    for (Object one : (List<?>) asked(from, "getErrors")) {
      errors.add(((ApkVerifier.IssueWithParams) one).getIssue().name());
      why.append(one).append("; ");
    }
    for (Object one : (List<?>) asked(from, "getWarnings")) warnings.add(((ApkVerifier.IssueWithParams) one).getIssue().name());
  }

  private static Object asked(Object of, String method) throws Exception {
    try {
      return of.getClass().getMethod(method).invoke(of);
    } catch (NoSuchMethodException older) {
      return null;
    }
  }

  private static String digest(X509Certificate certificate) throws Exception {
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
    return String.format("%064x", new BigInteger(1, digest));
  }

  /** RSA-PSS under the names that the library asks for, which Java lacks. */
  private static final class PssByItsOtherName extends Provider {
    PssByItsOtherName() {
      super("assay", "1", "RSA-PSS under Android's names");
      put("Signature.SHA256withRSA/PSS", Pss.class.getName());
      put("Signature.SHA512withRSA/PSS", Pss.class.getName());
    }

    @Override
    public synchronized Service getService(String type, String algorithm) {
      Service known = super.getService(type, algorithm);
      if (known == null) return null;
      return new Service(this, type, algorithm, Pss.class.getName(), null, null) {
        @Override
        public Object newInstance(Object parameter) {
          return new Pss();
        }
      };
    }
  }

  public static final class Pss extends SignatureSpi {
    private final Signature signature;

    public Pss() {
      try {
        signature = Signature.getInstance("RSASSA-PSS");
      } catch (Exception impossible) {
        throw new IllegalStateException(impossible);
      }
    }

    @Override
    protected void engineInitVerify(PublicKey key) throws InvalidKeyException {
      signature.initVerify(key);
    }

    @Override
    protected void engineInitSign(PrivateKey key) throws InvalidKeyException {
      signature.initSign(key);
    }

    @Override
    protected void engineUpdate(byte one) throws SignatureException {
      signature.update(one);
    }

    @Override
    protected void engineUpdate(byte[] bytes, int at, int length) throws SignatureException {
      signature.update(bytes, at, length);
    }

    @Override
    protected byte[] engineSign() throws SignatureException {
      return signature.sign();
    }

    @Override
    protected boolean engineVerify(byte[] bytes) throws SignatureException {
      return signature.verify(bytes);
    }

    @Override
    protected void engineSetParameter(AlgorithmParameterSpec parameters) throws InvalidAlgorithmParameterException {
      signature.setParameter(parameters);
    }

    @Override
    @Deprecated
    protected void engineSetParameter(String name, Object value) {
      throw new UnsupportedOperationException();
    }

    @Override
    @Deprecated
    protected Object engineGetParameter(String name) {
      return null;
    }

    @Override
    protected AlgorithmParameters engineGetParameters() {
      return signature.getParameters();
    }
  }
}
