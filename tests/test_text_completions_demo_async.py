"""text_completions_demo_async.py, with a fake in place of its client."""

import asyncio
from types import SimpleNamespace
from unittest.mock import call

import pytest
import text_completions_demo_async as example
from conftest import chunk

CREATE = call().chat.completions.create(
    model="gpt-4o",
    messages=[
        {"role": "system", "content": "You are a helpful assistant."},
        {"role": "user", "content": "how does a court case get to the Supreme Court?"},
    ],
)


def test_calls(fake):
    fake(example, chunk("By appeal."))
    asyncio.run(example.main())
    assert example.AsyncClient.mock_calls == [call(), CREATE]


def test_answer_is_shown(fake, capsys):
    fake(example, chunk(42))
    asyncio.run(example.main())
    assert capsys.readouterr() == ("42\n", "")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (chunk(None), "The answer has no text"),
        (SimpleNamespace(choices=[]), "The answer has no text"),
        (ConnectionError("gone"), "gone"),
    ],
    ids=["no content", "no choices", "error"],
)
def test_error_is_raised(answer, error, fake, capsys):
    fake(example, answer)
    with pytest.raises((RuntimeError, ConnectionError), match=error):
        asyncio.run(example.main())
    assert capsys.readouterr() == ("", "")
