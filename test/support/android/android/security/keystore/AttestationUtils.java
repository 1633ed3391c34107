package android.security.keystore;

import android.content.Context;
import java.security.cert.X509Certificate;

public abstract class AttestationUtils {
  public static X509Certificate[] attestDeviceIds(Context context, int[] ids, byte[] challenge) throws Exception {
    return SecureWorld.answer("AttestationUtils", challenge, ids, true, " context=" + context.packageName());
  }
}
