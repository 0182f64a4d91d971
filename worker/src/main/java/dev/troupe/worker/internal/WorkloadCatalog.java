package dev.troupe.worker.internal;

import dev.troupe.cluster.protocol.WorkerInfo.WorkloadInfo;
import dev.troupe.core.GangMember;
import dev.troupe.core.JobContext;
import dev.troupe.core.Json;
import dev.troupe.core.Result;
import dev.troupe.core.Task;
import dev.troupe.core.Workload;
import dev.troupe.core.options.OptionsBinder;
import dev.troupe.core.options.OptionsException;
import dev.troupe.core.options.OptionsSchema;
import dev.troupe.core.options.Violation;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The workloads that this worker can run: those on the class path, and those of each jar in the
 * directory of workloads, which has a class loader of its own. A jar that is broken is named in the
 * log and left out; the others go on.
 */
public final class WorkloadCatalog {

  private static final Logger LOG = LoggerFactory.getLogger(WorkloadCatalog.class);

  /** A workload and the only classes that its tasks and gang members may be. */
  public static final class Entry {

    private final Workload<?> workload;
    private final ClassLoader loader;
    private final WorkloadInfo info;
    private final Map<String, Class<?>> classes = new ConcurrentHashMap<>();

    Entry(Workload<?> workload, ClassLoader loader) {
      this.workload = workload;
      this.loader = loader;
      this.info =
          new WorkloadInfo(
              workload.name(),
              workload.summary(),
              Json.write(OptionsSchema.of(workload.optionsType())));
    }

    /** Binds the options and runs the driver. */
    Result run(JobContext job, String optionsJson) throws Exception {
      return run(workload, job, optionsJson);
    }

    /** Binds the options and has the workload check them. */
    List<Violation> check(String optionsJson) {
      return check(workload, optionsJson);
    }

    private static <O extends Record> Result run(
        Workload<O> workload, JobContext job, String optionsJson) throws Exception {
      return workload.run(job, OptionsBinder.bind(optionsJson, workload.optionsType()));
    }

    private static <O extends Record> List<Violation> check(
        Workload<O> workload, String optionsJson) {
      try {
        return workload.check(OptionsBinder.bind(optionsJson, workload.optionsType()));
      } catch (OptionsException e) {
        return e.violations();
      }
    }

    ClassLoader loader() {
      return loader;
    }

    @SuppressWarnings("unchecked") // checked by load
    Class<? extends Task<?>> taskClass(String name) {
      return (Class<? extends Task<?>>) load(name, Task.class);
    }

    @SuppressWarnings("unchecked") // checked by load
    Class<? extends GangMember<?>> memberClass(String name) {
      return (Class<? extends GangMember<?>>) load(name, GangMember.class);
    }

    /** Looks a class up without initializing it, so that nothing of a wrong class ever runs. */
    private Class<?> load(String name, Class<?> kind) {
      Class<?> type =
          classes.computeIfAbsent(
              name,
              n -> {
                try {
                  return Class.forName(n, false, loader);
                } catch (ClassNotFoundException e) {
                  throw new IllegalArgumentException(
                      "class " + n + " is not on this worker (workload " + info.name() + ")", e);
                }
              });
      requireRecord(type, kind);
      return type;
    }
  }

  private final Map<String, Entry> entries = new TreeMap<>();
  private final List<String> problems = new ArrayList<>();

  private WorkloadCatalog() {}

  /**
   * @param jars directory of workload jars, null for none
   */
  public static WorkloadCatalog load(Path jars) {
    WorkloadCatalog catalog = new WorkloadCatalog();
    ClassLoader own = WorkloadCatalog.class.getClassLoader();
    catalog.addAll("the class path", own, false);
    if (jars != null) {
      for (Path jar : catalog.jarsIn(jars)) {
        catalog.addJar(jar, own);
      }
    }
    LOG.info("workloads: {}", catalog.entries.keySet());
    return catalog;
  }

  /** The workload of that name, or null. */
  Entry find(String name) {
    return entries.get(name);
  }

  public List<WorkloadInfo> infos() {
    return entries.values().stream().map(e -> e.info).toList();
  }

  /** What was left out and why, a line each. */
  public List<String> problems() {
    return List.copyOf(problems);
  }

  private void leaveOut(String what, String why) {
    String problem = what + " is left out: " + why;
    problems.add(problem);
    LOG.error("{}", problem);
  }

  /** Tasks and members are records: their components are all that travels. */
  static void requireRecord(Class<?> type, Class<?> kind) {
    if (!kind.isAssignableFrom(type) || !type.isRecord()) {
      throw new IllegalArgumentException(
          type.getName()
              + " (expected: a record that implements "
              + kind.getSimpleName()
              + "; its components are its input)");
    }
  }

  private List<Path> jarsIn(Path directory) {
    List<Path> jars = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, "*.jar")) {
      found.forEach(jars::add);
    } catch (IOException e) {
      leaveOut("troupe.worker.workloads: " + directory, "it cannot be read (" + e + ")");
    }
    jars.sort(null);
    return jars;
  }

  private void addJar(Path jar, ClassLoader parent) {
    try {
      URL url = jar.toUri().toURL();
      int before = entries.size();
      int problemsBefore = problems.size();
      URLClassLoader loader = new URLClassLoader(jar.toString(), new URL[] {url}, parent);
      addAll(jar.toString(), loader, true);
      if (entries.size() == before) {
        if (problems.size() == problemsBefore) {
          leaveOut(
              jar.toString(),
              "no workload in it (expected: META-INF/services/" + Workload.class.getName() + ")");
        }
        loader.close();
      }
    } catch (IOException e) {
      leaveOut(jar.toString(), e.toString());
    }
  }

  @SuppressWarnings("rawtypes") // ServiceLoader knows classes only
  private void addAll(String where, ClassLoader loader, boolean ownOnly) {
    var providers = ServiceLoader.load(Workload.class, loader).stream().iterator();
    while (true) {
      try {
        if (!providers.hasNext()) {
          return;
        }
        ServiceLoader.Provider<Workload> provider = providers.next();
        if (!ownOnly || provider.type().getClassLoader() == loader) {
          add(where, provider.get(), loader);
        }
      } catch (ServiceConfigurationError | LinkageError | RuntimeException e) {
        leaveOut("a workload of " + where, e.toString());
        if (e instanceof LinkageError) {
          return;
        }
      }
    }
  }

  private void add(String where, Workload<?> workload, ClassLoader loader) {
    Entry known = entries.get(workload.name());
    if (known != null) {
      leaveOut(
          "workload '" + workload.name() + "' of " + where,
          known.workload.getClass().getName() + " has that name already");
      return;
    }
    entries.put(workload.name(), new Entry(workload, loader));
  }
}
