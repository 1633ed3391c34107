package android.security.keystore;

import android.security.keystore.KeyGenParameterSpec;
import android.security.keystore.SecureWorld;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.*;
import java.security.cert.Certificate;
import java.security.spec.AlgorithmParameterSpec;
import java.util.*;

public class AndroidKeyStoreProvider extends Provider {
  static final Map<String, Certificate[]> KEYS = new HashMap<>();

  public AndroidKeyStoreProvider() {
    super("AndroidKeyStore", "1", "a keystore for tests");
    put("KeyPairGenerator.EC", Generator.class.getName());
    put("KeyStore.AndroidKeyStore", Store.class.getName());
  }

  public static void install() {
    Security.addProvider(new AndroidKeyStoreProvider());
    // What lies in the keystore before the program runs.
    for (String alias : System.getProperty("phone.keys", "").split(","))
      if (!alias.isEmpty()) KEYS.put(alias, new Certificate[0]);
  }

  public static final class Generator extends KeyPairGeneratorSpi {
    private KeyGenParameterSpec spec;

    @Override
    public void initialize(int size, SecureRandom random) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void initialize(AlgorithmParameterSpec value, SecureRandom random) {
      spec = (KeyGenParameterSpec) value;
    }

    @Override
    public KeyPair generateKeyPair() {
      try {
        String more = " alias=" + spec.alias + " purposes=" + spec.purposes + " curve=" + spec.curve + " digests=" + Arrays.toString(spec.digests) + " strongbox=" + spec.strongBox;
        // As on a phone whose key lies there before its attestation fails.
        KEYS.put(spec.alias, new Certificate[0]);
        KEYS.put(spec.alias, SecureWorld.answer("keystore", spec.challenge, spec.ids, spec.properties, more));
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new ProviderException(e);
      }
      return new KeyPair(null, null);
    }
  }

  public static final class Store extends KeyStoreSpi {
    private boolean loaded;

    @Override
    public void engineLoad(KeyStore.LoadStoreParameter parameter) {
      loaded = true;
    }

    @Override
    public void engineLoad(InputStream stream, char[] password) {
      loaded = true;
    }

    @Override
    public Certificate[] engineGetCertificateChain(String alias) {
      return loaded ? KEYS.get(alias) : null;
    }

    @Override
    public boolean engineContainsAlias(String alias) {
      return KEYS.containsKey(alias);
    }

    @Override
    public void engineDeleteEntry(String alias) throws KeyStoreException {
      if ("throws".equals(System.getProperty("phone.deletes"))) throw new KeyStoreException("no");
      if (!"never".equals(System.getProperty("phone.deletes"))) KEYS.remove(alias);
    }

    @Override
    public Key engineGetKey(String alias, char[] password) {
      return null;
    }

    @Override
    public Certificate engineGetCertificate(String alias) {
      return null;
    }

    @Override
    public Date engineGetCreationDate(String alias) {
      return null;
    }

    @Override
    public void engineSetKeyEntry(String alias, Key key, char[] password, Certificate[] chain) {}

    @Override
    public void engineSetKeyEntry(String alias, byte[] key, Certificate[] chain) {}

    @Override
    public void engineSetCertificateEntry(String alias, Certificate certificate) {}

    @Override
    public Enumeration<String> engineAliases() {
      return Collections.enumeration(KEYS.keySet());
    }

    @Override
    public int engineSize() {
      return KEYS.size();
    }

    @Override
    public boolean engineIsKeyEntry(String alias) {
      return true;
    }

    @Override
    public boolean engineIsCertificateEntry(String alias) {
      return false;
    }

    @Override
    public String engineGetCertificateAlias(Certificate certificate) {
      return null;
    }

    @Override
    public void engineStore(OutputStream stream, char[] password) {}
  }
}
