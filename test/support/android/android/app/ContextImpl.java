package android.app;

import android.content.Context;

class ContextImpl extends Context {
  private final String name;

  ContextImpl(String name) {
    this.name = name;
  }

  @Override
  public Context createPackageContext(String other, int flags) {
    return new ContextImpl(other);
  }

  @Override
  public String packageName() {
    return name;
  }
}
