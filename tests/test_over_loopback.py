"""The unmodified examples as processes, through the real g4f, against a server on this machine."""

import os
import re
import signal
from pathlib import Path

import pytest
from conftest import EXAMPLES, TESTS, TEXT, finish, output
from loopback import CANNED

LOOPBACK = TESTS / "loopback.py"

QUESTION = "Hey! How can I recursively list all files in a directory in Python?"
REQUESTS = {
    "text_completions_streaming": 2
    * [{"model": "gpt-4", "messages": [{"role": "user", "content": QUESTION}], "stream": True}],
    "messages_stream": [
        {
            "model": "gpt-4",
            "messages": [{"role": "user", "content": "Say hello there!"}],
            "stream": True,
        }
    ],
    "text_completions_demo_async": [
        {
            "model": "gpt-4o",
            "messages": [
                {"role": "system", "content": "You are a helpful assistant."},
                {"role": "user", "content": "how does a court case get to the Supreme Court?"},
            ],
            "stream": False,
        }
    ],
}

each = pytest.mark.parametrize("script", sorted(REQUESTS))


@each
def test_base_url_alone(script, start, server):
    assert finish(start(script, G4F_BASE_URL=server.base_url)) == (0, output(script), "")
    requests = [
        {key: request.get(key, False) for key in ("model", "messages", "stream")}
        for request in server.requests
    ]
    assert requests == REQUESTS[script]
    assert [request["authorization"] for request in server.requests] == [None] * len(requests)


@each
def test_base_url_with_model_provider_and_key(script, start, server):
    process = start(
        script,
        G4F_BASE_URL=server.base_url,
        G4F_MODEL="llama3",
        G4F_PROVIDER="Custom",
        G4F_API_KEY="sk-loopback",
    )
    assert finish(process) == (0, output(script), "")
    assert {request["model"] for request in server.requests} == {"llama3"}
    assert {request["authorization"] for request in server.requests} == {"Bearer sk-loopback"}


@pytest.mark.parametrize(
    ("script", "headings"),
    [
        ("text_completions_streaming", ["Synchronous Stream:\n", "\n\nAsynchronous Stream:\n"]),
        ("messages_stream", [""]),
    ],
)
def test_each_chunk_is_shown_before_the_next_is_sent(script, headings, start, server):
    """No clock: the server sends a chunk once the one before it has come through a pipe."""
    server.hold()
    process = start(script, G4F_BASE_URL=server.base_url)
    for heading in headings:
        assert process.stdout.read(len(heading)) == heading
        for text in server.answer:
            server.let_go()
            assert process.stdout.read(len(text)) == text
        server.let_go()
    shown = "".join(heading + TEXT for heading in headings)
    status, rest, err = finish(process)
    assert (status, shown + rest, err) == (0, output(script), "")


def test_run_without_a_network(start, tmp_path):
    """The command in the README, whatever the user has set; g4f's own folder is left alone."""
    process = start(
        LOOPBACK,
        str(EXAMPLES / "messages_stream.py"),
        G4F_PROVIDER="Nobody",
        G4F_API_KEY="sk-mine",
        http_proxy="http://127.0.0.1:9",
    )
    status, out, err = finish(process)
    assert (status, out) == (0, output("messages_stream", CANNED["hello"]))
    assert re.fullmatch(r"Canned answers from this machine, http://127\.0\.0\.1:\d+/v1, .*\n", err)
    assert list(tmp_path.iterdir()) == []


def test_run_without_a_network_of_a_wrong_name(start):
    status, out, err = finish(start(LOOPBACK, "examples/nothing.py"))
    assert (status, out) == (1, "")
    assert err.splitlines() == [f"{Path('examples/nothing.py')} is not a file"]


def test_run_without_a_network_passes_the_exit_status_through(start, tmp_path):
    script = tmp_path / "fails.py"
    script.write_text("raise SystemExit(7)")
    assert finish(start(LOOPBACK, str(script)))[:2] == (7, "")


@pytest.mark.skipif(os.name != "posix", reason="sends a POSIX signal")
def test_run_without_a_network_passes_ctrl_c_through(start):
    process = start(LOOPBACK, str(EXAMPLES / "text_completions_streaming.py"))
    heading = "Synchronous Stream:\n"
    assert process.stdout.read(len(heading)) == heading
    process.send_signal(signal.SIGINT)
    status, out, err = finish(process)
    assert status == 130
    assert CANNED["list all files"].startswith(out.rstrip())
    assert len(err.splitlines()) == 1
