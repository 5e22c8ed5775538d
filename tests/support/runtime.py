"""A server that answers as SageMaker's runtime does: the sandbox's AWS serves no models."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@contextmanager
def runtime(answer: Callable[[str, str, Any], Any]) -> Iterator[str]:
    """
    Serves `POST /endpoints/<name>/invocations` and gives the address.

    `answer` gets the endpoint, the variant that was asked for and the input, and returns the output; None is an error
    of the model.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            variant = self.headers["X-Amzn-SageMaker-Target-Variant"]
            found = answer(self.path.split("/")[2], variant, json.loads(content))
            told = json.dumps({"Message": "model error"} if found is None else found).encode()
            self.send_response(200 if found is not None else 500)
            self.send_header("Content-Type", "application/json")
            self.send_header("x-Amzn-Invoked-Production-Variant", variant)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
