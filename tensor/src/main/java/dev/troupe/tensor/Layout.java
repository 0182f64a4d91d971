package dev.troupe.tensor;

import java.util.List;

/**
 * Where each parameter of a model lies in its flat buffer, and the buckets in which gradients
 * become final. Offsets and lengths count elements (4 bytes each).
 */
public final class Layout {

  /**
   * A parameter.
   *
   * @param name its name in a Hugging Face checkpoint
   * @param shape its dimensions
   * @param offset first element
   * @param length number of elements
   * @param decayed whether weight decay applies (matrices yes, norms no)
   */
  public record Entry(String name, List<Integer> shape, int offset, int length, boolean decayed) {}

  /**
   * A contiguous range whose gradients become final together.
   *
   * @param index position in {@link Layout#buckets()}
   */
  public record Bucket(int index, int offset, int length) {}

  private final List<Entry> entries;
  private final List<Bucket> buckets;

  public Layout(List<Entry> entries, List<Bucket> buckets) {
    this.entries = List.copyOf(entries);
    this.buckets = List.copyOf(buckets);
  }

  /** Parameters by offset, without gaps. */
  public List<Entry> entries() {
    return entries;
  }

  /** Buckets by offset, without gaps. Backward finishes them from the last to the first. */
  public List<Bucket> buckets() {
    return buckets;
  }

  /** Elements in all. */
  public int size() {
    Entry last = entries.get(entries.size() - 1);
    return last.offset() + last.length();
  }

  /** Bytes in all. */
  public int bytes() {
    return size() * Float.BYTES;
  }
}
