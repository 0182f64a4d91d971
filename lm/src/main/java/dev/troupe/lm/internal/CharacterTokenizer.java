package dev.troupe.lm.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.tensor.AtomicFile;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/** Writes the files of a tokenizer of single characters; see {@link dev.troupe.lm.Tokenizer}. */
public final class CharacterTokenizer {

  private static final List<String> SPECIAL =
      List.of("<pad>", "<|im_start|>", "<|im_end|>", "<unk>");
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String TEMPLATE =
      """
      {% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}""";

  private CharacterTokenizer() {}

  /** Writes {@code tokenizer.json} and {@code tokenizer_config.json}. */
  public static void write(Path folder, String alphabet) {
    ObjectNode root = JSON.createObjectNode().put("version", "1.0");
    root.putNull("truncation");
    root.putNull("padding");
    ArrayNode added = root.putArray("added_tokens");
    ObjectNode vocab = JSON.createObjectNode();
    for (String token : SPECIAL) {
      added
          .addObject()
          .put("id", vocab.size())
          .put("content", token)
          .put("single_word", false)
          .put("lstrip", false)
          .put("rstrip", false)
          .put("normalized", false)
          .put("special", true);
      vocab.put(token, vocab.size());
    }
    alphabet.codePoints().forEach(character -> add(vocab, Character.toString(character)));
    root.putNull("normalizer");
    root.putNull("pre_tokenizer");
    root.putNull("post_processor");
    root.putObject("decoder").put("type", "Fuse");
    // BPE without merges: every character is its own token.
    ObjectNode model = root.putObject("model").put("type", "BPE");
    model.putNull("dropout");
    model.put("unk_token", "<unk>");
    model.putNull("continuing_subword_prefix");
    model.putNull("end_of_word_suffix");
    model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
    model.set("vocab", vocab);
    model.putArray("merges");
    AtomicFile.write(folder.resolve(TokenizerFiles.TOKENIZER), bytes(root));
    AtomicFile.write(folder.resolve(TokenizerFiles.CONFIG), bytes(config()));
  }

  private static void add(ObjectNode vocab, String character) {
    if (vocab.has(character)) {
      throw new IllegalArgumentException(
          "alphabet: character '%s' twice (expected: each once)".formatted(character));
    }
    vocab.put(character, vocab.size());
  }

  private static ObjectNode config() {
    return JSON.createObjectNode()
        .put("tokenizer_class", "PreTrainedTokenizerFast")
        .put("pad_token", "<pad>")
        .put("bos_token", "<|im_start|>")
        .put("eos_token", "<|im_end|>")
        .put("unk_token", "<unk>")
        .put("clean_up_tokenization_spaces", false)
        .put("chat_template", TEMPLATE);
  }

  private static byte[] bytes(ObjectNode json) {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
