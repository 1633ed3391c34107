import com.android.apksig.ApkVerifier;
import com.android.apksig.util.DataSources;
import java.io.File;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;

/**
 * The reference verifier's answer for every APK of a folder at every level or range given (24, 18:27, 18: without an upper end, : as the manifest says), with the
 * .idsig file beside it where there is one; one line each: name, range, true or false, and the SHA-256 of each signer's certificate and "v4" where it is true.
 */
public class ApkAnswers {
  public static void main(String[] words) throws Exception {
    for (File file : new File(words[0]).listFiles()) {
      if (file.getName().endsWith(".idsig")) continue;
      File idsig = new File(words[0], file.getName() + ".idsig");
      ByteBuffer apk = ByteBuffer.wrap(Files.readAllBytes(file.toPath()));
      for (int i = 1; i < words.length; i++) {
        StringBuilder answer = new StringBuilder(file.getName() + " " + words[i] + " ");
        try {
          ApkVerifier.Builder builder = new ApkVerifier.Builder(DataSources.asDataSource(apk.duplicate()));
          String[] ends = words[i].split(":", -1);
          if (!ends[0].isEmpty()) builder.setMinCheckedPlatformVersion(Integer.parseInt(ends[0]));
          if (!ends[ends.length - 1].isEmpty()) builder.setMaxCheckedPlatformVersion(Integer.parseInt(ends[ends.length - 1]));
          if (idsig.exists()) builder.setV4SignatureFile(idsig);
          ApkVerifier.Result result = builder.build().verify();
          answer.append(result.isVerified());
          if (result.isVerified()) for (X509Certificate signer : result.getSignerCertificates()) answer.append(" ").append(digest(signer));
          if (result.isVerified() && result.isVerifiedUsingV4Scheme()) answer.append(" v4");
          if (!result.isVerified() && words[0].endsWith("why")) answer.append(" ").append(result.getAllErrors());
        } catch (Exception refused) {
          answer.append(false);
          if (words[0].endsWith("why")) answer.append(" ").append(refused);
        }
        System.out.println(answer.toString().replace('\n', ' ').replace('\r', ' '));
      }
    }
  }

  private static String digest(X509Certificate certificate) throws Exception {
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
    return String.format("%064x", new BigInteger(1, digest));
  }
}
