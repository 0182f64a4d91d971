package dev.troupe.pricing.backtest.internal;

import dev.troupe.core.BlobRef;
import dev.troupe.core.Json;
import dev.troupe.core.WorkContext;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;

/**
 * Where the priced quotes of all tasks are.
 *
 * @param parts in the grid's order
 */
record PricedParts(List<Part> parts) {

  /** What one task priced. */
  record Part(BlobRef rows, long count) {}

  static PricedParts of(List<PriceTask.Outcome> outcomes) {
    return new PricedParts(
        outcomes.stream().map(outcome -> new Part(outcome.rows(), outcome.count())).toList());
  }

  BlobRef put(WorkContext context) {
    return context.store().put(ByteBuffer.wrap(Json.write(this).getBytes(StandardCharsets.UTF_8)));
  }

  /** Hands over all of them, in order. */
  static void read(WorkContext context, BlobRef index, Consumer<PricedQuote> each)
      throws IOException {
    String json = StandardCharsets.UTF_8.decode(context.store().get(index)).toString();
    for (Part part : Json.read(json, PricedParts.class).parts()) {
      read(context, part, each);
    }
  }

  static void read(WorkContext context, Part part, Consumer<PricedQuote> each) throws IOException {
    try (InputStream stream = context.store().open(part.rows());
        DataInputStream in = new DataInputStream(new BufferedInputStream(stream))) {
      for (long i = 0; i < part.count(); i++) {
        each.accept(PricedQuote.read(in));
      }
      if (in.read() != -1) { // reading to the end checks the content
        throw new EOFException("priced quotes: more bytes than rows");
      }
    }
  }
}
