package android.util;

public class Base64 {
  public static String encodeToString(byte[] input, int flags) {
    if (flags != 2) throw new IllegalArgumentException("NO_WRAP is 2, not " + flags);
    return java.util.Base64.getEncoder().encodeToString(input);
  }
}
