package android.security.keystore;

import android.app.ActivityThread;
import java.io.File;
import java.nio.file.Files;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;

/** Answers with the certificates in -Dphone.chain, and says on standard error what it was asked. -Dphone.refuses names IDs, as in 2,3. */
public final class SecureWorld {
  public static X509Certificate[] answer(String by, byte[] challenge, int[] ids, boolean properties, String more) throws Exception {
    String application = ActivityThread.currentApplication() == null ? "none" : ActivityThread.currentApplication().packageName();
    System.err.println(
        "ASKED " + by + " challenge=" + new java.math.BigInteger(1, challenge).toString(16) + " bytes=" + challenge.length + " ids="
            + Arrays.toString(ids) + " properties=" + properties + " package=" + application + " mainline=" + ActivityThread.hasMainlineModules() + more);
    for (String refused : System.getProperty("phone.refuses", "").split(",")) {
      for (int id : ids)
        if (refused.equals(Integer.toString(id)))
          throw new java.security.ProviderException("Failed to generate key pair.", new IllegalStateException("Cannot attest\nID " + id));
      if (refused.equals("properties") && properties) throw new java.security.ProviderException("no properties");
      if (refused.equals("all")) throw new java.security.ProviderException("no attestation");
    }
    File[] files = new File(System.getProperty("phone.chain")).listFiles();
    Arrays.sort(files);
    X509Certificate[] chain = new X509Certificate[files.length];
    for (int i = 0; i < files.length; i++) {
      chain[i] = (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(Files.newInputStream(files[i].toPath()));
    }
    return chain;
  }
}
