"""messages_stream.py, with a fake in place of its client."""

import asyncio
from types import SimpleNamespace
from unittest.mock import call

import messages_stream as example
import pytest
from conftest import chunk

CREATE = call().chat.completions.create(
    model="gpt-4", messages=[{"role": "user", "content": "Say hello there!"}], stream=True
)


@pytest.fixture
def run(fake, capsys):
    """Run main() on these chunks; return its status, stdout and stderr."""

    def run(*chunks):
        fake(example, *chunks)
        return asyncio.run(example.main()), *capsys.readouterr()

    return run


def test_calls(run):
    run(chunk("Hi"))
    assert example.AsyncClient.mock_calls == [call(), CREATE]


def test_text_is_shown_and_accumulated_and_the_other_chunks_are_passed_over(run):
    chunks = SimpleNamespace(choices=[]), *map(chunk, [None, "See ", "", 42, None])
    text = "See 42"
    assert run(*chunks) == (0, f"{text}\n\nFinal accumulated text: {text}\n", "")


def test_error_is_reported_and_the_text_kept(run):
    out = "half\n\nFinal accumulated text: half\n"
    chunks = chunk("ha"), chunk("lf"), ConnectionError("gone"), chunk("never")
    assert run(*chunks) == (1, out, "Error occurred: gone\n")


def test_answer_without_text_is_an_error(run):
    out = "\n\nFinal accumulated text: \n"
    assert run(chunk(None)) == (1, out, "Error occurred: The answer has no text.\n")
