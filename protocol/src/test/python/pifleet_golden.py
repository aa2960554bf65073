"""Checks the golden vectors with nothing but the specification (protocol/README.md).

usage: pifleet_golden.py DIRECTORY

Needs Python 3 and its standard library; of the segments' compressed frames it checks what does not
need a zstd decoder.
"""

import hashlib
import io
import json
import pathlib
import struct
import sys
import tarfile

MESSAGES = {1: "OFFER", 2: "NEED", 3: "HAVE", 4: "BUSY", 5: "REFUSED", 6: "DATA", 7: "WAIT", 8: "RECEIPT"}
REQUIRED = {
    "OFFER": {1, 2, 3, 4, 5},
    "NEED": {1, 2},
    "HAVE": {1},
    "BUSY": {1},
    "REFUSED": {1, 2},
    "DATA": {1, 2},
    "WAIT": set(),
    "RECEIPT": {1},
}


def message(data):
    """Type, {tag: value}, and what follows the message."""
    kind, zero, count, length = struct.unpack_from(">BBHI", data)
    assert zero == 0 and count <= 64
    name = MESSAGES[kind]
    body, rest = data[8 : 8 + length], data[8 + length :]
    assert len(body) == length
    fields = {}
    order = []
    while body:
        tag, size = struct.unpack_from(">HI", body)
        value, body = body[6 : 6 + size], body[6 + size :]
        assert len(value) == size
        required, tag = bool(tag & 0x8000), tag & 0x7FFF
        assert tag not in fields
        assert required == (tag in REQUIRED[name]), (name, tag)
        fields[tag] = value
        order.append(tag)
    assert len(order) == count
    assert REQUIRED[name] <= set(fields)
    if name == "OFFER":
        assert order[-1] == 5, "the manifest is the last field"
    return name, fields, rest


def raw_frame(content):
    if not content:
        return b""
    size = len(content)
    if size < 256:
        head = bytes([0x20]) + struct.pack("<B", size)
    elif size < 65792:
        head = bytes([0x60]) + struct.pack("<H", size - 256)
    else:
        head = bytes([0xA0]) + struct.pack("<I", size)
    frame = b"\x28\xb5\x2f\xfd" + head
    for start in range(0, size, 131072):
        block = content[start : start + 131072]
        last = start + len(block) == size
        frame += struct.pack("<I", len(block) << 3 | last)[:3] + block
    return frame


def padding(size):
    return bytes(-size % 512)


def ustar(name, size, mtime, kind=b"0", prefix=b""):
    def octal(digits, value):
        return b"%0*o\0" % (digits, value)

    header = name.ljust(100, b"\0") + octal(7, 0o644) + octal(7, 0) + octal(7, 0)
    header += octal(11, size) + octal(11, min(max(mtime, 0), 0o77777777777)) + b" " * 8 + kind + bytes(100)
    header += b"ustar\0" + b"00" + bytes(64) + octal(7, 0) + octal(7, 0)
    header += prefix.ljust(155, b"\0") + bytes(12)
    assert len(header) == 512
    return header[:148] + b"%06o\0 " % sum(header) + header[156:]


def pax_record(key, value):
    rest = b" " + key + b"=" + value + b"\n"
    length = len(rest) + 1
    while len(str(length)) + len(rest) != length:
        length = len(str(length)) + len(rest)
    return str(length).encode() + rest


def tar_header(name, size, mtime):
    raw = name.encode()
    big = size > 0o77777777777
    if len(raw) <= 100 and not big:
        return ustar(raw, size, mtime)
    if name.isascii() and len(raw) > 100 and not big:
        slash = raw.rfind(b"/", 1, min(156, len(raw) - 1))
        if slash > 0 and 1 <= len(raw) - slash - 1 <= 100:
            return ustar(raw[slash + 1 :], size, mtime, prefix=raw[:slash])
    records = pax_record(b"path", raw)
    if big:
        records += pax_record(b"size", str(size).encode())
    cut = raw[:100].decode(errors="ignore").encode()
    return (
        ustar(b"PaxHeader", len(records), mtime, b"x")
        + records
        + padding(len(records))
        + ustar(cut, 0 if big else size, mtime)
    )


def main(directory):
    def load(name):
        return (directory / name).read_bytes()

    assert load("tar-header.bin") == tar_header("a/b.txt", 1234, 1763276400)
    assert load("tar-header-prefix.bin") == tar_header(
        "files/" + "d" * 90 + "/" + "f" * 60, 8589934591, 0
    )
    umlauts = "files/" + "ü" * 60 + ".jpg"
    assert load("tar-header-pax.bin") == tar_header(umlauts, 77, 1763276400)
    assert load("tar-header-big.bin") == tar_header("big.bin", 8589934592, 1763276400)
    for vector, name, size in (
        ("tar-header-pax.bin", umlauts, 77),
        ("tar-header-big.bin", "big.bin", 8589934592),
    ):
        info = tarfile.TarFile(fileobj=io.BytesIO(load(vector))).next()
        assert (info.name, info.size) == (name, size), vector

    for line in load("raw-frames.txt").decode().splitlines()[1:]:
        size, length, digest, first = line.split()
        frame = raw_frame(bytes(i % 251 for i in range(int(size))))
        assert len(frame) == int(length) and hashlib.sha256(frame).hexdigest() == digest
        assert first == (frame[:12].hex() or "-")

    segments = [load("segment-0.bin"), load("segment-1.bin")]
    raw_manifest = load("manifest.json")
    manifest = json.loads(raw_manifest)
    assert manifest["format"] == "pifleet-archive/1"
    assert [s["sha256"] for s in manifest["segments"]] == [
        hashlib.sha256(s).hexdigest() for s in segments
    ]
    assert [s["size"] for s in manifest["segments"]] == [len(s) for s in segments]
    device, period, part = manifest["device"], manifest["period"], manifest["part"]
    prefix = f"{device}/{period}.{part}/"
    for segment, member, mtime in zip(segments, manifest["members"], (1795161600, 1795100000)):
        head = raw_frame(tar_header(prefix + member["name"], member["size"], mtime))
        assert segment.startswith(head) and len(head) == 522
        assert segment.endswith(raw_frame(padding(member["size"])))

    tail = tar_header(prefix + "manifest.json", len(raw_manifest), 1795392002)
    tail += raw_manifest + padding(len(raw_manifest)) + bytes(1024)
    assert load("archive-end.bin") == raw_frame(tail)
    assert load("archive.tar.zst") == b"".join(segments) + raw_frame(tail)

    assert load("preamble.bin") == b"PIFL\0\1\0\0"
    name, offer, rest = message(load("offer.bin"))
    assert (name, rest) == ("OFFER", b"")
    assert offer == {
        1: device.encode(),
        2: period.encode(),
        3: struct.pack(">I", part),
        4: bytes.fromhex("00112233445566778899aabbccddeeff"),
        5: raw_manifest,
        6: b"0.1.0",
    }
    name, need, rest = message(load("need.bin"))
    ranges = struct.pack(">IIIIII", 0, 0, len(segments[0]), 1, 0, len(segments[1]))
    assert (name, need, rest) == ("NEED", {1: b"\0\0\0\1", 2: ranges, 3: bytes(8)}, b"")
    total = len(segments[0]) + len(segments[1])
    data = {1: b"\0\0\0\1", 2: struct.pack(">Q", total)}
    assert message(load("data.bin")) == ("DATA", data, b"")
    wait = {1: b"storing", 2: struct.pack(">Q", 1000), 3: struct.pack(">Q", 2000)}
    assert message(load("wait.bin")) == ("WAIT", wait, b"")
    busy = {1: struct.pack(">I", 90), 2: b"16 transfers run"}
    assert message(load("busy.bin")) == ("BUSY", busy, b"")
    text = b"segment 1 did not match its hash 3 times"
    refused = {1: b"\0\6", 2: b"\1", 3: text, 5: b"\0\0\0\1"}
    assert message(load("refused.bin")) == ("REFUSED", refused, b"")
    refused = {1: b"\0\1", 2: b"\0", 3: b"major version 2; wanted: 1", 4: b"\0\1\0\1"}
    assert message(load("refused-version.bin")) == ("REFUSED", refused, b"")

    receipt = json.loads(load("receipt.json"))
    assert receipt == {
        "receipt": "pifleet/1",
        "device": device,
        "archive": f"{period}.{part}",
        "digest": hashlib.sha256(raw_manifest).hexdigest(),
        "bytes": len(load("archive.tar.zst")),
        "received": "2026-11-23T03:12:45Z",
        "collector": "attic-09ab34",
    }
    assert message(load("receipt.bin")) == ("RECEIPT", {1: load("receipt.json")}, b"")
    have = {1: load("receipt.json"), 2: b"\1\2\3\4"}
    assert message(load("have.bin")) == ("HAVE", have, b"")

    sent = load("session-device.bin")
    assert sent == load("preamble.bin") + load("offer.bin") + load("data.bin") + b"".join(segments)
    sent = load("session-collector.bin")
    assert sent == load("preamble.bin") + load("need.bin") + load("receipt.bin")
    print("all golden vectors are right")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]))
