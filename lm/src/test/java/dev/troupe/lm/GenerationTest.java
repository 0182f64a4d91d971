package dev.troupe.lm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class GenerationTest {

  static final List<String> MODELS = Golden.MODELS;

  private static List<int[]> prompts(int rows) {
    SplittableRandom random = new SplittableRandom(8);
    List<int[]> prompts = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      prompts.add(random.ints(1 + row * 5 % 12, 0, 37).toArray());
    }
    return prompts;
  }

  /** Greedy, from the start for each token. */
  private static int[] uncached(CausalLm model, int[] prompt, int steps) {
    int vocab = model.config().vocabSize();
    int[] tokens = prompt;
    for (int step = 0; step < steps; step++) {
      Batch batch = Batch.of(List.of(Example.of(tokens)), model.config().context());
      float[] scores = model.logits(batch)[0];
      int last = (tokens.length - 1) * vocab;
      int best = 0;
      for (int id = 1; id < vocab; id++) {
        best = scores[last + id] > scores[last + best] ? id : best;
      }
      tokens = Arrays.copyOf(tokens, tokens.length + 1);
      tokens[tokens.length - 1] = best;
    }
    return Arrays.copyOfRange(tokens, prompt.length, tokens.length);
  }

  @ParameterizedTest
  @FieldSource("MODELS")
  void greedyIsTheLikeliestTokenEachTime(String name) throws Exception {
    try (CausalLm model = CausalLm.load(Golden.folder(name))) {
      List<int[]> prompts = prompts(7);
      List<int[]> answers = model.generate(prompts, 10, Set.of());
      for (int i = 0; i < answers.size(); i++) {
        assertThat(answers.get(i)).isEqualTo(uncached(model, prompts.get(i), 10));
      }
    }
  }

  @Test
  void theSameSeedGivesTheSameTokens() throws Exception {
    try (CausalLm model = CausalLm.load(Golden.folder("qwen2"))) {
      List<int[]> prompts = prompts(5);
      List<int[]> one = model.generate(prompts, 20, Set.of(), new Sampling(1.5, 0.9, 1));
      assertThat(model.generate(prompts, 20, Set.of(), new Sampling(1.5, 0.9, 1)))
          .usingRecursiveComparison()
          .isEqualTo(one);
      List<int[]> other = model.generate(prompts, 20, Set.of(), new Sampling(1.5, 0.9, 2));
      assertThat(other.get(0)).isNotEqualTo(one.get(0));
    }
  }

  @Test
  void equalPromptsGetDifferentAnswersAndAnAnswerDependsOnNoOtherPrompt() throws Exception {
    try (CausalLm model = CausalLm.load(Golden.folder("gpt2"))) {
      int[] prompt = {1, 2, 3};
      Sampling sampling = new Sampling(2, 1, 1);
      List<int[]> both = model.generate(List.of(prompt, prompt), 20, Set.of(), sampling);
      assertThat(both.get(0)).isNotEqualTo(both.get(1));
      assertThat(model.generate(List.of(prompt), 20, Set.of(), sampling).get(0))
          .isEqualTo(both.get(0));
    }
  }

  @Test
  void aSmallNucleusIsGreedy() throws Exception {
    try (CausalLm model = CausalLm.load(Golden.folder("mistral"))) {
      List<int[]> prompts = prompts(3);
      assertThat(model.generate(prompts, 10, Set.of(), new Sampling(1, 1e-9, 5)))
          .usingRecursiveComparison()
          .isEqualTo(model.generate(prompts, 10, Set.of()));
    }
  }

  /** They leave the batch, which goes on without them. */
  @Test
  void answersThatEndEarlyLeaveTheOthersAlone() throws Exception {
    try (CausalLm model = CausalLm.load(Golden.folder("qwen2"))) {
      List<int[]> prompts = prompts(9);
      List<int[]> whole = model.generate(prompts, 12, Set.of());
      List<int[]> asked = new ArrayList<>();
      StopRule stop =
          new StopRule(
              Set.of(),
              answer -> {
                asked.add(answer);
                // the answer's own ids say how long it is to be: 1 to 12
                return answer.length >= 1 + Math.floorMod(whole.indexOf(owner(whole, answer)), 12);
              });
      List<int[]> answers = model.generate(prompts, 12, stop, Sampling.GREEDY);
      for (int i = 0; i < answers.size(); i++) {
        int[] expected = Arrays.copyOf(whole.get(i), answers.get(i).length);
        assertThat(answers.get(i)).as("prompt %d", i).isEqualTo(expected);
      }
      assertThat(answers).extracting(answer -> answer.length).contains(1, 4).doesNotContain(12);
      assertThat(asked).hasSize(answers.stream().mapToInt(answer -> answer.length).sum());
    }
  }

  /** The first of the answers that begins like this one. */
  private static int[] owner(List<int[]> whole, int[] beginning) {
    return whole.stream()
        .filter(one -> Arrays.equals(Arrays.copyOf(one, beginning.length), beginning))
        .findFirst()
        .orElseThrow();
  }

  /** More prompts than one cache takes are cut into several batches. */
  @Test
  void manyPromptsAreAnsweredInTheirOrder() throws Exception {
    try (CausalLm model = CausalLm.load(Golden.folder("grouped"))) {
      List<int[]> prompts = prompts(150);
      List<int[]> answers = model.generate(prompts, 3, Set.of());
      assertThat(answers).hasSize(150);
      for (int i : new int[] {0, 63, 64, 149}) {
        assertThat(answers.get(i)).isEqualTo(uncached(model, prompts.get(i), 3));
      }
    }
  }
}
