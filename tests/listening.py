"""Listening to the event stream as a program does: a socket, and the number of the last entry that came."""

import http.client
import socket
import threading
from collections.abc import Callable

import orjson

WAITS_S = 0.5


class Listener(threading.Thread):
    """Listens until told to stop, comes back when the stream breaks off, and keeps every entry that it hears."""

    def __init__(self, port: int, token: str, *, since: int, leaves: Callable[[], bool] = lambda: False) -> None:
        """`leaves` is asked after each entry, and breaks the connection off when it says so."""
        super().__init__(daemon=True)
        self.heard: list[dict[str, object]] = []
        self.visits = 0
        self.left: list[str] = []
        self._port, self._token, self._last, self._leaves = port, token, str(since), leaves
        self._over = threading.Event()

    @property
    def seqs(self) -> list[object]:
        """The numbers of what was heard, in the order in which it came."""
        return [entry["seq"] for entry in self.heard]

    def stop(self) -> None:
        """Stop listening, and wait until it has."""
        self._over.set()
        self.join(10)
        assert not self.is_alive()

    def run(self) -> None:
        """Listen, again and again."""
        while not self._over.is_set():
            try:
                self._listen()
            except (OSError, http.client.HTTPException):
                self._over.wait(0.1)

    def _listen(self) -> None:
        link = http.client.HTTPConnection("127.0.0.1", self._port, timeout=WAITS_S)
        answer = None
        try:
            link.request("GET", "/events", headers={"Authorization": f"Bearer {self._token}", "Last-Event-ID": self._last})
            link.sock.settimeout(5)
            answer = link.getresponse()
            if answer.status != 200:
                raise http.client.HTTPException(answer.status)
            self.visits += 1
            if link.sock:
                link.sock.settimeout(WAITS_S)
            self._read(answer)
        finally:
            link.close()
            if answer is not None:
                answer.close()  # it holds the socket too

    def _read(self, answer: http.client.HTTPResponse) -> None:
        event: dict[str, str] = {}
        while not self._over.is_set():
            try:
                line = answer.readline().decode()
            except TimeoutError:
                raise http.client.HTTPException("silence: come again, as a browser does that lost its net") from None
            if not line:
                return
            if line != "\n":
                name, _, value = line.rstrip("\n").partition(": ")
                event[name] = value
            elif self._take(event):
                return
            else:
                event = {}

    def _take(self, event: dict[str, str]) -> bool:
        self._last = event.get("id", self._last)
        if event["event"] in ("hello", "beat", "reload"):
            self.left += [event["event"]] if event["event"] == "reload" else []
            return False
        self.heard.append(orjson.loads(event["data"]))
        return self._leaves()


def deaf(port: int, token: str) -> socket.socket:
    """Somebody who asks for the stream and never reads it."""
    link = socket.create_connection(("127.0.0.1", port), timeout=10)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    link.sendall(f"GET /events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
    return link
