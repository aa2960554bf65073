package io.pifleet.agent.spool;

import java.util.Arrays;

/**
 * The names that are taken in a part, as 64-bit hashes: a name that is wrongly believed taken costs
 * nothing. Not thread-safe.
 */
final class MemberNames {
  private long[] slots = new long[256];
  private int count;

  boolean contains(String name) {
    return slots[slotOf(slots, key(name))] != 0;
  }

  void add(String name) {
    if (2 * (count + 1) > slots.length) {
      grow();
    }
    long key = key(name);
    int slot = slotOf(slots, key);
    if (slots[slot] == 0) {
      slots[slot] = key;
      count++;
    }
  }

  void clear() {
    Arrays.fill(slots, 0);
    count = 0;
  }

  private void grow() {
    long[] larger = new long[2 * slots.length];
    for (long key : slots) {
      if (key != 0) {
        larger[slotOf(larger, key)] = key;
      }
    }
    slots = larger;
  }

  private static long key(String name) {
    long hash = Fingerprint.hash(name);
    return hash == 0 ? 1 : hash; // 0 is an empty slot
  }

  private static int slotOf(long[] slots, long key) {
    int mask = slots.length - 1;
    int slot = (int) key & mask;
    while (slots[slot] != 0 && slots[slot] != key) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }
}
