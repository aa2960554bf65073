package io.pifleet.protocol.discovery;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TxtRecordTest {
  @Test
  void writesIdFirstThenSortedKeysThenAddresses() {
    byte[] bytes =
        TxtRecord.encode("pi-1", Map.of("version", "1", "transport", "plain"), v6("fd00::1"));

    assertArrayEquals(
        "\7id=pi-1\17transport=plain\11version=1\25v6=fd00:0:0:0:0:0:0:1".getBytes(ISO_8859_1),
        bytes);
  }

  @Test
  void readsWhatItWrote() {
    Map<String, String> text = Map.of("waiting", "12", "version", "0.1.0 (test) = fine");

    Map<String, String> read = TxtRecord.decode(TxtRecord.encode("pi-1", text, v6("2001:db8::7")));

    assertEquals("pi-1", read.remove(TxtRecord.ID));
    assertEquals(v6("2001:db8::7"), TxtRecord.parseV6(read.remove(TxtRecord.V6)));
    assertEquals(text, read);
  }

  @Test
  void readsKeysInAnyCaseAndBelievesTheFirst() {
    assertEquals(Map.of("id", "a"), TxtRecord.decode("\4ID=a\4id=b".getBytes(ISO_8859_1)));
  }

  @Test
  void leavesOutWhatIsNoKeyWithAPrintableValue() {
    byte[] bytes = "\3tls\0\2=x\5a b=c\5e=\33[m\12longer-ke=".getBytes(ISO_8859_1);

    assertEquals(Map.of("longer-ke", ""), TxtRecord.decode(bytes));
  }

  @Test
  void stopsWhereALengthLeadsOutOfTheRecord() {
    assertEquals(Map.of("a", "1"), TxtRecord.decode("\3a=1\377b=2".getBytes(ISO_8859_1)));
  }

  @Test
  void readsNoMoreThanItsLimits() {
    ByteArrayOutputStream many = new ByteArrayOutputStream();
    for (int i = 0; i < 5_000; i++) {
      byte[] string = ("k" + i + "=v").getBytes(ISO_8859_1);
      many.write(string.length);
      many.writeBytes(string);
    }

    assertTrue(TxtRecord.decode(many.toByteArray()).size() < 32);
  }

  @Test
  void refusesToSayMoreThanOneRecordHolds() {
    Map<String, String> text = new HashMap<>();
    for (int i = 0; i < 4; i++) {
      text.put("k" + i, "v".repeat(200));
    }

    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> TxtRecord.check(text));
    assertTrue(refused.getMessage().startsWith("TXT record takes 8"), refused.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Version", "a=b", "ten-letter", "id", "v6"})
  void refusesKeysThatOthersCouldNotRead(String key) {
    assertThrows(
        IllegalArgumentException.class,
        () -> new Announcement(ServiceType.AGENT, "pi-1", 7000, Map.of(key, "x")));
  }

  @Test
  void takesOnlyV6LiteralsAndAsksNoNameServer() {
    assertEquals(
        v6("fd00::1", "2001:db8::1"),
        TxtRecord.parseV6("fd00::1,localhost,10.0.0.1,::ffff:a4d:15,2001:db8::1"));
    assertEquals(List.of(), TxtRecord.parseV6("fe80::1%eth0,::1.2.3.4,a:b,:::,"));
  }

  @Test
  void cutsAndCleansWhatItQuotes() {
    assertEquals("a?b?", TxtRecord.excerpt("a\nb\""));
    assertEquals(81, TxtRecord.excerpt("x".repeat(10_000)).length());
  }

  private static List<Inet6Address> v6(String... literals) {
    List<Inet6Address> addresses = new ArrayList<>();
    try {
      for (String literal : literals) {
        addresses.add((Inet6Address) InetAddress.getAllByName(literal)[0]);
      }
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
    return addresses;
  }
}
