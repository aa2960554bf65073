package io.pifleet.protocol.discovery;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/** A process that says on eth0 whatever could hurt a listener: far too much, and nonsense. */
final class MdnsFlood {
  private static final int PTR = 12;
  private static final int TXT = 16;
  private static final int SRV = 33;
  private static final int A = 1;
  private static final int AAAA = 28;
  private static final String TYPE = "_pifleet-collect._tcp.local";
  private static final byte[] ADDRESS = {10, 77, 0, 66};
  private static final int FOR_EVER = Integer.MAX_VALUE; // seconds

  private final ByteArrayOutputStream records = new ByteArrayOutputStream();
  private final InetAddress group;
  private final MulticastSocket socket;
  private int count;

  private MdnsFlood() throws IOException {
    group = InetAddress.getByAddress(new byte[] {(byte) 224, 0, 0, (byte) 251});
    socket = new MulticastSocket(new InetSocketAddress(5353));
    socket.setNetworkInterface(NetworkInterface.getByName("eth0"));
    socket.setTimeToLive(255);
  }

  public static void main(String[] args) throws Exception {
    MdnsFlood flood = new MdnsFlood();
    flood.nonsense();
    flood.strangeServices();
    for (int i = 0; i < 1_000; i++) {
      flood.service("flood-" + i, "id=flood-" + i, 9_000, ADDRESS);
    }
    flood.otherServices();
    flood.nonsense();
    flood.socket.close();
  }

  private void strangeServices() throws IOException {
    service("no-id", "version=1", 9_000, ADDRESS);
    service("path", "id=../../etc", 9_000, ADDRESS);
    service("no-port", "id=no-port", 0, ADDRESS);
    service("nowhere", "id=nowhere", 9_000, new byte[] {0, 0, 0, 0});
    service("multicast", "id=multicast", 9_000, new byte[] {(byte) 239, 1, 1, 1});
    service("odd-address", "id=odd-address", 9_000, ADDRESS);
    record("odd-address-host.local", AAAA, ADDRESS); // four bytes where sixteen belong
    record("odd-address-host.local", AAAA, new byte[] {1, 2, 3, 4, 5});
    flush(); // what follows makes its whole packet unreadable
    record(TYPE, PTR, name(TYPE));
    record(TYPE, PTR, name("_services._dns-sd._udp.local"));
    record(TYPE, PTR, name("."));
    record("x." + TYPE, TXT, new byte[] {(byte) 200, 1});
    record("x." + TYPE, SRV, new byte[0]);
    record("x." + TYPE, TXT, new byte[1_200]);
    record("_services._dns-sd._udp.local", PTR, name("_t" + count + "._udp.local"));
    flush();
  }

  /** What a busy network is full of, and more of it than there is memory for. */
  private void otherServices() throws IOException {
    for (int i = 0; i < 40_000; i++) {
      record("_other" + i + "._tcp.local", PTR, name("thing" + i + "._other" + i + "._tcp.local"));
      record("thing" + i + ".local", A, ADDRESS);
    }
    flush();
  }

  private void nonsense() throws IOException {
    Random random = new Random(7);
    for (int i = 0; i < 500; i++) {
      byte[] bytes = new byte[12 + random.nextInt(400)];
      random.nextBytes(bytes);
      for (int at = 2; at < 12; at++) {
        bytes[at] = (byte) (at % 2 == 0 ? 0 : bytes[at] & 3); // get past the header
      }
      bytes[2] = (byte) (i % 2 == 0 ? 0x84 : 0);
      send(bytes, bytes.length);
    }
  }

  private void service(String instance, String text, int port, byte[] address) throws IOException {
    String host = instance + "-host.local";
    ByteArrayOutputStream srv = new ByteArrayOutputStream();
    srv.writeBytes(new byte[] {0, 0, 0, 0, (byte) (port >> 8), (byte) port});
    srv.writeBytes(name(host));
    ByteArrayOutputStream txt = new ByteArrayOutputStream();
    txt.write(text.length());
    txt.writeBytes(text.getBytes(ISO_8859_1));
    record(TYPE, PTR, name(instance + "." + TYPE));
    record(instance + "." + TYPE, SRV, srv.toByteArray());
    record(instance + "." + TYPE, TXT, txt.toByteArray());
    record(host, A, address);
  }

  private void record(String name, int type, byte[] data) throws IOException {
    records.writeBytes(name(name));
    int ttl = FOR_EVER;
    records.writeBytes(
        new byte[] {
          0,
          (byte) type,
          0,
          1,
          (byte) (ttl >> 24),
          (byte) (ttl >> 16),
          (byte) (ttl >> 8),
          (byte) ttl,
          (byte) (data.length >> 8),
          (byte) data.length
        });
    records.writeBytes(data);
    count++;
    if (records.size() > 1_000) {
      flush();
    }
  }

  private void flush() throws IOException {
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    message.writeBytes(
        new byte[] {0, 0, (byte) 0x84, 0, 0, 0, (byte) (count >> 8), (byte) count, 0, 0, 0, 0});
    records.writeTo(message);
    records.reset();
    count = 0;
    send(message.toByteArray(), message.size());
  }

  private void send(byte[] bytes, int length) throws IOException {
    socket.send(new DatagramPacket(bytes, length, group, 5353));
    LockSupport.parkNanos(300_000); // so that most of it is heard and not dropped by the kernel
  }

  private static byte[] name(String dotted) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (String label : dotted.split("\\.", -1)) {
      if (!label.isEmpty()) {
        out.write(label.length());
        out.writeBytes(label.getBytes(ISO_8859_1));
      }
    }
    out.write(0);
    return out.toByteArray();
  }
}
