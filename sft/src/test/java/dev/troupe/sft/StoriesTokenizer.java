package dev.troupe.sft;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.core.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The tokenizer of stories260K as a {@code tokenizer.json}. It comes as llama2.c's {@code
 * tok512.bin} alone, the pieces of a SentencePiece BPE: which pairs are merged follows from the
 * pieces, in which order from theirs.
 */
final class StoriesTokenizer {

  private static final int PIECES = 512;
  private static final String BLANK = "▁";

  private StoriesTokenizer() {}

  static void write(Path binary, Path folder) throws IOException {
    Map<String, Integer> ids = pieces(binary);
    ObjectNode tokenizer = Json.mapper().createObjectNode().put("version", "1.0");
    ArrayNode steps =
        tokenizer.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
    steps.addObject().put("type", "Prepend").put("prepend", BLANK);
    steps
        .addObject()
        .put("type", "Replace")
        .put("content", BLANK)
        .putObject("pattern")
        .put("String", " ");
    ObjectNode model = tokenizer.putObject("model").put("type", "BPE").put("unk_token", "<unk>");
    model.put("byte_fallback", true).set("vocab", Json.mapper().valueToTree(ids));
    ArrayNode merges = model.putArray("merges");
    for (String piece : ids.keySet()) {
      for (int cut = 1; cut < piece.length(); cut++) {
        String left = piece.substring(0, cut);
        String right = piece.substring(cut);
        if (ids.containsKey(left) && ids.containsKey(right)) {
          merges.addArray().add(left).add(right);
        }
      }
    }
    ObjectNode template = tokenizer.putObject("post_processor").put("type", "TemplateProcessing");
    for (String kind : new String[] {"single", "pair"}) {
      ArrayNode parts = template.putArray(kind);
      parts.addObject().putObject("SpecialToken").put("id", "<s>").put("type_id", 0);
      parts.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
    }
    ObjectNode bos = template.putObject("special_tokens").putObject("<s>").put("id", "<s>");
    bos.putArray("ids").add(ids.get("<s>"));
    bos.putArray("tokens").add("<s>");
    Json.mapper().writeValue(folder.resolve("tokenizer.json").toFile(), tokenizer);
    Files.writeString(folder.resolve("tokenizer_config.json"), "{}");
  }

  /** By their rank. */
  private static Map<String, Integer> pieces(Path binary) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(binary)).order(ByteOrder.LITTLE_ENDIAN);
    bytes.getInt(); // the longest piece
    Map<String, Integer> ids = new LinkedHashMap<>();
    for (int id = 0; id < PIECES; id++) {
      bytes.getFloat(); // the score: ids are in its order
      byte[] piece = new byte[bytes.getInt()];
      bytes.get(piece);
      String text = new String(piece, StandardCharsets.UTF_8).replace(" ", BLANK);
      String[] special = {"<unk>", "<s>", "</s>"};
      ids.put(id < special.length ? special[id] : text, id);
    }
    return ids;
  }
}
