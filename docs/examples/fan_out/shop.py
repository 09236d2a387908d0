"""A shop on 127.0.0.1 to try the flow on: one service answers, one at its third try only, one never."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ANSWERS = {"/price/lamp": {"price": 24.9}, "/stock/lamp": {"stock": 7}}


@contextmanager
def open_shop() -> Iterator[tuple[str, Counter[str]]]:
    """The shop's address, and how often each path was asked for, while it is open."""
    asked: Counter[str] = Counter()

    class Shop(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked[self.path] += 1
            late = self.path.startswith("/stock") and asked[self.path] < 3
            status = 503 if late or self.path.startswith("/stars") else 200 if self.path in ANSWERS else 404
            body = json.dumps(ANSWERS.get(self.path, {})).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
