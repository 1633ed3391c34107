package android.security.keystore;

import java.security.spec.AlgorithmParameterSpec;

public final class KeyGenParameterSpec implements AlgorithmParameterSpec {
  public String alias;
  public int purposes;
  public String curve;
  public String[] digests;
  public byte[] challenge;
  public boolean properties;
  public boolean strongBox;
  public int[] ids = {};

  public static final class Builder {
    private final KeyGenParameterSpec spec = new KeyGenParameterSpec();

    public Builder(String alias, int purposes) {
      spec.alias = alias;
      spec.purposes = purposes;
    }

    public Builder setAlgorithmParameterSpec(AlgorithmParameterSpec value) {
      spec.curve = ((java.security.spec.ECGenParameterSpec) value).getName();
      return this;
    }

    public Builder setDigests(String... value) {
      spec.digests = value;
      return this;
    }

    public Builder setAttestationChallenge(byte[] value) {
      spec.challenge = value;
      return this;
    }

    public Builder setDevicePropertiesAttestationIncluded(boolean value) {
      spec.properties = value;
      return this;
    }

    public Builder setIsStrongBoxBacked(boolean value) {
      spec.strongBox = value;
      return this;
    }

    public Builder setAttestationIds(int[] value) {
      spec.ids = value;
      return this;
    }

    public KeyGenParameterSpec build() {
      return spec;
    }
  }
}
