"""text_completions_streaming.py, with fakes in place of its clients."""

import asyncio
from types import SimpleNamespace
from unittest.mock import call

import pytest
import text_completions_streaming as example
from conftest import chunk

QUESTION = "Hey! How can I recursively list all files in a directory in Python?"
CREATE = call().chat.completions.create(
    model="gpt-4", messages=[{"role": "user", "content": QUESTION}], stream=True
)

both = pytest.mark.parametrize(
    "run", [example.sync_stream, lambda: asyncio.run(example.async_stream())], ids=["sync", "async"]
)


@both
def test_calls(run, fake):
    fake(example, chunk("Hi"))
    run()
    assert example.Client.mock_calls + example.AsyncClient.mock_calls == [call(), CREATE]


@both
def test_text_is_shown_and_the_other_chunks_are_passed_over(run, fake, capsys):
    fake(example, SimpleNamespace(choices=[]), *map(chunk, [None, "See ", "", 42, None]))
    run()
    assert capsys.readouterr() == ("See 42", "")


@both
def test_error_is_raised_after_the_text_before_it(run, fake, capsys):
    fake(example, chunk("half"), ConnectionError("gone"), chunk("never"))
    with pytest.raises(ConnectionError, match="gone"):
        run()
    assert capsys.readouterr() == ("half", "")


def test_main_streams_both_under_headings(fake, capsys):
    fake(example, chunk("Hi"))
    example.main()
    assert capsys.readouterr() == ("Synchronous Stream:\nHi\n\nAsynchronous Stream:\nHi\n", "")
