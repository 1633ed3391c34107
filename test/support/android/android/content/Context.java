package android.content;

public abstract class Context {
  public abstract Context createPackageContext(String name, int flags);

  public abstract String packageName();
}
