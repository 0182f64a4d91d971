package dev.troupe.dist.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.troupe.cluster.NodeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Tells whoever has started a node that it serves, and where. */
public final class ReadyFile {

  private ReadyFile() {}

  /**
   * Prints one line, and writes {@code file} if it is given: a JSON object of {@code role}, {@code
   * pid} and {@code ports}. The file appears whole or not at all.
   *
   * @throws NodeException if the file cannot be written
   */
  public static void announce(String role, Map<String, Object> ports, Optional<Path> file) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("role", role);
    all.put("pid", ProcessHandle.current().pid());
    all.putAll(ports);
    String json = json(all);
    file.ifPresent(path -> write(path, json));
    System.out.println("ready " + json);
    System.out.flush();
  }

  private static String json(Map<String, Object> values) {
    try {
      return new ObjectMapper().writeValueAsString(values);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("strings and numbers are always JSON", e);
    }
  }

  private static void write(Path file, String json) {
    try {
      Path draft = file.resolveSibling(file.getFileName() + ".part");
      Files.writeString(draft, json + "\n");
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new NodeException(
          NodeException.EXIT_FAILED,
          "--ready-file: cannot write " + file + " (" + e.getMessage() + ")",
          e);
    }
  }
}
