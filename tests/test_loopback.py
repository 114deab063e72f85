"""tests/loopback.py, the run without a provider."""

import re
import sys

import loopback
import pytest
import text_completions_streaming
from conftest import DEMO, MESSAGES, TESTS
from loopback import ANSWERS, Handler, chunk_event

HELLO = ANSWERS["Say hello there!"]
COURT = ANSWERS["how does a court case get to the Supreme Court?"]


@pytest.mark.parametrize(
    ("script", "out"),
    [(MESSAGES, f"{HELLO}\n\nFinal accumulated text: {HELLO}\n"), (DEMO, f"{COURT}\n")],
)
def test_example_gets_its_answer(script, out, start, monkeypatch, tmp_path):
    """Ignores the user's settings, and leaves g4f's folder alone."""
    monkeypatch.setenv("G4F_PROVIDER", "Nope")
    monkeypatch.setenv("G4F_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("no_proxy")
    process = start(script, TESTS / "loopback.py")
    assert process.stdout.read() == out
    assert re.fullmatch(r"Canned answers from http://127\.0\.0\.1:\d+/v1\n", process.stderr.read())
    assert process.wait() == 0
    assert list(tmp_path.iterdir()) == []


def test_the_streamed_question_has_an_answer():
    assert text_completions_streaming.question in ANSWERS


def test_answer_is_streamed_word_by_word():
    assert next(Handler.stream(None, COURT)) == chunk_event(content="Nearly")


@pytest.mark.parametrize("arguments", [[], ["nothing.py"]], ids=["no file", "missing file"])
def test_usage(arguments, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["loopback.py", *arguments])
    with pytest.raises(SystemExit, match="usage: "):
        loopback.main()
