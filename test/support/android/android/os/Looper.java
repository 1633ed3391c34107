package android.os;

public final class Looper {
  private static boolean prepared;

  public static void prepareMainLooper() {
    if (prepared) throw new IllegalStateException("The main Looper has already been prepared.");
    prepared = true;
  }

  public static boolean isPrepared() {
    return prepared;
  }
}
