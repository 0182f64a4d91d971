package dev.troupe.sft.internal.eval;

import dev.troupe.core.BlobRef;
import dev.troupe.core.InputException;
import dev.troupe.core.Store;
import dev.troupe.core.Task;
import dev.troupe.core.TaskContext;
import dev.troupe.lm.Example;
import dev.troupe.lm.LmConfig;
import dev.troupe.lm.Tokenizer;
import dev.troupe.sft.SftEvalOptions;
import dev.troupe.sft.SftEvalOptions.Kind;
import dev.troupe.sft.internal.DataFile;
import dev.troupe.sft.internal.Dataset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Reads all rows of an evaluation and cuts them into chunks, one for each task. */
public record ReadRows(SftEvalOptions options, ModelRef model) implements Task<ReadRows.Rows> {

  /**
   * What was read.
   *
   * @param dropped rows longer than the model's context
   */
  public record Rows(List<BlobRef> chunks, int count, int dropped) {}

  @Override
  public Rows run(TaskContext context) throws Exception {
    try {
      return options.kind() == Kind.LOSS ? tokens(context) : questions(context.store());
    } catch (IllegalArgumentException e) {
      throw new InputException("data: " + e.getMessage(), e);
    }
  }

  private Rows tokens(TaskContext context) throws Exception {
    try (ModelFolder folder = model.folder(context);
        Tokenizer tokenizer = Tokenizer.load(folder.path())) {
      int most = LmConfig.read(folder.path()).context();
      List<DataFile> files = options.data().stream().map(DataFile::of).toList();
      Dataset data = Dataset.load(files, tokenizer, most, Dataset.TooLong.DROP, limit());
      if (data.examples().isEmpty()) {
        throw new IllegalArgumentException("no row fits the model's context, %d".formatted(most));
      }
      List<Example> examples = data.examples();
      return cut(
          examples.size(),
          data.dropped(),
          (from, to) -> {
            List<Chunk.Tokens> rows =
                examples.subList(from, to).stream().map(Chunk.Tokens::of).toList();
            return new Chunk(from, List.of(), rows).save(context.store());
          });
    }
  }

  private Rows questions(Store store) {
    Questions reader = new Questions(options);
    List<Question> all = new ArrayList<>();
    options.data().forEach(file -> all.addAll(reader.of(Path.of(file), limit())));
    return cut(
        all.size(), 0, (from, to) -> new Chunk(from, all.subList(from, to), List.of()).save(store));
  }

  private int limit() {
    return options.limit().orElse(Integer.MAX_VALUE);
  }

  @FunctionalInterface
  private interface Cutter {
    BlobRef chunk(int from, int to);
  }

  private Rows cut(int rows, int dropped, Cutter cutter) {
    int size = options.rowsPerTask();
    List<BlobRef> chunks =
        IntStream.iterate(0, from -> from < rows, from -> from + size)
            .mapToObj(from -> cutter.chunk(from, Math.min(from + size, rows)))
            .toList();
    return new Rows(chunks, rows, dropped);
  }
}
