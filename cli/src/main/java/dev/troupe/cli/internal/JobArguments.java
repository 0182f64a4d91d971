package dev.troupe.cli.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.troupe.cli.internal.OptionSchema.OptionDoc;
import dev.troupe.proto.v1.JobSpec;
import dev.troupe.proto.v1.ListWorkloadsRequest;
import dev.troupe.proto.v1.SubmitJobRequest;
import dev.troupe.proto.v1.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A job as a file, as arguments, or as a file that arguments override. */
public final class JobArguments {

  private static final Set<String> KEYS = Set.of("workload", "name", "id", "priority", "options");

  /** Without vowels and look-alikes, so that no id is a word or is misread. */
  private static final String ID_ALPHABET = "23456789bcdfghjkmnpqrstvwxz";

  private static final int ID_LENGTH = 6;

  @Parameters(
      arity = "0..1",
      paramLabel = "WORKLOAD",
      description = "What to run; 'troupe workloads' lists them.")
  private String workload;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "JOB.yaml",
      description = "The job as YAML: workload, name, id, priority, options.")
  private Path file;

  @Option(
      names = {"-s", "--set"},
      paramLabel = "OPTION=VALUE",
      description = "An option of the workload; goes before the file's.")
  private List<String> set = new ArrayList<>();

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "What people call it; the workload's name if not given.")
  private String name;

  @Option(
      names = "--id",
      paramLabel = "ID",
      description = "The job's id; a second submit of the same job with it returns the first.")
  private String id;

  @Option(
      names = "--priority",
      paramLabel = "N",
      description = "Of the jobs that wait, the higher goes first (default: 0).")
  private Integer priority;

  public boolean idGiven() {
    return id != null;
  }

  /** Reads the file and the arguments. The request has an id, so that sending it again is safe. */
  public SubmitJobRequest request(Io io) {
    JobSpec.Builder spec = JobSpec.newBuilder();
    Map<String, Object> options = new LinkedHashMap<>();
    String jobId = id;
    if (file != null) {
      Map<?, ?> job = readFile(io.directory().resolve(file));
      spec.setWorkload(text(job, "workload")).setName(text(job, "name"));
      spec.setPriority(integer(job, "priority"));
      jobId = jobId != null ? jobId : text(job, "id");
      options.putAll(options(job));
    }
    if (workload != null) {
      spec.setWorkload(workload);
    }
    if (spec.getWorkload().isEmpty()) {
      throw CliException.invalid(
          "workload: not given (expected: a WORKLOAD, or -f JOB.yaml that names one);"
              + " 'troupe workloads' lists them");
    }
    if (name != null) {
      spec.setName(name);
    }
    if (priority != null) {
      spec.setPriority(priority);
    }
    for (String pair : set) {
      int equals = pair.indexOf('=');
      if (equals <= 0) {
        throw CliException.invalid("--set: '" + pair + "' (expected: OPTION=VALUE)");
      }
      options.put(pair.substring(0, equals), pair.substring(equals + 1));
    }
    return SubmitJobRequest.newBuilder()
        .setJobId(jobId == null || jobId.isEmpty() ? newId(spec.getWorkload()) : jobId)
        .setSpec(spec.setOptions(Json.toStruct(options)))
        .build();
  }

  /**
   * Makes relative paths absolute, in options that the workload's schema calls paths: the process
   * that opens them was started elsewhere.
   */
  public static SubmitJobRequest withAbsolutePaths(SubmitJobRequest request, Client client, Io io) {
    Map<String, Object> options = Json.fromStruct(request.getSpec().getOptions());
    if (options.values().stream().noneMatch(v -> v instanceof String || v instanceof List)) {
      return request;
    }
    for (Workload known :
        client
            .cluster()
            .listWorkloads(ListWorkloadsRequest.getDefaultInstance())
            .getWorkloadsList()) {
      if (known.getName().equals(request.getSpec().getWorkload())) {
        OptionSchema schema = OptionSchema.of(known);
        options.replaceAll(
            (name, v) ->
                schema.find(name).filter(OptionDoc::path).map(o -> absolute(o, v, io)).orElse(v));
      }
    }
    return request.toBuilder()
        .setSpec(request.getSpec().toBuilder().setOptions(Json.toStruct(options)))
        .build();
  }

  private static Object absolute(OptionDoc option, Object value, Io io) {
    boolean several = option.list() && value instanceof String text && text.contains(",");
    return absolute(several ? List.of(((String) value).split(",", -1)) : value, io);
  }

  private static Object absolute(Object value, Io io) {
    if (value instanceof List<?> list) {
      return list.stream().map(item -> absolute(item, io)).toList();
    } else if (!(value instanceof String text) || text.isEmpty() || isAddress(text)) {
      return value;
    } else if (text.startsWith("~/")) {
      return io.home().resolve(text.substring(2)).normalize().toString();
    } else {
      return io.directory().resolve(text.strip()).normalize().toString();
    }
  }

  /** As in {@code https://...}, or {@code hf:ORG/NAME} for a model of the hub. */
  private static boolean isAddress(String text) {
    return text.contains("://") || text.startsWith("hf:");
  }

  private static String newId(String workload) {
    StringBuilder id = new StringBuilder(workload.replaceAll("[^a-z0-9-]", "")).append('-');
    for (int i = 0; i < ID_LENGTH; i++) {
      id.append(ID_ALPHABET.charAt(ThreadLocalRandom.current().nextInt(ID_ALPHABET.length())));
    }
    return id.charAt(0) == '-' ? "job" + id : id.toString();
  }

  private static Map<?, ?> readFile(Path path) {
    Object content;
    try {
      content = Json.parse(Files.readString(path));
    } catch (JsonProcessingException e) {
      throw CliException.invalid(path + Json.problem(e));
    } catch (IOException e) {
      throw CliException.invalid("-f: " + path + " (expected: a readable YAML file)");
    }
    if (!(content instanceof Map<?, ?> job)) {
      throw CliException.invalid(
          path + ": not a job (expected: a map with the keys workload and options)");
    }
    for (Object key : job.keySet()) {
      if (!KEYS.contains(String.valueOf(key))) {
        throw CliException.invalid(
            path
                + ": "
                + key
                + ": unknown key (expected: workload, name, id, priority or options)"
                + Nearest.hint(String.valueOf(key), KEYS));
      }
    }
    return job;
  }

  private static String text(Map<?, ?> job, String key) {
    Object value = job.get(key);
    return value == null ? "" : value.toString();
  }

  private static int integer(Map<?, ?> job, String key) {
    Object value = job.get(key);
    if (value == null) {
      return 0;
    } else if (value instanceof Integer number) {
      return number;
    }
    throw CliException.invalid(key + ": " + value + " (expected: a whole number)");
  }

  private static Map<String, Object> options(Map<?, ?> job) {
    Object value = job.get("options");
    if (value != null && !(value instanceof Map<?, ?>)) {
      throw CliException.invalid("options: " + value + " (expected: a map of option to value)");
    }
    Map<String, Object> options = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> map) {
      map.forEach((k, v) -> options.put(String.valueOf(k), v));
    }
    return options;
  }
}
