package android.app;

import android.content.Context;

public class Instrumentation {
  public static Application newApplication(Class<?> type, Context context) throws Exception {
    Application application = (Application) type.getDeclaredConstructor().newInstance();
    application.attach(context);
    return application;
  }
}
