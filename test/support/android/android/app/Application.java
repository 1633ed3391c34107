package android.app;

import android.content.Context;

public class Application extends Context {
  private Context base;

  final void attach(Context context) {
    base = context;
  }

  @Override
  public Context createPackageContext(String name, int flags) {
    return base.createPackageContext(name, flags);
  }

  @Override
  public String packageName() {
    return base.packageName();
  }
}
