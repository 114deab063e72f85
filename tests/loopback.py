# /// script
# requires-python = ">=3.10"
# dependencies = ["g4f>=8.7.2"]
# ///
"""Run an example against canned answers from this machine: no model, no provider, no key.

Run `uv run tests/loopback.py examples/text_completions_streaming.py`, or use `python` once g4f is
installed. The exit status is the example's.
"""

import json
import os
import re
import runpy
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingTCPServer

ANSWERS = {
    "Hey! How can I recursively list all files in a directory in Python?": """\
With pathlib, from the standard library:

    for path in Path("folder").rglob("*"):
        if path.is_file():
            print(path)""",
    "Say hello there!": "Hello there! It is good to meet you.",
    "how does a court case get to the Supreme Court?": (
        "Nearly always on appeal, and only if four of the nine justices vote to hear it."
    ),
}


def chunk_event(**delta: str | None) -> bytes:
    """Return the server-sent event of a chunk with this delta, its characters unescaped."""
    data = {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta}]}
    return b"data: %s\n\n" % json.dumps(data, ensure_ascii=False).encode()


def completion_json(content: str | None) -> bytes:
    """Return a completion with this content."""
    choice = {"index": 0, "message": {"role": "assistant", "content": content}}
    return json.dumps({"object": "chat.completion", "choices": [choice]}).encode()


class Handler(BaseHTTPRequestHandler):
    """An OpenAI-compatible server that has an answer to the question in each example."""

    protocol_version = "HTTP/1.1"  # 1.0 has no chunked responses

    def do_GET(self) -> None:
        self.respond([b'{"object": "list", "data": [{"id": "canned", "object": "model"}]}'])

    def do_POST(self) -> None:
        request = json.loads(self.read_body())
        answer = ANSWERS.get(request["messages"][-1]["content"], "This is a canned answer.")
        if request.get("stream"):
            self.respond(self.stream(answer), mime="text/event-stream")
        else:
            self.respond([completion_json(answer)])

    def read_body(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))

    def stream(self, answer: str) -> Iterator[bytes]:
        for word in re.findall(r"\s*\S+", answer):
            yield chunk_event(content=word)
            time.sleep(0.1)  # slow enough to watch

    def respond(self, body: Iterable[bytes], status: int = 200, mime: str = "application/json"):
        """Send a response, and each piece of its body as it becomes available."""
        self.send_response(status)
        self.send_header("Content-Type", mime)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in body:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *args: object) -> None:
        """Keep stderr for the example."""


class Server(ThreadingTCPServer):  # ThreadingHTTPServer would look up its name in DNS
    """Serves on a free port of this machine for as long as the `with` block lasts."""

    daemon_threads = True

    def __init__(self, handler: type[Handler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/v1"
        threading.Thread(target=self.serve_forever, args=[0.05], daemon=True).start()

    def __exit__(self, *args: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, *args: object) -> None:
        """Say nothing when the example disconnects in mid-answer."""


def main() -> None:
    """Run the example that is named on the command line."""
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_file():
        sys.exit("usage: python tests/loopback.py examples/text_completions_streaming.py")
    folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    with Server(Handler) as server, folder as home:
        print(f"Canned answers from {server.url}", file=sys.stderr)
        os.environ.update(G4F_BASE_URL=server.url, G4F_PROVIDER="", no_proxy="127.0.0.1")
        # Leaves the user's g4f folder alone; g4f 8.7.2 looks for it only in the home directory.
        os.environ.update(dict.fromkeys(["G4F_CONFIG_DIR", "HOME", "USERPROFILE"], home))
        runpy.run_path(sys.argv[1], run_name="__main__")


if __name__ == "__main__":
    main()
