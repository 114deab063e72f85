"""Output and exit status of the examples as processes, through the real g4f.

To add a fault, add a row to FAULTS.
"""

import os
import re
import signal
import subprocess
import threading
from typing import NamedTuple

import pytest
from conftest import CHUNKS, CUT, DEMO, HOLD, MESSAGES, SCRIPTS, STREAM, TEXT, TEXTS, sse
from loopback import chunk_event, completion_json

FINAL = "\n\nFinal accumulated text: "
# What is on stdout when no answer comes, when TEXT and then an error comes, and when all goes well.
NOTHING = {STREAM: "Synchronous Stream:\n\n", MESSAGES: f"{FINAL}\n", DEMO: ""}
BROKEN_OFF = {STREAM: f"Synchronous Stream:\n{TEXT}\n", MESSAGES: f"{TEXT}{FINAL}{TEXT}\n"}
WHOLE = {
    STREAM: f"Synchronous Stream:\n{TEXT}\n\nAsynchronous Stream:\n{TEXT}\n",
    MESSAGES: f"{TEXT}{FINAL}{TEXT}\n",
    DEMO: f"{TEXT}\n",
}
ONLY = {MESSAGES: NOTHING[MESSAGES]}  # the others behave the same
PREFIX = {STREAM: "An error occurred:", MESSAGES: "Error occurred:", DEMO: "An error occurred:"}

ERROR = b'{"error": {"message": "It failed."}}'
SILENT = b': comment\n\ndata: {"choices": []}\n\n'
SILENT += chunk_event(content=None) + chunk_event(content="") + chunk_event(reasoning="Hm.")


class Fault(NamedTuple):
    name: str
    reply: tuple  # the pieces of the body, then perhaps an HTTP status and a content type
    stdout: dict[str, str]  # of each script to run
    error: str = ""  # with … for any text; empty if the run succeeds
    setting: str = "G4F_MODEL="


FAULTS = [
    Fault("HTTP 401", ([ERROR], 401), NOTHING, "Error 401: It failed."),
    Fault("HTTP 429", ([ERROR], 429), NOTHING, "Error 429: It failed."),
    Fault("HTTP 500", ([ERROR], 500), NOTHING, "Error 500: It failed."),
    Fault("HTML page", ([b"<html>Oops</html>"], 502, "text/html"), NOTHING, "…502: Bad Gateway"),
    Fault("error event", sse(*CHUNKS, HOLD, b"data: %s\n\n" % ERROR), BROKEN_OFF, "…It failed."),
    Fault("error reply", ([ERROR],), {DEMO: ""}, "…It failed."),
    Fault("connection cut", sse(*CHUNKS, HOLD, CUT), BROKEN_OFF, "Response payload…"),
    Fault("connection cut", ([completion_json(TEXT)[:-9], CUT],), {DEMO: ""}, "Response payload…"),
    Fault("no text", sse(SILENT), {STREAM: "Synchronous Stream:\n\n\nAsynchronous Stream:\n\n"}),
    Fault("no text", sse(SILENT), ONLY, "The answer has no text."),
    Fault("no text", ([completion_json(None)],), {DEMO: ""}, "The answer has no text."),
    Fault("chunks without text", sse(SILENT, *CHUNKS, SILENT), WHOLE),
    Fault("characters cut", sse(*(bytes([byte]) for byte in b"".join(CHUNKS))), WHOLE),
    Fault("JSON reply", ([completion_json(TEXT)],), WHOLE),
    Fault("unknown model", ([ERROR], 404), ONLY, "Error 404: …"),
    Fault("unknown provider", (), NOTHING, "Provider not found: Nope", "G4F_PROVIDER=Nope"),
    Fault("no key", (), ONLY, "401 Client Error: …", "G4F_API_KEY="),
    Fault("no /v1", (), ONLY, "404 Client Error: …", "G4F_BASE_URL=http://localhost:{port}"),
    Fault("no network", (), NOTHING, "HTTPSConnectionPool(host='g4f.dev'…", "G4F_BASE_URL="),
    Fault("no server", (), NOTHING, "HTTPConnectionPool…", "G4F_BASE_URL=http://localhost:9/v1"),
    Fault("all fail", ([ERROR],), ONLY, "RetryProvider failed:\n…\n…", "G4F_PROVIDER=Custom Groq"),
]
CASES = [
    pytest.param(fault, script, id=f"{fault.name}-{script}")
    for fault in FAULTS
    for script in fault.stdout
]


@pytest.mark.parametrize(("fault", "script"), CASES)
def test_fault(fault, script, server, start, monkeypatch):
    server.reply = fault.reply
    monkeypatch.setenv(*fault.setting.format(port=server.server_address[1]).split("=", 1))
    process = start(script, stderr=subprocess.STDOUT)
    shown = fault.stdout[script].partition(FINAL)[0].rstrip("\n")  # before HOLD
    terminal = process.stdout.read(len(shown))
    server.gate.release()
    terminal += process.stdout.read()
    expected = fault.stdout[script] + (f"{PREFIX[script]} {fault.error}\n" if fault.error else "")
    pattern = ".*".join(map(re.escape, expected.split("…")))
    assert re.fullmatch(pattern, terminal), f"{terminal!r} is not {expected!r}"
    assert process.wait() == bool(fault.error)


posix_only = pytest.mark.skipif(os.name != "posix", reason="POSIX signals and pipes")


def finish(process):
    """Return the exit status, the rest of stdout, and stderr."""
    out, err = process.stdout.read(), process.stderr.read()
    return process.wait(), out, err


@pytest.mark.parametrize(
    ("script", "headings", "end"),
    [
        (STREAM, ["Synchronous Stream:\n", "\n\nAsynchronous Stream:\n"], "\n"),
        (MESSAGES, [""], f"{FINAL}{TEXT}\n"),
    ],
)
def test_each_chunk_is_shown_before_the_next_is_sent(script, headings, end, server, start):
    server.reply = sse(*(piece for chunk in CHUNKS for piece in (HOLD, chunk)))
    process = start(script)
    for heading in headings:
        assert process.stdout.read(len(heading)) == heading
        for text in TEXTS:
            server.gate.release()
            assert process.stdout.read(len(text)) == text
    assert finish(process) == (0, end, "")


@posix_only
@pytest.mark.parametrize(
    ("script", "shown", "end"),
    [(STREAM, f"Synchronous Stream:\n{TEXT}", ""), (MESSAGES, TEXT, f"{FINAL}{TEXT}\n")],
)
def test_ctrl_c_in_mid_answer(script, shown, end, server, start):
    server.reply = sse(*CHUNKS, HOLD)
    process = start(script)
    assert process.stdout.read(len(shown)) == shown
    process.send_signal(signal.SIGINT)
    assert finish(process) == (130, end, "")


@posix_only
@pytest.mark.parametrize(
    ("script", "holds", "shown", "error"),
    [
        (STREAM, 0, "Synchronous Stream:\n", ""),
        (STREAM, 3, WHOLE[STREAM].removesuffix("\n"), ""),
        (MESSAGES, 0, "", "Error occurred: [Errno 32] Broken pipe\n"),
        (MESSAGES, 1, TEXT, "Error occurred: [Errno 32] Broken pipe\n"),
        (DEMO, 0, "", ""),
    ],
)
def test_closed_stdout(script, holds, shown, error, server, start):
    """`head` closes it once it has its lines."""
    server.reply = sse(HOLD, *CHUNKS, HOLD)
    server.gate = threading.Semaphore(holds)  # passed before stdout closes
    process = start(script)
    assert server.held.wait(50)
    assert process.stdout.read(len(shown)) == shown
    process.stdout.close()
    server.gate.release(4)
    assert (process.wait(), process.stderr.read()) == (1, error)


HOST = """
import atexit, os, runpy, signal, sys
atexit.register(print, "atexit")
for provider in "Nope", "Custom":
    os.environ["G4F_PROVIDER"] = provider
    try:
        runpy.run_path(sys.argv[1], run_name="__main__")
    except SystemExit:
        pass
    print("host", signal.getsignal(signal.SIGINT) is signal.default_int_handler)
"""


@pytest.mark.parametrize("script", SCRIPTS)
def test_host_outlives_a_failed_run_and_a_good_one(script, server, start):
    server.reply = sse(*CHUNKS)
    status, out, _ = finish(start(script, "-c", HOST))
    assert (status, out) == (0, f"{NOTHING[script]}host True\n{WHOLE[script]}host True\natexit\n")
