package dev.troupe.worker.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ValueCacheTest {

  private final List<String> closed = new ArrayList<>();
  private final ValueCache cache = new ValueCache(2);

  private final class Model implements AutoCloseable {
    private final String name;

    Model(String name) {
      this.name = name;
    }

    @Override
    public void close() {
      closed.add(name);
    }
  }

  private Model use(ValueCache.Scope scope, String name) throws Exception {
    return scope.get(name, () -> new Model(name));
  }

  @Test
  void theLeastRecentlyUsedValueIsClosed() throws Exception {
    try (ValueCache.Scope scope = cache.newScope()) {
      use(scope, "a");
    }
    try (ValueCache.Scope scope = cache.newScope()) {
      use(scope, "b");
      use(scope, "a");
    }
    try (ValueCache.Scope scope = cache.newScope()) {
      use(scope, "c");
    }
    assertThat(closed).containsExactly("b");
    assertThat(cache.size()).isEqualTo(2);
  }

  @Test
  void whatIsInUseStays() throws Exception {
    try (ValueCache.Scope rank = cache.newScope()) {
      Model a = use(rank, "a");
      for (String other : List.of("b", "c", "d")) {
        try (ValueCache.Scope task = cache.newScope()) {
          use(task, other);
          assertThat(use(task, "a")).isSameAs(a);
        }
      }
      assertThat(closed).containsExactly("b", "c");
    }
  }

  @Test
  void aLoadThatFailsIsTriedAgain() throws Exception {
    try (ValueCache.Scope scope = cache.newScope()) {
      assertThatThrownBy(
              () ->
                  scope.get(
                      "a",
                      () -> {
                        throw new IllegalStateException("no disk");
                      }))
          .hasMessage("no disk");
      assertThat(use(scope, "a").name).isEqualTo("a");
    }
  }
}
