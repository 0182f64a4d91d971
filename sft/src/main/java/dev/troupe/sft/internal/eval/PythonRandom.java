package dev.troupe.sft.internal.eval;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The numbers of Python's {@code random.Random(seed)}: the Mersenne Twister MT19937 (Matsumoto and
 * Nishimura, "Mersenne Twister", ACM TOMACS 8(1), 1998), seeded and drawn from as CPython 3.11 does
 * ({@code Modules/_randommodule.c}, {@code Lib/random.py}). lm-evaluation-harness draws its
 * examples with it.
 */
final class PythonRandom {

  private static final int N = 624;
  private static final int M = 397;

  private final int[] state = new int[N];
  private int next = N;

  PythonRandom(long seed) {
    long size = Math.abs(seed);
    int high = (int) (size >>> 32);
    seed(high == 0 ? new int[] {(int) size} : new int[] {(int) size, high});
  }

  /** {@code init_by_array} of the authors' code. */
  private void seed(int[] key) {
    state[0] = 19650218;
    for (int i = 1; i < N; i++) {
      state[i] = 1812433253 * mixed(i - 1) + i;
    }
    int i = 1;
    for (int k = 0; k < N; k++) { // a key has at most two words
      state[i] = (state[i] ^ (mixed(i - 1) * 1664525)) + key[k % key.length] + k % key.length;
      i = after(i);
    }
    for (int k = 0; k < N - 1; k++) {
      state[i] = (state[i] ^ (mixed(i - 1) * 1566083941)) - i;
      i = after(i);
    }
    state[0] = 0x80000000;
  }

  private int mixed(int i) {
    return state[i] ^ (state[i] >>> 30);
  }

  private int after(int i) {
    if (i + 1 < N) {
      return i + 1;
    }
    state[0] = state[N - 1];
    return 1;
  }

  private int word() {
    if (next == N) {
      for (int i = 0; i < N; i++) {
        int y = (state[i] & 0x80000000) | (state[(i + 1) % N] & 0x7fffffff);
        state[i] = state[(i + M) % N] ^ (y >>> 1) ^ ((y & 1) == 0 ? 0 : 0x9908b0df);
      }
      next = 0;
    }
    int y = state[next++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return y ^ (y >>> 18);
  }

  /** {@code _randbelow}: from 0 to {@code bound - 1}. */
  private int below(int bound) {
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(bound);
    int drawn;
    do {
      drawn = word() >>> (Integer.SIZE - bits);
    } while (drawn >= bound);
    return drawn;
  }

  /**
   * {@code sample(range(size), count)}: different numbers in the order in which they are drawn.
   *
   * @param count at most {@code size}
   */
  int[] sample(int size, int count) {
    double most = 21; // up to so many, Python shuffles a list rather than keep a set
    if (count > 5) {
      most += Math.pow(4, Math.ceil(Math.log(count * 3.0) / Math.log(4)));
    }
    if (size > most) {
      Set<Integer> drawn = new LinkedHashSet<>();
      while (drawn.size() < count) {
        drawn.add(below(size));
      }
      return drawn.stream().mapToInt(Integer::intValue).toArray();
    }
    int[] pool = IntStream.range(0, size).toArray();
    int[] drawn = new int[count];
    for (int i = 0; i < count; i++) {
      int place = below(size - i);
      drawn[i] = pool[place];
      pool[place] = pool[size - i - 1];
    }
    return drawn;
  }
}
