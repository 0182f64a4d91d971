package dev.troupe.tensor;

import java.util.ArrayList;
import java.util.List;

/**
 * Where each parameter of a model lies in its flat buffer, and the buckets in which gradients
 * become final. Offsets and lengths count elements (4 bytes each). A gap between two parameters is
 * shorter than {@link #ALIGNMENT}, belongs to no parameter, and stays 0.
 */
public final class Layout {

  /** Tensors that libtorch sees begin at multiples of this: 64 bytes, a cache line. */
  public static final int ALIGNMENT = 16;

  /**
   * A parameter.
   *
   * @param name its name in a Hugging Face checkpoint
   * @param shape its dimensions
   * @param offset first element
   * @param length number of elements
   * @param decayed whether weight decay applies (matrices yes, norms no)
   */
  public record Entry(String name, List<Integer> shape, int offset, int length, boolean decayed) {
    public Entry {
      shape = List.copyOf(shape);
    }
  }

  /**
   * A contiguous range whose gradients become final together.
   *
   * @param index position in {@link Layout#buckets()}
   * @param offset first element
   * @param length number of elements, up to the next bucket
   */
  public record Bucket(int index, int offset, int length) {}

  /**
   * Part of a flat buffer.
   *
   * @param from first element
   * @param to one past the last
   */
  public record Range(int from, int to) {
    public int length() {
      return to - from;
    }
  }

  private final List<Entry> entries;
  private final List<Bucket> buckets;
  private final int size;

  /**
   * Of entries by offset.
   *
   * @param bucketStarts offset of each bucket's first element; the first is 0
   * @param size elements in all, the last gap included
   */
  public Layout(List<Entry> entries, List<Integer> bucketStarts, int size) {
    this.entries = List.copyOf(entries);
    this.size = size;
    List<Bucket> cut = new ArrayList<>();
    for (int i = 0; i < bucketStarts.size(); i++) {
      int end = i + 1 < bucketStarts.size() ? bucketStarts.get(i + 1) : size;
      cut.add(new Bucket(i, bucketStarts.get(i), end - bucketStarts.get(i)));
    }
    this.buckets = List.copyOf(cut);
  }

  /** {@code offset} rounded up to the alignment. */
  public static int align(int offset) {
    return Math.addExact(offset, ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  /** Parameters by offset. */
  public List<Entry> entries() {
    return entries;
  }

  /** Buckets by offset, without gaps. Backward finishes them from the last to the first. */
  public List<Bucket> buckets() {
    return buckets;
  }

  /** Elements in all, gaps included. */
  public int size() {
    return size;
  }

  /** Bytes in all. */
  public int bytes() {
    return size * Float.BYTES;
  }
}
