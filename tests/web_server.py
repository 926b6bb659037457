"""A real HTTP server for the time of a test."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Asked:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Told:
    status: int = 200
    body: bytes = b""
    content_type: str = "application/octet-stream"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class WebServer:
    url: str
    asked: list[Asked]


@contextmanager
def serving(answer: Callable[[Asked], Told]) -> Iterator[WebServer]:
    """Serve POSTs on a free port of this machine, each answered by ``answer``."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            request = Asked(
                self.path,
                dict(self.headers.items()),
                self.rfile.read(int(self.headers.get("Content-Length", 0))),
            )
            asked.append(request)
            told = answer(request)
            self.send_response(told.status)
            self.send_header("Content-Type", told.content_type)
            self.send_header("Content-Length", str(len(told.body)))
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if told.body:
                self.wfile.write(told.body)

        def log_message(self, *args: object) -> None:
            """Nobody reads it."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 128

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield WebServer(f"http://127.0.0.1:{server.server_port}", asked)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
