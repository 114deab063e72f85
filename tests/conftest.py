"""What the tests share: a home of their own, fake clients, and the examples run as processes."""

import importlib.util
import os
import site
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import IO

import pytest
from loopback import Loopback

TESTS = Path(__file__).parent
EXAMPLES = TESTS.parent / "examples"

CHUNKS = ["Hel", "lo, мир", " 🌍 世界"]  # what the loopback server answers
TEXT = "".join(CHUNKS)

USER_BASE = site.getuserbase()  # of packages installed with pip --user, which HOME would move

# Before g4f is imported: it reads settings and finds its folder in the environment, once.
home = tempfile.TemporaryDirectory(prefix="g4f-examples-")
for name in [name for name in os.environ if name.upper().startswith("G4F_")]:
    del os.environ[name]
for name in ("HOME", "USERPROFILE", "APPDATA", "G4F_CONFIG_DIR"):
    os.environ[name] = home.name


def pytest_unconfigure() -> None:
    home.cleanup()


@pytest.fixture
def load() -> Callable[[str], ModuleType]:
    """Import an example by name, anew each time."""

    def load(name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load


def chunk(content: object) -> SimpleNamespace:
    """Return a chunk with one choice, as g4f yields it."""
    return SimpleNamespace(choices=[SimpleNamespace(delta=SimpleNamespace(content=content))])


class Sources:
    """Content that is not a string, such as g4f's sources and images."""

    def __str__(self) -> str:
        return "[1] example.org"


class FakeClient:
    """Stands for `Client`: yields what it is given, raising what is an exception.

    Kept are the arguments it was made with, `made`, and those of each `create()`, `created`.
    """

    def __init__(self, *items: object) -> None:
        self.items = items
        self.made: list[tuple[tuple, dict]] = []
        self.created: list[tuple[tuple, dict]] = []
        self.chat = SimpleNamespace(completions=self)

    def __call__(self, *args: object, **kwargs: object) -> "FakeClient":
        self.made.append((args, kwargs))
        return self

    def create(self, *args: object, **kwargs: object) -> object:
        self.created.append((args, kwargs))
        return self.answer()

    def next_items(self) -> Iterator[object]:
        for item in self.items:
            if isinstance(item, Exception):
                raise item
            yield item

    answer = next_items


class FakeAsyncClient(FakeClient):
    """Stands for `AsyncClient` with ``stream=True``."""

    async def answer(self):
        for item in self.next_items():
            yield item


class FakeCompletionClient(FakeClient):
    """Stands for `AsyncClient` without ``stream``: its answer is its only item."""

    async def answer(self):
        return next(self.next_items())


@pytest.fixture
def server() -> Iterator[Loopback]:
    """A loopback server."""
    with Loopback(CHUNKS) as server:
        yield server


@pytest.fixture
def free_port() -> int:
    """A port of this machine at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The environment of a process: nobody's settings, no network, and a home of its own."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PYTHON") and not name.lower().endswith("_proxy")
    }
    return {
        **inherited,
        **dict.fromkeys(("HOME", "USERPROFILE", "APPDATA", "G4F_CONFIG_DIR"), str(tmp_path)),
        "PYTHONUSERBASE": USER_BASE,
        "PYTHONPATH": str(TESTS / "offline"),
        "PYTHONIOENCODING": "utf-8",
        "SSL_CERT_FILE": os.devnull,  # reading certificates would take a third of each start
    }


@pytest.fixture
def start(environment: dict[str, str]) -> Iterator[Callable[..., subprocess.Popen]]:
    """Start an example, or any file, in a process of its own, with further variables or without.

    A process that takes more than `patience`, in seconds, is killed: a test that would wait for
    ever fails.
    """
    running = []

    def start(
        script: str | Path,
        *args: str,
        stdout: int | IO = subprocess.PIPE,
        stderr: int | IO = subprocess.PIPE,
        patience: float = 60,
        **variables: str | None,
    ) -> subprocess.Popen:
        path = script if isinstance(script, Path) else EXAMPLES / f"{script}.py"
        env = {
            name: value for name, value in (environment | variables).items() if value is not None
        }
        process = subprocess.Popen(
            [sys.executable, path, *args], env=env, stdout=stdout, stderr=stderr, encoding="utf-8"
        )
        watchdog = threading.Timer(patience, process.kill)
        watchdog.start()
        running.append((process, watchdog))
        return process

    yield start
    for process, watchdog in running:
        watchdog.cancel()
        process.kill()
        process.communicate()


def finish(process: subprocess.Popen) -> tuple[int, str, str]:
    """Wait for a process; return its status, the rest of its output, and its error output."""
    out = process.stdout.read()
    err = process.stderr.read() if process.stderr else ""
    return process.wait(), out, err


def output(script: str, text: str = TEXT, failed: bool = False) -> str:
    """Return what an example leaves on standard output where this text has come."""
    if script == "messages_stream":
        return f"{text}\n\nFinal accumulated text: {text}\n"
    if script == "text_completions_demo_async":
        return text and f"{text}\n"
    first = f"Synchronous Stream:\n{text}\n"
    return first if failed else f"{first}\nAsynchronous Stream:\n{text}\n"
