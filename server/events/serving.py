"""One process of the event stream: uvicorn on a port that its siblings share."""

import asyncio
import resource
import socket
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gis.upkeep import open_database
from server.config import Settings
from server.events.app import EventStream
from server.events.hub import Hub
from server.events.visitors import Door

BACKLOG = 2_048
SEND_BUFFER_BYTES = 256 << 10  # what the kernel keeps for a client who does not read
STOP_WITHIN_S = 3


class _Protocol(HttpToolsProtocol):
    """HTTP as uvicorn speaks it; the application may also end a connection without waiting for what nobody reads."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        scope: Any = self.scope
        scope["extensions"] = {"wangge.cut_off": self.transport.abort}


class _Server(uvicorn.Server):
    """Streams never end by themselves: they are ended when the process is told to stop."""

    def __init__(self, config: uvicorn.Config, hub: Hub) -> None:
        super().__init__(config)
        self._hub = hub

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self._hub.end()


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 65_536)), hard))
    with asyncio.Runner(loop_factory=_loop) as runner:
        runner.run(_serve(settings))


def _loop() -> asyncio.AbstractEventLoop:
    import uvloop

    return uvloop.new_event_loop()


async def _serve(settings: Settings) -> None:
    url = str(settings.database_url)
    engine = open_database(url, pool_size=4)
    door = Door(settings, engine)
    hub = Hub(url, engine, door)
    config = uvicorn.Config(
        EventStream(settings, hub, door), http=_Protocol, ws="none", lifespan="off", log_level="warning", access_log=False,
        server_header=False, proxy_headers=False, timeout_keep_alive=5, timeout_graceful_shutdown=STOP_WITHIN_S,
    )
    serving = asyncio.create_task(_Server(config, hub).serve([_shared_socket(settings)]))
    own = [asyncio.create_task(hub.follow()), asyncio.create_task(hub.tend())]
    done, _ = await asyncio.wait([serving, *own], return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()  # a fault of ours ends the process, with its trace, and the supervisor starts another


def _shared_socket(settings: Settings) -> socket.socket:
    """A listening port that every process of the stream opens for itself; the kernel spreads the clients over them."""
    sock = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    sock.bind((settings.host, settings.events_port))
    sock.listen(BACKLOG)
    return sock
