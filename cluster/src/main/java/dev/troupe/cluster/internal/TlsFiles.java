package dev.troupe.cluster.internal;

import dev.troupe.cluster.SecurityConfig.Tls;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.function.BiConsumer;
import org.apache.pekko.pki.pem.DERPrivateKeyLoader;
import org.apache.pekko.pki.pem.PEMDecoder;
import org.apache.pekko.pki.pem.PEMLoadingException;

/** Looks at TLS files before anything uses them: later, all that is seen is a failed handshake. */
final class TlsFiles {

  private static final String CERTIFICATE = "security.tls.certificate";
  private static final String KEY = "security.tls.private-key";

  private TlsFiles() {}

  /** Tells of each file that is no good: its key, and what is wrong with it. */
  static void check(Tls tls, BiConsumer<String, String> problems) {
    X509Certificate certificate = certificate(CERTIFICATE, tls.certificate(), problems);
    certificate("security.tls.trust", tls.trust(), problems);
    PrivateKey key = privateKey(tls.privateKey(), problems);
    if (certificate != null && key != null && !belong(certificate, key)) {
      problems.accept(
          KEY, tls.privateKey() + " (expected: the key of certificate " + tls.certificate() + ")");
    }
    if (certificate != null && certificate.getNotAfter().toInstant().isBefore(Instant.now())) {
      problems.accept(
          CERTIFICATE,
          "%s (expected: one that is valid; it expired on %s)"
              .formatted(tls.certificate(), certificate.getNotAfter().toInstant()));
    }
  }

  private static X509Certificate certificate(
      String name, Path file, BiConsumer<String, String> problems) {
    try (InputStream in = Files.newInputStream(file)) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    } catch (IOException | GeneralSecurityException e) {
      problems.accept(name, file + " (expected: a PEM certificate): " + e.getMessage());
      return null;
    }
  }

  private static PrivateKey privateKey(Path file, BiConsumer<String, String> problems) {
    try {
      return DERPrivateKeyLoader.load(PEMDecoder.decode(Files.readString(file)));
    } catch (IOException | PEMLoadingException e) {
      problems.accept(
          KEY, file + " (expected: a PEM key, PKCS #8 or #1, not encrypted): " + e.getMessage());
      return null;
    }
  }

  /** Whether what the one signs the other verifies. */
  private static boolean belong(X509Certificate certificate, PrivateKey key) {
    byte[] probe = {1, 2, 3};
    try {
      Signature signature =
          Signature.getInstance(
              key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA");
      signature.initSign(key);
      signature.update(probe);
      byte[] signed = signature.sign();
      signature.initVerify(certificate);
      signature.update(probe);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false; // keys of different kinds
    }
  }
}
