"""A thousand listeners in one light process: ``python -m bench.live_clients sse|socketio PORT COUNT TOKEN …``.

Prints ``ready`` when all of them listen, counts until its input is closed, and then prints what it measured as JSON. When an event
was made stands in it as ``"sent": seconds``: its latency is how much later its bytes are here. All listeners count what comes; one
in twenty reads the moments, so that listening takes little from the servers on the same machine.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import sys
import time
from typing import Any

import numpy as np
import uvloop

MARK = b"sent"
TIMED_ONE_IN = 20
SENT = re.compile(rb'\\?"sent\\?": ?(\d+\.\d+)')
LONGEST = 64  # bytes of a mark that may be cut in two by the end of a piece
READY_WITHIN_S = 60


class Tally:
    """What all listeners heard."""

    def __init__(self, count: int) -> None:
        self.waiting = count
        self.ready = asyncio.Event()
        self.lost = 0
        self.deliveries = 0
        self.latencies: list[float] = []

    def stands(self) -> None:
        """One more listens."""
        self.waiting -= 1
        if not self.waiting:
            self.ready.set()


class Sse(asyncio.Protocol):
    """Asks for the stream and reads it."""

    def __init__(self, tally: Tally, port: int, token: str, *, timed: bool) -> None:
        self.tally, self.port, self.token, self.timed = tally, port, token, timed
        self.rest, self.tail, self.stands = b"", b"", False

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(
            f"GET /events HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nAuthorization: Bearer {self.token}\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        if not self.stands:
            self.begin(data)
            return
        piece = self.tail + data
        self.tally.deliveries += piece.count(MARK)
        self.tail = piece[1 - len(MARK) :]
        if self.timed:
            self.read_moments(data, now=time.time())

    def read_moments(self, data: bytes, *, now: float) -> None:
        """How late each event is."""
        piece = self.rest + data
        end = 0
        for mark in SENT.finditer(piece):
            self.tally.latencies.append(now - float(mark[1]))
            end = mark.end()
        self.rest = piece[max(end, len(piece) - LONGEST) :]

    def begin(self, data: bytes) -> None:
        """Until the first word of the stream."""
        self.rest += data
        if b"event: hello" in self.rest:
            self.stands, self.rest = True, b""
            self.tally.stands()

    def connection_lost(self, exc: Exception | None) -> None:
        self.tally.lost += 1


class SocketIo(Sse):
    """The same over WebSocket, in the words of Socket.IO."""

    def connection_made(self, transport: Any) -> None:
        self.transport, self.asked = transport, False
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def begin(self, data: bytes) -> None:
        self.rest += data
        if not self.asked and b'"sid"' in self.rest:
            self.asked, self.rest = True, b""
            self.transport.write(b"\x81\x82\0\0\0\x0040")  # a masked frame of text: "40", let me in
        elif self.asked and b'"sid"' in self.rest:
            self.stands, self.rest = True, b""
            self.tally.stands()


async def listen(kind: str, port: int, count: int, tokens: list[str]) -> None:
    """Connect all, then count until told to stop."""
    loop = asyncio.get_running_loop()
    tally = Tally(count)
    made = {"sse": Sse, "socketio": SocketIo}[kind]
    for number in range(count):
        token = tokens[number % len(tokens)] if tokens else ""
        timed = number % TIMED_ONE_IN == 0
        await loop.create_connection(lambda token=token, timed=timed: made(tally, port, token, timed=timed), "127.0.0.1", port)
    await asyncio.wait_for(tally.ready.wait(), READY_WITHIN_S)
    print("ready", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    latencies = np.array(tally.latencies) if tally.latencies else np.zeros(0)
    used = os.times()
    told = {"deliveries": tally.deliveries, "lost": tally.lost, "cpu_s": used.user + used.system, "ms": []}
    if len(latencies):
        told["ms"] = [float(part) * 1000 for part in np.percentile(latencies, range(101))]
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    uvloop.run(listen(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]))
