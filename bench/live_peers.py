"""The usual ways to push from Flask, each as a server of its own: ``python -m bench.live_peers queues|socketio PORT FEED``.

Both are handed their events ready made over a socket, one JSON object a line, with no database between: that is in their favour.
"""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

import socket  # noqa: E402
import sys  # noqa: E402
from collections.abc import Callable, Iterator  # noqa: E402
from typing import Any  # noqa: E402

import gevent  # noqa: E402
from flask import Flask, Response  # noqa: E402
from gevent.pywsgi import WSGIServer  # noqa: E402
from gevent.queue import Queue  # noqa: E402

Handle = Callable[[str], object]


def queues() -> tuple[Flask, Handle]:
    """Server-sent events with a queue for each client, as tutorials have it."""
    app, clients = Flask(__name__), set[Any]()

    @app.get("/events")
    def events() -> Response:
        def told() -> Iterator[str]:
            own: Queue[str] = Queue()
            clients.add(own)
            try:
                yield "event: hello\ndata: {}\n\n"
                while True:
                    yield f"data: {own.get()}\n\n"
            finally:
                clients.discard(own)

        return Response(told(), content_type="text/event-stream")

    def handle(line: str) -> None:
        for own in tuple(clients):
            own.put(line)

    return app, handle


def socketio() -> tuple[Flask, Handle]:
    """Flask-SocketIO over WebSocket, which broadcasts by itself."""
    from flask_socketio import SocketIO

    app = Flask(__name__)
    io = SocketIO(app, async_mode="gevent", cors_allowed_origins="*")
    return app, lambda line: io.emit("told", line)


def main(kind: str, port: int, feed: int) -> None:
    """Serve on a port that other processes share, and hand on what the feed brings."""
    app, handle = {"queues": queues, "socketio": socketio}[kind]()

    def follow() -> None:
        with socket.create_connection(("127.0.0.1", feed)) as link, link.makefile(encoding="utf-8") as lines:
            for line in lines:
                handle(line.rstrip("\n"))

    gevent.spawn(follow)
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(2_048)
    WSGIServer(listener, app, log=None).serve_forever()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
