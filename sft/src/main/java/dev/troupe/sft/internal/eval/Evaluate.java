package dev.troupe.sft.internal.eval;

import dev.troupe.core.BlobRef;
import dev.troupe.core.InputException;
import dev.troupe.core.Task;
import dev.troupe.core.TaskContext;
import dev.troupe.lm.ContinuationScorer;
import dev.troupe.lm.Example;
import dev.troupe.lm.Message;
import dev.troupe.lm.Sampling;
import dev.troupe.lm.Score;
import dev.troupe.lm.StopRule;
import dev.troupe.lm.Tokenizer;
import dev.troupe.sft.SftEvalOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Measures the rows of one chunk. The result names a blob of {@link RowScore}s.
 *
 * @param chunk a {@link Chunk}
 */
public record Evaluate(SftEvalOptions options, ModelRef model, BlobRef chunk)
    implements Task<BlobRef> {

  @Override
  public BlobRef run(TaskContext context) throws Exception {
    LoadedModel loaded = model.load(context, options.threads());
    Chunk rows = Chunk.load(context.store(), chunk);
    synchronized (loaded) {
      List<RowScore> scores =
          switch (options.kind()) {
            case LOSS -> losses(loaded, rows);
            case CHOICE -> choices(loaded, rows);
            case GSM8K -> answers(loaded, rows);
          };
      return RowScore.save(context.store(), scores);
    }
  }

  private static List<RowScore> losses(LoadedModel loaded, Chunk rows) {
    List<Example> examples = rows.tokens().stream().map(Chunk.Tokens::example).toList();
    List<Score> scores = new ContinuationScorer(loaded.model(), loaded.tokenizer()).score(examples);
    List<RowScore> lines = new ArrayList<>();
    for (int i = 0; i < scores.size(); i++) {
      Map<String, Double> metrics = new LinkedHashMap<>();
      metrics.put("loss", -scores.get(i).logLikelihood());
      metrics.put("tokens", (double) scores.get(i).tokens());
      lines.add(new RowScore(rows.first() + i, metrics, Map.of()));
    }
    return lines;
  }

  private List<RowScore> choices(LoadedModel loaded, Chunk rows) {
    ContinuationScorer scorer = new ContinuationScorer(loaded.model(), loaded.tokenizer());
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < rows.questions().size(); i++) {
      Question question = rows.questions().get(i);
      for (String choice : question.choices()) {
        try {
          examples.add(
              options.chat()
                  ? scorer.answer(turn(question), choice)
                  : scorer.pair(question.prompt(), question.delimiter() + choice));
        } catch (IllegalArgumentException e) {
          throw new InputException(
              "data: row %d: %s".formatted(rows.first() + i, e.getMessage()), e);
        }
      }
    }
    List<Score> scores = scorer.score(examples);
    List<RowScore> lines = new ArrayList<>();
    int at = 0;
    for (int i = 0; i < rows.questions().size(); i++) {
      Question question = rows.questions().get(i);
      int end = at + question.choices().size();
      lines.add(judge(rows.first() + i, question, scores.subList(at, end)));
      at = end;
    }
    return lines;
  }

  /** The likeliest choice, and the likeliest a character: of equal ones the first. */
  private static RowScore judge(int row, Question question, List<Score> scores) {
    double[] likelihoods = scores.stream().mapToDouble(Score::logLikelihood).toArray();
    double[] perCharacter = likelihoods.clone();
    for (int i = 0; i < perCharacter.length; i++) {
      String choice = question.choices().get(i);
      perCharacter[i] /= choice.codePointCount(0, choice.length());
    }
    int chosen = largest(likelihoods);
    int chosenNorm = largest(perCharacter);
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("acc", chosen == question.answer() ? 1.0 : 0.0);
    metrics.put("acc_norm", chosenNorm == question.answer() ? 1.0 : 0.0);
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("prompt", question.prompt());
    details.put("choices", question.choices());
    details.put("answer", question.answer());
    details.put("chosen", chosen);
    details.put("chosenNorm", chosenNorm);
    details.put("logLikelihoods", Arrays.stream(likelihoods).boxed().toList());
    return new RowScore(row, metrics, details);
  }

  private static int largest(double[] values) {
    int largest = 0;
    for (int i = 1; i < values.length; i++) {
      largest = values[i] > values[largest] ? i : largest;
    }
    return largest;
  }

  private List<RowScore> answers(LoadedModel loaded, Chunk rows) {
    Tokenizer tokenizer = loaded.tokenizer();
    int context = loaded.model().config().context();
    List<int[]> prompts =
        rows.questions().stream().map(q -> fitting(prompt(tokenizer, q), context)).toList();
    Set<Integer> ends = new TreeSet<>();
    tokenizer.eos().ifPresent(ends::add);
    for (String text : Gsm8k.STOPS) {
      tokenizer.id(text).ifPresent(ends::add);
    }
    StopRule stop = new StopRule(ends, answer -> Gsm8k.hasEnded(tokenizer.decode(answer)));
    List<int[]> answers =
        loaded.model().generate(prompts, options.maxNewTokens(), stop, Sampling.GREEDY);
    List<RowScore> lines = new ArrayList<>();
    for (int i = 0; i < answers.size(); i++) {
      String response = Gsm8k.cut(tokenizer.decode(answers.get(i)));
      lines.add(judge(rows.first() + i, rows.questions().get(i), response));
    }
    return lines;
  }

  private int[] prompt(Tokenizer tokenizer, Question question) {
    return options.chat()
        ? tokenizer.encode(tokenizer.render(turn(question), true))
        : tokenizer.encodeWithSpecials(question.prompt());
  }

  /** The end of a prompt that leaves no room for an answer. */
  private int[] fitting(int[] prompt, int context) {
    int most = Math.max(1, context - options.maxNewTokens());
    return prompt.length <= most
        ? prompt
        : Arrays.copyOfRange(prompt, prompt.length - most, prompt.length);
  }

  private static RowScore judge(int row, Question question, String response) {
    String strict = Gsm8k.strict(response);
    String flexible = Gsm8k.flexible(response);
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("strict", Gsm8k.matches(strict, question.solution()) ? 1.0 : 0.0);
    metrics.put("flexible", Gsm8k.matches(flexible, question.solution()) ? 1.0 : 0.0);
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("prompt", question.prompt());
    details.put("solution", question.solution());
    details.put("response", response);
    details.put("strict", strict);
    details.put("flexible", flexible);
    return new RowScore(row, metrics, details);
  }

  private static List<Message> turn(Question question) {
    return List.of(new Message("user", question.prompt()));
  }
}
