package dev.troupe.dist;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The rooms of the house and which way the doors open (docs/architecture.md). */
class ArchitectureTest {

  private static final String PEKKO = "org.apache.pekko..";
  private static final String GRPC = "io.grpc..";
  private static final String DJL = "ai.djl..";

  /**
   * @param name the package under {@code dev.troupe}
   * @param mayUse the rooms whose public face it may use
   * @param never libraries that it does without
   */
  private record Room(String name, List<String> mayUse, List<String> never) {

    String packages() {
      return "dev.troupe." + name + "..";
    }

    /** It uses no room but those it may. */
    ArchRule doors() {
      String[] open =
          Stream.concat(Stream.of(name), mayUse.stream())
              .map(room -> "dev.troupe." + room + "..")
              .toArray(String[]::new);
      return classes()
          .that()
          .resideInAPackage(packages())
          .should()
          .onlyDependOnClassesThat(
              resideOutsideOfPackage("dev.troupe..").or(resideInAnyPackage(open)))
          .allowEmptyShould(false);
    }

    ArchRule libraries() {
      return noClasses()
          .that()
          .resideInAPackage(packages())
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(never.toArray(String[]::new))
          .allowEmptyShould(false);
    }

    /** It goes into no other room further than its public face. */
    ArchRule faces() {
      return noClasses()
          .that()
          .resideInAPackage(packages())
          .should()
          .dependOnClassesThat(
              resideInAPackage("dev.troupe.(*).internal..").and(not(resideInAPackage(packages()))))
          .allowEmptyShould(false);
    }
  }

  private static final Room CORE = new Room("core", List.of(), List.of(PEKKO, GRPC, DJL));

  private static final List<Room> ROOMS =
      List.of(
          CORE,
          new Room("proto", List.of(), List.of(PEKKO, DJL)),
          new Room("collective", List.of("core"), List.of(PEKKO, GRPC, DJL)),
          new Room("testkit", List.of("collective", "core"), List.of(PEKKO, GRPC, DJL)),
          new Room("cluster", List.of("core"), List.of(GRPC, DJL)),
          new Room("store", List.of("cluster", "core"), List.of(GRPC, DJL)),
          new Room("tensor", List.of("core"), List.of(PEKKO, GRPC)),
          new Room("lm", List.of("tensor", "core"), List.of(PEKKO, GRPC)),
          new Room("sft", List.of("lm", "tensor", "core"), List.of(PEKKO, GRPC)),
          new Room("pricing", List.of("tensor", "core"), List.of(PEKKO, GRPC)),
          new Room("examples", List.of("core"), List.of(PEKKO, GRPC, DJL)),
          new Room("worker", List.of("cluster", "store", "collective", "core"), List.of(GRPC, DJL)),
          new Room("coordinator", List.of("cluster", "store", "core", "proto"), List.of(DJL)),
          new Room("cli", List.of("proto"), List.of(PEKKO, DJL)));

  private static final JavaClasses ALL =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.troupe");

  @TestFactory
  Stream<DynamicTest> usesNoRoomButThoseItMay() {
    return ROOMS.stream().map(room -> check(room, room.doors()));
  }

  @TestFactory
  Stream<DynamicTest> doesWithoutSomeLibraries() {
    return ROOMS.stream().map(room -> check(room, room.libraries()));
  }

  @TestFactory
  Stream<DynamicTest> goesNoFurtherThanAPublicFace() {
    Room dist = new Room("dist", List.of(), List.of());
    return Stream.concat(ROOMS.stream(), Stream.of(dist)).map(room -> check(room, room.faces()));
  }

  private static DynamicTest check(Room room, ArchRule rule) {
    return dynamicTest(
        room.name(),
        () -> {
          assumeTrue(
              ALL.stream().anyMatch(resideInAPackage(room.packages())), "the room is still empty");
          rule.check(ALL);
        });
  }

  @Test
  void hasNoCircles() {
    slices()
        .matching("dev.troupe.(*)..")
        .should()
        .beFreeOfCycles()
        .allowEmptyShould(false)
        .check(ALL);
  }

  @Test
  void hasNoClassOutsideARoom() {
    String[] rooms =
        Stream.concat(ROOMS.stream().map(Room::packages), Stream.of("dev.troupe.dist.."))
            .toArray(String[]::new);
    classes().should().resideInAnyPackage(rooms).allowEmptyShould(false).check(ALL);
  }

  /**
   * Pekko names an actor's logger after what the stack holds when it is first used, at times a
   * class of its own, whose lines are not shown: a worker under load registered without a word.
   */
  @Test
  void logsUnderItsOwnName() {
    noClasses()
        .should()
        .callMethod(ActorContext.class, "getLog")
        .because("the logger's name would depend on who uses it first; have a constant LOG")
        .check(ALL);
  }

  /** The rules find what they are for: {@code cluster} keeps none of the rules of {@code core}. */
  @Test
  void findsWhatIsNotAllowed() {
    Room strict = new Room("cluster", CORE.mayUse(), CORE.never());

    assertThat(strict.doors().evaluate(ALL).hasViolation()).isTrue();
    assertThat(strict.libraries().evaluate(ALL).hasViolation()).isTrue();
  }
}
