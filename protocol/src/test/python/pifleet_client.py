"""A device, written from protocol/README.md alone: bundles files, offers them, prints the receipt.

usage: pifleet_client.py --connect HOST:PORT --device ID --period 2026-W47 [--part N]
                         [--segment-max BYTES] [--hang-up-after BYTES] FILE...

Python 3 and its standard library. There is no zstd in it, so that contents go into frames of raw
blocks, with the checksum that the specification asks for.

Exit status: 0 with the receipt on stdout; 1 when the collector was busy, refused or went away.
"""

import argparse
import datetime
import hashlib
import json
import os
import socket
import struct
import sys

from pifleet_golden import message, padding, raw_frame, tar_header

BLOCK = 131072
SEGMENT_MAX = 4194304
OFFER, NEED, HAVE, BUSY, REFUSED, DATA, WAIT, RECEIPT = range(1, 9)


def xxh64(data):
    """XXH64 with seed 0 (RFC 8878, section 3.1.1 names it; its low 4 bytes end a frame)."""
    p1, p2, p3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
    p4, p5, mask = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5, 0xFFFFFFFFFFFFFFFF

    def rotate(value, bits):
        return (value << bits | value >> 64 - bits) & mask

    def mix(lane, value):
        return rotate((lane + value * p2) & mask, 31) * p1 & mask

    length, at = len(data), 0
    if length >= 32:
        lanes = [p1 + p2 & mask, p2, 0, -p1 & mask]
        whole = length // 32 * 32
        for words in struct.iter_unpack("<4Q", data[:whole]):
            lanes = [mix(lane, word) for lane, word in zip(lanes, words)]
        at = whole
        value = sum(rotate(lane, bits) for lane, bits in zip(lanes, (1, 7, 12, 18))) & mask
        for lane in lanes:
            value = ((value ^ mix(0, lane)) * p1 + p4) & mask
    else:
        value = p5
    value = value + length & mask
    while at + 8 <= length:
        word = struct.unpack_from("<Q", data, at)[0]
        value = (rotate(value ^ mix(0, word), 27) * p1 + p4) & mask
        at += 8
    if at + 4 <= length:
        value = (rotate(value ^ struct.unpack_from("<I", data, at)[0] * p1 & mask, 23) * p2 + p3) & mask
        at += 4
    for byte in data[at:]:
        value = rotate(value ^ byte * p5 & mask, 11) * p1 & mask
    value = (value ^ value >> 33) * p2 & mask
    value = (value ^ value >> 29) * p3 & mask
    return value ^ value >> 32


def content_frame(content):
    """A frame of content: a raw frame with the checksum bit set, and the checksum."""
    frame = bytearray(raw_frame(content))
    frame[4] |= 4
    return bytes(frame) + struct.pack("<I", xxh64(content) & 0xFFFFFFFF)


def utc(seconds):
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class Archive:
    """Whole small members each in a segment of its own, large ones in slices."""

    def __init__(self, device, period, part, files, segment_max):
        self.segments = []
        self.members = []
        self.name = period if part == 1 else f"{period}.{part}"
        for path in files:
            self.add(f"{device}/{self.name}/", path, segment_max)
        self.manifest = json.dumps(
            {
                "format": "pifleet-archive/1",
                "device": device,
                "period": period,
                "part": part,
                "from": "2026-11-16T00:00:00Z",
                "to": "2026-11-23T00:00:00Z",
                "sealed": utc(1795392002),
                "agent": "python",
                "members": self.members,
                "segments": [
                    {"sha256": hashlib.sha256(s).hexdigest(), "size": len(s)} for s in self.segments
                ],
            },
            indent=1,
        ).encode()
        self.digest = hashlib.sha256(self.manifest).hexdigest()

    def add(self, prefix, path, segment_max):
        size = os.path.getsize(path)
        name = "files/python/" + os.path.basename(path)
        first = len(self.segments)
        segment = raw_frame(tar_header(prefix + name, size, int(os.path.getmtime(path))))
        with open(path, "rb") as file:
            left = size
            while left:
                content = file.read(min(left, BLOCK))
                left -= len(content)
                frame = content_frame(content)
                if not left:
                    frame += raw_frame(padding(size))
                if len(segment) + len(frame) > segment_max:
                    self.segments.append(segment)
                    segment = b""
                segment += frame
        self.segments.append(segment)
        member = {"name": name, "size": size, "segment": first}
        if len(self.segments) - first > 1:
            member["segments"] = len(self.segments) - first
        self.members.append(member)


def encode(kind, *fields):
    """Fields are (tag, required, value)."""
    body = b"".join(
        struct.pack(">HI", tag | (0x8000 if required else 0), len(value)) + value
        for tag, required, value in fields
    )
    return struct.pack(">BBHI", kind, 0, len(fields), len(body)) + body


class Conversation:
    def __init__(self, address, hang_up_after):
        self.socket = socket.create_connection(address, timeout=10)
        self.socket.settimeout(60)
        self.left = hang_up_after
        self.preamble_due = True
        self.broken = False

    def send(self, data):
        if self.left is not None and len(data) > self.left:
            self.socket.sendall(data[: self.left])
            self.socket.close()
            sys.exit("hung up as told")
        if self.left is not None:
            self.left -= len(data)
        try:
            self.socket.sendall(data)
        except ConnectionError:
            self.broken = True  # why the collector takes no more may be there to be read
            self.socket.settimeout(2)

    def read(self, count):
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                sys.exit("the collector went away")
            data += more
        return data

    def next(self):
        if self.preamble_due:
            preamble = self.read(8)
            assert preamble[:4] == b"PIFL", preamble
            self.spoken = preamble[4:6] == b"\0\1"
            self.preamble_due = False
        header = self.read(8)
        length = struct.unpack_from(">I", header, 4)[0]
        assert length <= (53248 if header[0] == NEED else 8192), length
        name, fields, rest = message(header + self.read(length))
        assert not rest
        assert self.spoken or name == "REFUSED", "another major version"
        return name, fields

    def offer(self, archive, device, period, part):
        """The receipt."""
        self.send(
            b"PIFL\0\1\0\0"
            + encode(
                OFFER,
                (1, True, device.encode()),
                (2, True, period.encode()),
                (3, True, struct.pack(">I", part)),
                (4, True, os.urandom(16)),
                (6, False, b"python"),
                (5, True, archive.manifest),
            )
        )
        expected = 1
        while True:
            name, fields = self.next()
            if name == "NEED" and not self.broken:
                grant = struct.unpack(">I", fields[1])[0]
                assert grant == expected
                expected += 1
                self.serve(archive, grant, fields[2])
            elif name in ("HAVE", "RECEIPT"):
                receipt = json.loads(fields[1])
                assert receipt["device"] == device and receipt["digest"] == archive.digest
                return fields[1]
            elif name == "BUSY":
                sys.exit("busy, come back in %d s" % struct.unpack(">I", fields[1]))
            elif name == "REFUSED":
                code = struct.unpack(">H", fields[1])[0]
                sys.exit(f"refused with code {code}: {fields.get(3, b'').decode()}")
            else:
                assert name in ("WAIT", "NEED"), name

    def serve(self, archive, grant, ranges):
        wanted = list(struct.iter_unpack(">III", ranges))
        total = sum(length for _, _, length in wanted)
        self.send(
            encode(DATA, (1, True, struct.pack(">I", grant)), (2, True, struct.pack(">Q", total)))
        )
        for segment, offset, length in wanted:
            data = archive.segments[segment][offset : offset + length]
            assert len(data) == length
            if not self.broken:
                self.send(data)


def main():
    parser = argparse.ArgumentParser(description="offers files to a collector")
    parser.add_argument("--connect", required=True, metavar="HOST:PORT")
    parser.add_argument("--device", required=True)
    parser.add_argument("--period", required=True)
    parser.add_argument("--part", type=int, default=1)
    parser.add_argument("--segment-max", type=int, default=SEGMENT_MAX)
    parser.add_argument("--hang-up-after", type=int, metavar="BYTES")
    parser.add_argument("files", nargs="+", metavar="FILE")
    args = parser.parse_args()
    host, port = args.connect.rsplit(":", 1)
    archive = Archive(args.device, args.period, args.part, args.files, args.segment_max)
    conversation = Conversation((host.strip("[]"), int(port)), args.hang_up_after)
    receipt = conversation.offer(archive, args.device, args.period, args.part)
    sys.stdout.write(receipt.decode())


if __name__ == "__main__":
    main()
