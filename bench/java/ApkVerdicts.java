import com.android.apksig.ApkVerifier;
import com.android.apksig.util.DataSources;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/**
 * The reference for bench/apk.ts: every APK of a folder at every level given, by the library in this one virtual machine, from memory.
 * Prints milliseconds a verdict of each round; the first ones warm the machine up.
 * java -cp /usr/share/java/apksig.jar bench/java/ApkVerdicts.java FOLDER ROUNDS LEVEL…
 */
public class ApkVerdicts {
  public static void main(String[] words) throws Exception {
    List<ByteBuffer> apks = new ArrayList<>();
    for (File file : new File(words[0]).listFiles()) {
      if (file.getName().endsWith(".apk")) apks.add(ByteBuffer.wrap(Files.readAllBytes(file.toPath())));
    }
    for (int round = 0; round < Integer.parseInt(words[1]); round++) {
      long started = System.nanoTime();
      int verdicts = 0;
      for (ByteBuffer apk : apks) {
        for (int i = 2; i < words.length; i++) {
          int level = Integer.parseInt(words[i]);
          try {
            new ApkVerifier.Builder(DataSources.asDataSource(apk.duplicate()))
                .setMinCheckedPlatformVersion(level)
                .setMaxCheckedPlatformVersion(level)
                .build()
                .verify();
          } catch (Exception refused) {
            // A refusal is a verdict too.
          }
          verdicts++;
        }
      }
      System.out.println((System.nanoTime() - started) / 1e6 / verdicts);
    }
  }
}
