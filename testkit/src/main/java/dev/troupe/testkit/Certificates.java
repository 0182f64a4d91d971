package dev.troupe.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Self-signed certificates that are their own authority, for tests of a cluster that is closed;
 * made by the JDK's keytool, valid for two days.
 */
public final class Certificates {

  private Certificates() {}

  /**
   * Makes a key and its certificate, which is for loopback and the addresses given.
   *
   * @param dir where the files are written
   * @param addresses of hosts that show the certificate, beside loopback
   * @return the keys of {@code troupe.security.tls} with the files' paths
   * @throws IOException if keytool fails, or the files cannot be written
   */
  public static Map<String, String> settings(Path dir, String... addresses)
      throws IOException, GeneralSecurityException, InterruptedException {
    Path store = dir.resolve("node.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "node",
                "-keyalg",
                "RSA",
                "-keysize",
                "2048",
                "-dname",
                "CN=troupe",
                "-ext",
                "san=dns:localhost,ip:127.0.0.1"
                    + Stream.of(addresses).map(ip -> ",ip:" + ip).collect(Collectors.joining()),
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-storepass",
                "changeit",
                "-keystore",
                store.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (keytool.waitFor() != 0) {
      throw new IOException(output);
    }
    char[] password = "changeit".toCharArray();
    KeyStore keys = KeyStore.getInstance(store.toFile(), password);
    Path certificate = pem(dir, "CERTIFICATE", keys.getCertificate("node").getEncoded());
    Path key = pem(dir, "PRIVATE KEY", keys.getKey("node", password).getEncoded());
    Map<String, String> settings = new HashMap<>();
    settings.put("troupe.security.tls.certificate", certificate.toString());
    settings.put("troupe.security.tls.private-key", key.toString());
    settings.put("troupe.security.tls.trust", certificate.toString());
    return settings;
  }

  private static Path pem(Path dir, String kind, byte[] der) throws IOException {
    String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    return Files.writeString(
        dir.resolve(kind.replace(' ', '-') + ".pem"),
        "-----BEGIN " + kind + "-----\n" + body + "\n-----END " + kind + "-----\n");
  }
}
