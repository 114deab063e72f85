"""text_completions_demo_async.py, with a fake in the place of its client."""

import asyncio
from types import SimpleNamespace

import pytest
from conftest import FakeCompletionClient, Sources

CREATED = {
    "model": "gpt-4o",
    "messages": [
        {"role": "system", "content": "You are a helpful assistant."},
        {"role": "user", "content": "how does a court case get to the Supreme Court?"},
    ],
}


def completion(content) -> SimpleNamespace:
    return SimpleNamespace(choices=[SimpleNamespace(message=SimpleNamespace(content=content))])


@pytest.fixture
def run(load):
    """Run main() on this completion and return the client it used."""

    def run(item) -> FakeCompletionClient:
        example = load("text_completions_demo_async")
        example.AsyncClient = client = FakeCompletionClient(item)
        asyncio.run(example.main())
        return client

    return run


def test_the_calls_are_exactly_these(run):
    client = run(completion("By appeal."))
    assert client.made == [((), {})]
    assert client.created == [((), CREATED)]


@pytest.mark.parametrize("content", ["By appeal.", "Привет, 🌍 世界", Sources()])
def test_the_answer_is_printed(run, capsys, content):
    run(completion(content))
    assert capsys.readouterr() == (f"{content}\n", "")


@pytest.mark.parametrize("item", [completion(None), completion(""), SimpleNamespace(choices=[])])
def test_an_answer_with_no_text_is_an_error(run, capsys, item):
    with pytest.raises(RuntimeError, match="no text"):
        run(item)
    assert capsys.readouterr() == ("", "")


def test_what_the_call_raises_comes_out(run):
    with pytest.raises(ConnectionError, match="gone"):
        run(ConnectionError("gone"))
