"""However a run ends: the unmodified examples as processes, and what the user gets of each."""

import os
import re
import signal
import socket
import subprocess
import textwrap
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import CHUNKS, EXAMPLES, TEXT, finish, output
from loopback import FAULTS, Loopback, refused

STREAM = "text_completions_streaming"
MESSAGES = "messages_stream"
DEMO = "text_completions_demo_async"
ALL = (STREAM, MESSAGES, DEMO)

CTRL_C = object()
BROKEN = r"Response payload is not completed.*"
NO_TEXT = r"The answer has no text\."

# The fault, the text on standard output, the error as a pattern (or that the user has to end the
# run, or that it ends well), and the scripts it is so for.
TABLE = [
    ("HTTP 401", "", r".* 401: Incorrect API key provided\.", ALL),
    ("HTTP 429", "", r".* 429: Rate limit reached\.", ALL),
    ("HTTP 500", "", r".* 500: The server had an error\.", ALL),
    ("HTML page", "", r".* 502: Bad Gateway", ALL),
    ("error event", TEXT, r".*The model ran out of memory\.", (STREAM, MESSAGES)),
    ("error event", "", r".*The model ran out of memory\.", (DEMO,)),
    ("connection reset", TEXT, BROKEN, (STREAM, MESSAGES)),
    ("connection reset", "", BROKEN, (DEMO,)),
    ("connection cut", TEXT, BROKEN, (STREAM, MESSAGES)),
    ("connection cut", "", BROKEN, (DEMO,)),
    ("answer stops", TEXT, CTRL_C, (STREAM, MESSAGES)),
    ("answer stops", "", CTRL_C, (DEMO,)),
    ("no answer", "", CTRL_C, ALL),
    ("no text", "", None, (STREAM,)),
    ("no text", "", NO_TEXT, (MESSAGES, DEMO)),
    ("content None", "", None, (STREAM,)),
    ("content None", "", NO_TEXT, (MESSAGES, DEMO)),
    ("events without text", TEXT, None, ALL),
    ("JSON reply", TEXT, None, (STREAM, MESSAGES)),
    ("characters cut", TEXT, None, ALL),
]

each = pytest.mark.parametrize("script", ALL)
posix_only = pytest.mark.skipif(os.name != "posix", reason="POSIX signals and pipes")


def start_of_output(script: str, text: str) -> str:
    """Return what stands there once this text has come, and no more."""
    return f"Synchronous Stream:\n{text}" if script == STREAM else text


def interrupted(script: str, text: str) -> str:
    """Return what stands there after Ctrl-C: this text, and the final text of the second."""
    return output(script, text) if script == MESSAGES else start_of_output(script, text)


def error_line(script: str, message: str) -> re.Pattern:
    """Return the pattern of all that may stand on standard error."""
    who = "Error" if script == MESSAGES else "An error"
    return re.compile(f"{who} occurred: {message}\n")


@pytest.mark.parametrize(
    ("fault", "text", "error", "scripts"),
    [
        pytest.param(*row, id=f"{row[0]}, {len(row[3])}", marks=[posix_only] * (row[2] is CTRL_C))
        for row in TABLE
    ],
)
def test_table(fault, text, error, scripts, start):
    # At once, since starting a script takes longer than all that it then does.
    with ThreadPoolExecutor() as pool:
        for _ in pool.map(lambda script: check(script, fault, text, error, start), scripts):
            pass


def check(script: str, fault: str, text: str, error: str | object | None, start: Callable) -> None:
    """Run a script against a fault, and hold what the user gets against a row of the table."""
    with Loopback(CHUNKS) as server:
        server.respond = FAULTS[fault]
        if error:
            server.hold()
            server.let_go(len(CHUNKS))
        process = start(script, G4F_BASE_URL=server.base_url)
        shown = ""
        if error and text:
            # Only what has been read from a connection before it breaks is sure to be there.
            shown = process.stdout.read(len(start_of_output(script, text)))
        if error is CTRL_C:
            assert server.asked.wait(60)
            process.send_signal(signal.SIGINT)
        elif error:
            server.let_go()
        status, rest, err = finish(process)
    if error is None:
        assert (status, shown + rest, err) == (0, output(script, text), "")
    elif error is CTRL_C:
        assert (status, shown + rest, err) == (130, interrupted(script, text), "")
    else:
        assert (status, shown + rest) == (1, output(script, text, failed=True))
        assert error_line(script, error).fullmatch(err)


def test_every_fault_is_in_the_table():
    assert {row[0] for row in TABLE} == set(FAULTS)


@each
def test_nobody_listens(script, start, free_port):
    status, out, err = finish(start(script, G4F_BASE_URL=f"http://127.0.0.1:{free_port}/v1"))
    assert (status, out) == (1, output(script, "", failed=True))
    assert error_line(script, f".*{free_port}.*").fullmatch(err)


@each
def test_unknown_provider(script, start):
    status, out, err = finish(start(script, G4F_PROVIDER="Nobody"))
    assert (status, out) == (1, output(script, "", failed=True))
    assert error_line(script, "Provider not found: Nobody").fullmatch(err)


@each
def test_no_network(script, start):
    status, out, err = finish(start(script))
    assert (status, out) == (1, output(script, "", failed=True))
    assert error_line(script, ".*Name or service not known.*").fullmatch(err)


@each
def test_key_that_is_refused_and_quoted_is_not_shown(script, start, server):
    server.respond = refused(401, "Incorrect API key provided: sk-loopback.")
    process = start(script, G4F_BASE_URL=server.base_url, G4F_API_KEY="sk-loopback")
    status, out, err = finish(process)
    assert (status, out) == (1, output(script, "", failed=True))
    assert error_line(script, r".* 401: Incorrect API key provided: \*\*\*\.").fullmatch(err)


@pytest.fixture
def fake_g4f(tmp_path):
    """Make a g4f whose create() runs these lines; return the PYTHONPATH where it is found first."""

    def make(lines: str) -> str:
        (tmp_path / "g4f").mkdir()
        (tmp_path / "g4f" / "__init__.py").touch()
        (tmp_path / "g4f" / "client.py").write_text(
            "import threading\n"
            "class Client:\n"
            "    def __init__(self): self.chat = self.completions = self\n"
            f"    def create(self, **kwargs):\n{textwrap.indent(lines, ' ' * 8)}\n"
            "AsyncClient = Client\n"
        )
        return str(tmp_path)

    return make


@each
@pytest.mark.parametrize(
    ("error", "message"),
    [
        ("TimeoutError()", "TimeoutError"),
        ("TimeoutError(' ')", "TimeoutError"),
        ("ValueError('first\\nsecond\\n')", "first\nsecond"),
    ],
)
def test_error_that_create_raises(script, error, message, start, fake_g4f):
    status, out, err = finish(start(script, PYTHONPATH=fake_g4f(f"raise {error}")))
    assert (status, out) == (1, output(script, "", failed=True))
    assert error_line(script, message).fullmatch(err)


@each
def test_error_starts_on_a_line_of_its_own(script, start, server):
    """Where both outputs are one, as on a terminal, and half an answer has come."""
    server.respond = FAULTS["error event"]
    process = start(script, stderr=subprocess.STDOUT, G4F_BASE_URL=server.base_url)
    status, out, _ = finish(process)
    expected = output(script, "" if script == DEMO else TEXT, failed=True)
    assert (status, out[: len(expected)]) == (1, expected)
    assert error_line(script, ".*memory.*").fullmatch(out[len(expected) :])


@each
def test_encoding_that_lacks_characters(script, start, server):
    process = start(script, G4F_BASE_URL=server.base_url, PYTHONIOENCODING="ascii")
    escaped = r"Hello, \u043c\u0438\u0440 \U0001f30d \u4e16\u754c"
    assert finish(process) == (0, output(script, escaped), "")


@posix_only
@each
def test_ctrl_c_while_g4f_blocks(script, start):
    """g4f asks for the list of models in a call that blocks the event loop."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        process = start(script, G4F_BASE_URL=f"http://127.0.0.1:{port}/v1")
        silent.settimeout(60)
        with silent.accept()[0]:
            process.send_signal(signal.SIGINT)
            assert finish(process) == (130, interrupted(script, ""), "")


@posix_only
@each
def test_ctrl_c_while_a_thread_works(script, start, fake_g4f):
    """Some providers call what blocks in a thread, for which an ordinary exit would wait."""
    lines = (
        "threading.Thread(target=threading.Event().wait).start()\n"
        "print('waits', flush=True)\n"
        "threading.Event().wait()"
    )
    process = start(script, PYTHONPATH=fake_g4f(lines))
    waits = start_of_output(script, "waits\n")
    assert process.stdout.read(len(waits)) == waits
    process.send_signal(signal.SIGINT)
    status, _, err = finish(process)
    assert (status, err) == (130, "")


@posix_only
@pytest.mark.parametrize("variables", [{}, {"PYTHONUNBUFFERED": "1"}], ids=["", "unbuffered"])
@each
def test_reader_goes_away(script, variables, start, server):
    """As head does once it has its line, while the answer goes on."""
    server.hold()
    process = start(script, G4F_BASE_URL=server.base_url, **variables)
    assert server.asked.wait(60)
    if script != DEMO:
        server.let_go()
        shown = start_of_output(script, server.answer[0])
        assert process.stdout.read(len(shown)) == shown
    process.stdout.close()
    server.let_go(len(server.answer))
    assert (process.wait(), process.stderr.read()) == (1, "")


@posix_only
@each
def test_reader_goes_away_and_ctrl_c(script, start, server):
    """As with tee, which the same Ctrl-C ends."""
    server.respond = FAULTS["no answer"]
    process = start(script, G4F_BASE_URL=server.base_url)
    assert server.asked.wait(60)
    process.stdout.close()
    process.send_signal(signal.SIGINT)
    assert process.wait() in (1, 130)
    assert process.stderr.read() == ""


@posix_only
@each
def test_no_standard_output(script, start, server, tmp_path):
    wrapper = tmp_path / "wrapper.py"
    wrapper.write_text(
        "import os, sys\nos.close(1)\nos.execv(sys.executable, [sys.executable, sys.argv[1]])\n"
    )
    process = start(wrapper, str(EXAMPLES / f"{script}.py"), G4F_BASE_URL=server.base_url)
    assert finish(process) == (0, "", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full disk is simulated by /dev/full")
@each
def test_disk_is_full(script, start, server):
    with open("/dev/full", "w") as full:
        process = start(script, stdout=full, G4F_BASE_URL=server.base_url)
    assert process.wait() == 1
    assert error_line(script, ".*No space left on device").fullmatch(process.stderr.read())
