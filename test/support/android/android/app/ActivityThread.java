package android.app;

import android.os.Looper;

/** Where the phone of this test keeps its faults: -Dphone.environment=broken. */
public final class ActivityThread {
  private static ActivityThread current;
  static boolean mainline;
  Application mInitialApplication;

  public static void initializeMainlineModules() {
    mainline = true;
  }

  public static ActivityThread systemMain() {
    if ("broken".equals(System.getProperty("phone.environment"))) throw new SecurityException("no system context\nfor this uid");
    if (!Looper.isPrepared()) throw new RuntimeException("Can't create handler inside thread that has not called Looper.prepare()");
    current = new ActivityThread();
    return current;
  }

  public ContextImpl getSystemContext() {
    return new ContextImpl("android");
  }

  public static Application currentApplication() {
    return current == null ? null : current.mInitialApplication;
  }

  public static boolean hasMainlineModules() {
    return mainline;
  }
}
