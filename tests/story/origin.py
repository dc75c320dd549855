"""A publisher's web server on loopback, in a thread: it answers each path as told and remembers what it was asked."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Asked:
    """One request."""

    path: str
    headers: dict[str, str]
    """By lower-case name."""


@dataclass(frozen=True)
class Reply:
    """One answer."""

    body: bytes | Iterable[bytes] = b""
    """Pieces are sent as they come, without a length: the connection's end is the body's."""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    sent: Callable[[], None] = lambda: None
    """Told when the last byte has left."""


Answer = Reply | Callable[[Asked], Reply]


class Origin:
    """The server while it runs; change `paths` as the publisher edits."""

    def __init__(self) -> None:
        self.paths: dict[str, Answer] = {}
        self.asked: list[Asked] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def serve(self, path: str, body: bytes | Iterable[bytes] = b"", status: int = 200, **headers: str) -> None:
        """From now on; `Content_Type="…"` becomes a header."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.paths[path] = Reply(body, status, named)

    def times(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(asked.path == path for asked in self.asked)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        origin = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = Asked(self.path, {name.lower(): value for name, value in self.headers.items()})
                origin.asked.append(asked)
                answer = origin.paths.get(self.path, Reply(b"not here", 404))
                reply = answer(asked) if callable(answer) else answer
                # A client that goes away early, or is killed, is what some tests are about.
                with contextlib.suppress(ConnectionError):
                    self._send(reply)
                    reply.sent()

            def _send(self, reply: Reply) -> None:
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                if isinstance(reply.body, bytes):
                    self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                for piece in (reply.body,) if isinstance(reply.body, bytes) else reply.body:
                    self.wfile.write(piece)

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.do_GET()

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    @contextlib.contextmanager
    def running(self) -> Iterator[Origin]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield self
        self._server.shutdown()
        self._server.server_close()
        thread.join()
