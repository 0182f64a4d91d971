package dev.troupe.cli.internal;

import dev.troupe.proto.v1.Artifact;
import dev.troupe.proto.v1.ArtifactChunk;
import dev.troupe.proto.v1.ListArtifactsRequest;
import dev.troupe.proto.v1.ReadArtifactRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;

/** Fetches a job's artifact and checks that it is what was stored. */
public final class Download {

  private Download() {}

  public static List<Artifact> list(Client client, String jobId) {
    return client
        .jobs()
        .listArtifacts(ListArtifactsRequest.newBuilder().setJobId(jobId).build())
        .getArtifactsList();
  }

  /** Finds an artifact by its name. */
  public static Artifact find(Client client, String jobId, String name) {
    List<Artifact> artifacts = list(client, jobId);
    List<String> names = artifacts.stream().map(Artifact::getName).toList();
    return artifacts.stream()
        .filter(a -> a.getName().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new CliException(
                    ExitCode.NOT_FOUND,
                    "job "
                        + jobId
                        + " has no artifact "
                        + name
                        + Nearest.hint(name, names)
                        + (names.isEmpty() ? " (it has none)" : "")));
  }

  /** Writes the artifact to {@code file}: all of it, or nothing. */
  public static void toFile(Client client, String jobId, Artifact artifact, Path file) {
    Path draft = file.resolveSibling("." + file.getFileName() + ".part");
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      try (OutputStream out = Files.newOutputStream(draft)) {
        toStream(client, jobId, artifact, out);
      }
      Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new CliException(ExitCode.FAILED, "cannot write " + file + ": " + Format.problem(e), e);
    } finally {
      draft.toFile().delete();
    }
  }

  /** Writes the artifact's bytes to {@code out}. */
  public static void toStream(Client client, String jobId, Artifact artifact, OutputStream out)
      throws IOException {
    MessageDigest digest = sha256();
    Iterator<ArtifactChunk> chunks =
        client
            .jobStreams()
            .readArtifact(
                ReadArtifactRequest.newBuilder()
                    .setJobId(jobId)
                    .setName(artifact.getName())
                    .build());
    while (chunks.hasNext()) {
      byte[] data = chunks.next().getData().toByteArray();
      digest.update(data);
      out.write(data);
    }
    String got = HexFormat.of().formatHex(digest.digest());
    if (!artifact.getSha256().isEmpty() && !got.equals(artifact.getSha256())) {
      throw new CliException(
          ExitCode.FAILED,
          artifact.getName()
              + ": the bytes that came have SHA-256 "
              + got
              + " (expected: "
              + artifact.getSha256()
              + ")");
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
