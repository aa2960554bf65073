package io.pifleet.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pifleet.protocol.DeviceId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DeviceIdentityTest {
  private static final String SERIAL = "10000000abcdef01";
  // printf 10000000abcdef01 | sha256sum
  private static final String SERIAL_DIGITS = "8076ce";
  private static final String MACHINE_ID = "0123456789abcdef0123456789abcdef";
  // printf 0123456789abcdef0123456789abcdef | sha256sum
  private static final String MACHINE_DIGITS = "3eb1bd";

  @TempDir Path directory;
  private FakeMachine machine;

  @BeforeEach
  void open() throws IOException {
    machine = new FakeMachine(directory.resolve("root"));
  }

  private DeviceIdentity identity() {
    return new DeviceIdentity(machine.root(), directory.resolve("state"));
  }

  @Test
  void isTheHostNameAndTheHashOfTheBoardsSerialNumber() throws IOException {
    machine.host("pi-kitchen").serial(SERIAL).machineId(MACHINE_ID);
    assertEquals("pi-kitchen-" + SERIAL_DIGITS, identity().resolve());
  }

  @Test
  void takesTheMachineIdWhereTheBoardHasNoSerialNumber() throws IOException {
    machine.host("pc").machineId(MACHINE_ID);
    assertEquals("pc-" + MACHINE_DIGITS, identity().resolve());
  }

  @Test
  void aSerialNumberOfZerosIsNone() throws IOException {
    machine.host("pc").serial("0000000000000000").machineId(MACHINE_ID);
    assertEquals("pc-" + MACHINE_DIGITS, identity().resolve());
  }

  @Test
  void saysWhatToDoWhenNothingTellsMachinesApart() throws IOException {
    machine.host("pc").machineId("uninitialized");
    IOException refused = assertThrows(IOException.class, () -> identity().resolve());
    assertTrue(refused.getMessage().contains("set pifleet.device-id"), refused.getMessage());
    assertEquals(Optional.empty(), identity().kept());
  }

  @ParameterizedTest
  @CsvSource({
    "Pi-Kitchen.example.org, pi-kitchen",
    "PI_2.lan, pi-2",
    "küche, k-che",
    "-pi-, pi",
    "..., device",
    "192, 192"
  })
  void makesAnIdOfAnyHostName(String host, String start) throws IOException {
    machine.host(host).serial(SERIAL);
    String id = identity().resolve();
    assertEquals(start + "-" + SERIAL_DIGITS, id);
    assertTrue(DeviceId.isValid(id), id);
  }

  @Test
  void cutsALongHostName() throws IOException {
    machine.host("a".repeat(56) + "-" + "b".repeat(7)).serial(SERIAL);
    String id = identity().resolve();
    assertTrue(DeviceId.isValid(id), id);
    assertEquals("a".repeat(56) + "-" + SERIAL_DIGITS, id);
  }

  @Test
  void staysTheSameUnderAnotherHostName() throws IOException {
    machine.host("pi-kitchen").serial(SERIAL);
    String id = identity().resolve();
    machine.host("pi-attic");
    assertEquals(id, identity().resolve());
  }

  @Test
  void isTheSameAgainAfterTheCardWasWrittenAnew() throws IOException {
    machine.host("pi-kitchen").serial(SERIAL).machineId(MACHINE_ID);
    String before = identity().resolve();
    Files.delete(directory.resolve("state/device-id"));
    machine.machineId("fedcba9876543210fedcba9876543210");
    assertEquals(before, identity().resolve());
  }

  @Test
  void noticesACardThatMovedToAnotherBoardAndKeepsTheId() throws IOException {
    machine.host("pi-kitchen").serial(SERIAL);
    String id = identity().resolve();
    assertFalse(identity().isFromAnotherBoard(id));
    machine.serial("10000000abcdef02");
    assertTrue(identity().isFromAnotherBoard(id));
    assertEquals(id, identity().resolve());
    Files.delete(directory.resolve("state/device-id"));
    assertNotEquals(id, identity().resolve());
  }

  @Test
  void refusesAFileThatHoldsNoId() throws IOException {
    machine.host("pi-kitchen").serial(SERIAL);
    Files.createDirectories(directory.resolve("state"));
    Files.writeString(directory.resolve("state/device-id"), "../../etc\n");
    IOException refused = assertThrows(IOException.class, () -> identity().resolve());
    assertTrue(refused.getMessage().contains("holds no device id"), refused.getMessage());
  }
}
