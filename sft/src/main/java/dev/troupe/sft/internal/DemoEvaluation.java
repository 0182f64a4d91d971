package dev.troupe.sft.internal;

import dev.troupe.core.BlobRef;
import dev.troupe.core.Task;
import dev.troupe.core.TaskContext;
import dev.troupe.lm.Batch;
import dev.troupe.lm.CausalLm;
import dev.troupe.lm.ChatEncoder;
import dev.troupe.lm.Example;
import dev.troupe.lm.Loss;
import dev.troupe.lm.Tokenizer;
import dev.troupe.tensor.Engine;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Asks the model all held-out prompts of one kind, and measures its loss on the right answers.
 *
 * @param weights flat parameters; the untrained model's if empty
 */
public record DemoEvaluation(long seed, String kind, Optional<BlobRef> weights)
    implements Task<DemoEvaluation.KindScore> {

  private static final int MAX_NEW_TOKENS = 10;
  private static final int SAMPLES = 2;

  /** A held-out prompt, what the model said, and what is right. */
  public record Sample(String kind, String prompt, String answer, String expected) {}

  /**
   * How one kind of task went.
   *
   * @param matches answers that are right to the last character
   * @param lossSum nats, over {@code tokens} tokens of the right answers
   * @param samples the first few answers
   */
  public record KindScore(
      String kind, int prompts, int matches, double lossSum, long tokens, List<Sample> samples) {}

  @Override
  public KindScore run(TaskContext context) throws Exception {
    Engine.start(DemoMember.THREADS);
    Path folder = DemoModel.writeTokenizer(context);
    try (CausalLm model = DemoModel.untrained(seed);
        Tokenizer tokenizer = Tokenizer.load(folder)) {
      weights.ifPresent(blob -> load(context.store().get(blob), model));
      return score(model, tokenizer);
    }
  }

  private static void load(ByteBuffer weights, CausalLm model) {
    model.parameters().put(weights);
  }

  private KindScore score(CausalLm model, Tokenizer tokenizer) {
    List<DemoTasks.Item> items = DemoTasks.heldOut(seed, kind);
    ChatEncoder encoder = new ChatEncoder(tokenizer);
    List<Example> examples =
        items.stream().map(i -> encoder.completion(i.prompt(), i.answer())).toList();
    Loss loss = model.evaluate(Batch.of(examples, DemoModel.CONTEXT));

    List<int[]> prompts = items.stream().map(i -> encoder.completionPrompt(i.prompt())).toList();
    Set<Integer> stop = Set.of(tokenizer.eos().orElseThrow());
    List<int[]> answers = model.generate(prompts, MAX_NEW_TOKENS, stop);
    int matches = 0;
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < items.size(); i++) {
      DemoTasks.Item item = items.get(i);
      String answer = tokenizer.decode(answers.get(i));
      matches += answer.equals(item.answer()) ? 1 : 0;
      if (i < SAMPLES) {
        samples.add(new Sample(kind, item.prompt(), answer, item.answer()));
      }
    }
    return new KindScore(kind, items.size(), matches, loss.sum(), loss.tokens(), samples);
  }
}
