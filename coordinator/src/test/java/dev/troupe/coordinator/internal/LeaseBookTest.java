package dev.troupe.coordinator.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.cluster.protocol.Lease;
import org.junit.jupiter.api.Test;

class LeaseBookTest {

  private final Placement placement = new Placement();
  private final LeaseBook book = new LeaseBook(placement);

  private void use(String leaseId, long now) {
    book.use(FakePort.taskSlot(leaseId, "worker-1").lease(), Wants.TASKS, now);
  }

  @Test
  void aLeaseThatNoJobNamesIsToldAgain() {
    use("named", 0);
    use("forgotten", 0);
    book.named("named", 6_000);
    assertThat(book.takeUnnamed(LeaseBook.REPEAT_MILLIS)).isEmpty();
    assertThat(book.takeUnnamed(LeaseBook.REPEAT_MILLIS + 1))
        .extracting(Lease::leaseId)
        .containsExactly("forgotten");
    assertThat(book.takeUnnamed(LeaseBook.REPEAT_MILLIS + 2)).isEmpty();
    assertThat(book.takeUnnamed(2 * LeaseBook.REPEAT_MILLIS + 2)).hasSize(2);
  }

  @Test
  void aLeaseToBeStoppedKeepsItsSlotUntilItIsForgotten() {
    use("lease", 0);
    book.stop("lease", "job", 0);
    assertThat(book.takeUnnamed(1_000_000)).isEmpty();
    assertThat(book.stoppedFor("lease")).isEqualTo("job");
    assertThat(placement.leasesOn("worker-1")).hasSize(1);
    assertThat(book.overdueStops(LeaseBook.STOP_DEADLINE_MILLIS)).isEmpty();
    assertThat(book.overdueStops(LeaseBook.STOP_DEADLINE_MILLIS + 1)).containsExactly("lease");
    book.forget("lease");
    assertThat(placement.leasesOn("worker-1")).isEmpty();
    assertThat(book.workSlots()).isZero();
  }
}
