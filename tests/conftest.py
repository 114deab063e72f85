"""What the tests share: an isolated environment, fake clients, and a scripted server."""

import os
import signal
import site
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from subprocess import PIPE, Popen
from types import ModuleType, SimpleNamespace
from unittest.mock import Mock

import loopback
import pytest

TESTS = Path(__file__).parent
EXAMPLES = TESTS.parent / "examples"
STREAM, MESSAGES = "text_completions_streaming", "messages_stream"
DEMO = "text_completions_demo_async"
SCRIPTS = [STREAM, MESSAGES, DEMO]
TEXTS = ["Hel", "lo, мир", " 🌍 世界"]
TEXT = "".join(TEXTS)
CHUNKS = [loopback.chunk_event(content=text) for text in TEXTS]

# Set before g4f is imported, since it picks its folder then. The examples' processes inherit it.
HOME = tempfile.TemporaryDirectory()
USER_BASE = site.getuserbase()  # keeps pip --user in reach: HOME would move it
for name in [n for n in os.environ if n.startswith(("G4F_", "PYTHON")) and n != "PYTHONPATH"]:
    del os.environ[name]
os.environ.update(dict.fromkeys(["G4F_CONFIG_DIR", "HOME", "USERPROFILE", "APPDATA"], HOME.name))
os.environ.update(PYTHONUSERBASE=USER_BASE, PYTHONIOENCODING="utf-8")
# Nothing is listening there, so nothing leaves this machine.
os.environ.update(dict.fromkeys(["http_proxy", "https_proxy"], "http://127.0.0.1:9"))
os.environ["no_proxy"] = "127.0.0.1,localhost"
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job would ignore it


def chunk(content: object) -> SimpleNamespace:
    """Return a fake that serves as a chunk (delta) and as a completion (message)."""
    part = SimpleNamespace(content=content)
    return SimpleNamespace(choices=[SimpleNamespace(delta=part, message=part)])


def sync_stream(*chunks: object) -> Iterator[object]:
    """Yield chunks as Client's stream does; raise any that are exceptions."""
    for chunk in chunks:
        if isinstance(chunk, Exception):
            raise chunk
        yield chunk


async def async_stream(*chunks: object) -> AsyncIterator[object]:
    for chunk in sync_stream(*chunks):
        yield chunk


async def awaited(chunk: object) -> object:
    return next(sync_stream(chunk))


@pytest.fixture
def fake(monkeypatch):
    """Replace a module's clients with fakes that answer with these chunks."""

    def fake(module: ModuleType, *chunks: object) -> None:
        def create(stream: bool = False, **_: object) -> object:
            return async_stream(*chunks) if stream else awaited(*chunks)

        for name, answer in ("Client", lambda **_: sync_stream(*chunks)), ("AsyncClient", create):
            client = Mock()
            client.return_value.chat.completions.create.side_effect = answer
            monkeypatch.setattr(module, name, client, raising=False)

    return fake


# Allowed among the pieces of a body: wait until the test releases the gate; close the connection.
HOLD, CUT = object(), object()


def sse(*pieces: object) -> tuple:
    """Return a streamed reply."""
    return pieces, 200, "text/event-stream"


class Replay(loopback.Handler):
    """Sends `server.reply`: the pieces of a body, then perhaps a status and a content type."""

    def do_GET(self) -> None:
        if self.path != "/v1/models":
            self.send_error(404)
        elif self.headers["Authorization"] != "Bearer sk-loopback":
            self.send_error(401)
        else:
            super().do_GET()

    def do_POST(self) -> None:
        self.read_body()
        body, *status_and_mime = self.server.reply
        self.respond(self.pace(body), *status_and_mime)

    def pace(self, body: tuple) -> Iterator[bytes]:
        for piece in body:
            if piece is HOLD:
                self.server.held.set()
                self.server.gate.acquire()
            elif piece is CUT:
                raise ConnectionAbortedError
            else:
                yield piece


@pytest.fixture
def server(monkeypatch):
    """A server for the examples to ask, whose reply the test sets."""
    with loopback.Server(Replay) as server:
        server.held, server.gate = threading.Event(), threading.Semaphore(0)
        monkeypatch.setenv("G4F_BASE_URL", server.url)
        monkeypatch.setenv("G4F_API_KEY", "sk-loopback")
        yield server


@pytest.fixture
def start():
    """Start an example in a process of its own, with these Python arguments before its name."""
    processes = []

    def start(script: str, *arguments: str | Path, stderr: int = PIPE) -> Popen:
        command = [sys.executable, *arguments, EXAMPLES / f"{script}.py"]
        processes.append(Popen(command, stdout=PIPE, stderr=stderr, encoding="utf-8"))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate()
