import com.android.apksig.ApkVerifier;
import com.android.apksig.util.DataSources;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.file.Files;

/** The reference verifier's answer for every APK of a folder at every level given, one line each: name, level, true or false. */
public class ApkAnswers {
  public static void main(String[] words) throws Exception {
    for (File file : new File(words[0]).listFiles()) {
      ByteBuffer apk = ByteBuffer.wrap(Files.readAllBytes(file.toPath()));
      for (int i = 1; i < words.length; i++) {
        int level = Integer.parseInt(words[i]);
        boolean verified;
        try {
          verified =
              new ApkVerifier.Builder(DataSources.asDataSource(apk.duplicate()))
                  .setMinCheckedPlatformVersion(level)
                  .setMaxCheckedPlatformVersion(level)
                  .build()
                  .verify()
                  .isVerified();
        } catch (Exception refused) {
          verified = false;
        }
        System.out.println(file.getName() + " " + level + " " + verified);
      }
    }
  }
}
