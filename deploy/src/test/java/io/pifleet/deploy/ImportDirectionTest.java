package io.pifleet.deploy;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Arrays;

/**
 * Holds the arrows between modules, and keeps each outside library behind the one package that is
 * its owner.
 */
@AnalyzeClasses(packages = "io.pifleet", importOptions = DoNotIncludeTests.class)
final class ImportDirectionTest {

  @ArchTest
  static final ArchRule modulesImportOneWay =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .withOptionalLayers(true)
          .layer("linux")
          .definedBy("io.pifleet.linux..")
          .layer("protocol")
          .definedBy("io.pifleet.protocol..")
          .layer("daemon")
          .definedBy("io.pifleet.daemon..")
          .layer("agent")
          .definedBy("io.pifleet.agent..")
          .layer("collector")
          .definedBy("io.pifleet.collector..")
          .whereLayer("linux")
          .mayNotAccessAnyLayer()
          .whereLayer("protocol")
          .mayOnlyAccessLayers("linux")
          .whereLayer("daemon")
          .mayOnlyAccessLayers("linux")
          .whereLayer("agent")
          .mayOnlyAccessLayers("protocol", "daemon", "linux")
          .whereLayer("collector")
          .mayOnlyAccessLayers("protocol", "daemon", "linux")
          .because(
              "what two modules agree on lives below both: an agent that knows the collector's classes would speak"
                  + " a protocol that no specification describes");

  @ArchTest
  static final ArchRule packagesOfAModuleHaveNoCycle =
      slices()
          .matching("io.pifleet.(*).(**)")
          .should()
          .beFreeOfCycles()
          .because(
              "a cycle of packages is one package with several names: none of them can be read alone");

  @ArchTest
  static final ArchRule onlyLinuxKnowsJna =
      only("io.pifleet.linux..")
          .mayUse("com.sun.jna..")
          .because(
              "errno, sizes of C types and the life of a descriptor are decided in one place; a wrong"
                  + " signature ends the process, not the call");

  @ArchTest
  static final ArchRule onlyDiscoveryKnowsJmDns =
      only("io.pifleet.protocol.discovery..")
          .mayUse("javax.jmdns..")
          .because(
              "its instances die of a lost address, and one package has to know how they are replaced");

  @ArchTest
  static final ArchRule onlyTheCatalogKnowsSql =
      only("io.pifleet.collector.catalog..")
          .mayUse("java.sql..", "javax.sql..", "org.sqlite..")
          .because("the store is the truth and the catalog can be replaced by another database");

  @ArchTest
  static final ArchRule onlyTheConfigDialectKnowsTypesafeConfig =
      only("io.pifleet.daemon.config..")
          .mayUse("com.typesafe.config..")
          .because("a key that is read past the typed getters has no line in the error message");

  @ArchTest
  static final ArchRule onlyCommandLinesKnowPicocli =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "io.pifleet.daemon.cli..", "io.pifleet.agent.cli..", "io.pifleet.collector.cli..")
          .and()
          .doNotHaveSimpleName("Main")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("picocli..")
          .because("a daemon that runs for months does not load the parser of its command line");

  @ArchTest
  static final ArchRule onlyLoggingKnowsLogback =
      only("io.pifleet.daemon.logging..")
          .mayUse("ch.qos.logback..")
          .because(
              "everything else logs through slf4j, and the backend can change with the memory budget");

  private static Owner only(String owner) {
    return new Owner(owner);
  }

  private record Owner(String packageOfOwner) {
    ArchRule mayUse(String... libraries) {
      return noClasses()
          .that()
          .resideOutsideOfPackage(packageOfOwner)
          .should()
          .dependOnClassesThat(anyOf(libraries));
    }

    private static DescribedPredicate<JavaClass> anyOf(String... packages) {
      return DescribedPredicate.or(Arrays.stream(packages).map(p -> resideInAPackage(p)).toList());
    }
  }
}
