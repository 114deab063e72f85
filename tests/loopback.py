"""An OpenAI-compatible server on this machine, for the tests and for a run without a network.

``uv run tests/loopback.py examples/text_completions_streaming.py`` runs that script, unmodified and
in a process of its own, against canned answers that come word by word, at reading speed. The tests
use `Loopback` and say what it answers, when, and which of `FAULTS` befalls the answer.
"""

import argparse
import asyncio
import contextlib
import enum
import json
import os
import re
import signal
import site
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from aiohttp import web

# The answers to the questions in the examples, each found by words of its question.
CANNED = {
    "list all files": """\
Use pathlib, which is in the standard library:

    from pathlib import Path

    for path in Path("some/folder").rglob("*"):
        if path.is_file():
            print(path)

rglob("*") goes down into every subfolder, and is_file() leaves the folders themselves out.""",
    "hello": "Hello there! It is good to meet you.",
    "Supreme Court": """\
In the United States nearly every case gets there on appeal:

1. A trial court, federal or state, decides the case.
2. The losing side appeals, to a federal court of appeals or up through the state's courts.
3. Whoever loses there petitions the Supreme Court for a writ of certiorari, as a rule within 90 \
days. A state case qualifies only if it turns on federal law.
4. If at least four of the nine justices vote for it, the Court takes the case. It takes about one \
petition in a hundred.
5. Both sides file briefs and argue before the Court, which then decides.

A few disputes, such as one state suing another, start in the Supreme Court itself.""",
}
SECONDS_PER_WORD = 0.12


class Break(enum.Enum):
    """What can come in place of the next piece of a response."""

    RESET = "the connection is reset"
    CUT = "the connection is closed in the middle of the body"
    STALL = "nothing more comes"


class Reply(NamedTuple):
    """A response: the pieces of its body, each written by itself, its HTTP status and its type."""

    pieces: list[bytes | Break]
    status: int = 200
    content_type: str = "application/json"


# Makes the response from whether a stream was asked for and from the chunks of the answer's text.
Respond = Callable[[bool, list[str]], Reply]


def event(data: dict) -> bytes:
    """Return a server-sent event."""
    return b"data: %s\n\n" % json.dumps(data, ensure_ascii=False).encode()


def chunk(*, finish_reason: str | None = None, **delta: str | None) -> bytes:
    """Return the event of a chunk with one choice, of these fields of a delta."""
    choices = [{"index": 0, "delta": delta, "finish_reason": finish_reason}]
    return event({"object": "chat.completion.chunk", "model": "loopback", "choices": choices})


USAGE = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
USAGE_CHUNK = event({"object": "chat.completion.chunk", "choices": [], "usage": USAGE})
END = chunk(finish_reason="stop") + USAGE_CHUNK + b"data: [DONE]\n\n"


def streamed(*pieces: bytes | Break) -> Reply:
    """Return a stream of events, with the chunk that names the role before them."""
    return Reply([chunk(role="assistant", content=""), *pieces], content_type="text/event-stream")


def completion(**message: str | None) -> bytes:
    """Return the JSON of a completion with one choice, of these fields of a message."""
    choices = [{"index": 0, "message": {"role": "assistant", **message}, "finish_reason": "stop"}]
    data = {"object": "chat.completion", "model": "loopback", "choices": choices, "usage": USAGE}
    return json.dumps(data, ensure_ascii=False).encode()


def answered(stream: bool, texts: list[str]) -> Reply:
    """Respond as it should be."""
    if stream:
        return streamed(*(chunk(content=text) for text in texts), END)
    body = completion(content="".join(texts))
    return Reply([body[:1], body[1:]])


def refused(status: int, message: str) -> Respond:
    """Respond with an HTTP status and an error in JSON."""
    body = json.dumps({"error": {"message": message, "type": "loopback"}}).encode()
    return lambda stream, texts: Reply([body], status)


def broken(how: Break) -> Respond:
    """Respond with all of the text, and then break off."""

    def respond(stream: bool, texts: list[str]) -> Reply:
        if stream:
            return streamed(*(chunk(content=text) for text in texts), how)
        return Reply([completion(content="".join(texts))[:-10], how])

    return respond


def error_event(stream: bool, texts: list[str]) -> Reply:
    """Respond with all of the text and then an error; where not streamed, with the error alone."""
    error = {"error": {"message": "The model ran out of memory.", "type": "server_error"}}
    if stream:
        return streamed(*(chunk(content=text) for text in texts), event(error))
    return Reply([json.dumps(error).encode()])


def content_none(stream: bool, texts: list[str]) -> Reply:
    """Respond with no content but ``None``."""
    if stream:
        return streamed(chunk(content=None), END)
    return Reply([completion(content=None)])


def interspersed(stream: bool, texts: list[str]) -> Reply:
    """Respond with events that have no text first, last and between those that have some."""
    if not stream:
        return Reply([completion(reasoning="Let me think.", content="".join(texts))])
    silent = b": keep-alive\n\n" + USAGE_CHUNK + chunk(content=None) + chunk(content="")
    silent += chunk(reasoning="Let me think.")
    return streamed(silent, *(chunk(content=text) + silent for text in texts), END, silent)


def bytewise(stream: bool, texts: list[str]) -> Reply:
    """Respond byte by byte, which cuts each character that has several."""
    reply = answered(stream, texts)
    return reply._replace(pieces=[bytes([byte]) for byte in b"".join(reply.pieces)])


FAULTS: dict[str, Respond] = {
    "HTTP 401": refused(401, "Incorrect API key provided."),
    "HTTP 429": refused(429, "Rate limit reached."),
    "HTTP 500": refused(500, "The server had an error."),
    "HTML page": lambda stream, texts: Reply(
        [b"<!DOCTYPE html>\n<title>502 Bad Gateway</title>\n"], 502, "text/html"
    ),
    "error event": error_event,
    "connection reset": broken(Break.RESET),
    "connection cut": broken(Break.CUT),
    "answer stops": broken(Break.STALL),
    "no answer": lambda stream, texts: Reply([Break.STALL]),
    "no text": lambda stream, texts: answered(stream, []),
    "content None": content_none,
    "events without text": interspersed,
    "JSON reply": lambda stream, texts: answered(False, texts),
    "characters cut": bytewise,
}


class Loopback:
    """The server, at `base_url`, in a thread of its own while the ``with`` block lasts.

    `answer` is the text of its answers in chunks, or None for the canned ones; `respond` makes the
    response from it, such as one of `FAULTS`; `delay` is the pause after each piece, in seconds;
    `key`, where there is one, is the API key without which everything is refused.
    `requests` are the bodies of the chat completions it was asked for, in order, each with the
    Authorization header under "authorization"; `asked` is set once there is one.
    """

    def __init__(self, answer: list[str] | None = None, delay: float = 0) -> None:
        self.answer = answer
        self.delay = delay
        self.respond: Respond = answered
        self.key: str | None = None
        self.requests: list[dict] = []
        self.asked = threading.Event()
        self._gate: asyncio.Semaphore | None = None

    def hold(self) -> None:
        """Hold back each piece of a response but its first, from now on."""
        self._gate = asyncio.Semaphore(0)

    def let_go(self, pieces: int = 1) -> None:
        """Let so many of the pieces that are held back go, or that will be."""
        for _ in range(pieces):
            self._loop.call_soon_threadsafe(self._gate.release)

    def __enter__(self) -> "Loopback":
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result()
        return self

    def __exit__(self, *exc_info: object) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _start(self) -> None:
        app = web.Application(middlewares=[self._authorize])
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/v1/chat/completions", self._chat_completions)
        # A response that is held back ends with its client, not with the server.
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0]
        self.base_url = f"http://{host}:{port}/v1"

    @web.middleware
    async def _authorize(self, request: web.Request, handler: Callable) -> web.StreamResponse:
        if self.key and request.headers.get("Authorization") != f"Bearer {self.key}":
            raise web.HTTPUnauthorized
        return await handler(request)

    async def _models(self, request: web.Request) -> web.Response:
        return web.json_response(
            {"object": "list", "data": [{"id": "loopback", "object": "model"}]}
        )

    async def _chat_completions(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.requests.append({**body, "authorization": request.headers.get("Authorization")})
        self.asked.set()
        question = body["messages"][-1]["content"]
        texts = self._canned(question) if self.answer is None else self.answer
        reply = self.respond(body.get("stream", False), texts)
        response = web.StreamResponse(status=reply.status)
        response.content_type = reply.content_type
        with contextlib.suppress(ConnectionResetError):  # the client may leave at any time
            await response.prepare(request)
            for number, piece in enumerate(reply.pieces):
                if self._gate and number:
                    await self._gate.acquire()
                if isinstance(piece, Break):
                    await self._break(request.transport, piece)
                    break
                await response.write(piece)
                await asyncio.sleep(self.delay)
            else:
                await response.write_eof()
        return response

    async def _break(self, transport: asyncio.Transport, how: Break) -> None:
        if how is Break.STALL:
            await asyncio.Event().wait()
        if how is Break.RESET:
            # Closed with no time to linger, a TCP connection is reset.
            linger = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
            connection = transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        transport.close()

    def _canned(self, question: str) -> list[str]:
        """Return the answer to a question, word by word, each with the white space before it."""
        answer = next((text for words, text in CANNED.items() if words in question), "No idea.")
        return re.findall(r"\s*\S+", answer)


def main() -> int:
    """Run the script named on the command line against the canned answers; return its status."""
    parser = argparse.ArgumentParser(description="Run an example with no network and no provider.")
    parser.add_argument("script", type=Path, help="such as examples/text_completions_streaming.py")
    script = parser.parse_args().script
    if not script.is_file():
        sys.exit(f"{script} is not a file")
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # with no traceback, until the script runs
    with Loopback(delay=SECONDS_PER_WORD) as server, tempfile.TemporaryDirectory() as folder:
        print(f"Canned answers from this machine, {server.base_url}, no model:", file=sys.stderr)
        environment = {
            **os.environ,
            "G4F_BASE_URL": server.base_url,
            "G4F_PROVIDER": "",
            "G4F_API_KEY": "",
            # Keeps the answers out of g4f's usage log. 8.7.2 has it at HOME, wherever the other is.
            **dict.fromkeys(("G4F_CONFIG_DIR", "HOME", "USERPROFILE"), folder),
            "PYTHONUSERBASE": site.getuserbase(),  # else HOME moves what pip --user installed
            "no_proxy": "127.0.0.1",
        }
        posix = os.name == "posix"
        # In a session of its own, the script gets a Ctrl-C from here alone, and so once, whether
        # it was typed or sent to this process. Windows sends it to both.
        process = subprocess.Popen(
            [sys.executable, script], env=environment, start_new_session=posix
        )
        signal.signal(signal.SIGINT, lambda signum, _: posix and process.send_signal(signum))
        status = process.wait()
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main())
