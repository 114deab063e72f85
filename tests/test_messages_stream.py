"""messages_stream.py, with a fake in the place of its client."""

import asyncio

import pytest
from conftest import FakeAsyncClient, Sources, chunk

CREATED = {
    "model": "gpt-4",
    "messages": [{"role": "user", "content": "Say hello there!"}],
    "stream": True,
}


@pytest.fixture
def run(load):
    """Run main() on a stream of these items and return the client it used."""

    def run(*items) -> FakeAsyncClient:
        example = load("messages_stream")
        example.AsyncClient = client = FakeAsyncClient(*items)
        asyncio.run(example.main())
        return client

    return run


def test_the_calls_are_exactly_these(run):
    client = run(chunk("Hi"))
    assert client.made == [((), {})]
    assert client.created == [((), CREATED)]


def test_the_text_is_shown_and_accumulated(run, capsys):
    run(chunk("Привет, "), chunk("🌍 "), chunk("世界"), chunk(None))
    text = "Привет, 🌍 世界"
    assert capsys.readouterr() == (f"{text}\n\nFinal accumulated text: {text}\n", "")


def test_chunks_without_text_are_passed_over(run, capsys):
    no_choices = chunk("")
    no_choices.choices = []
    run(no_choices, chunk(None), chunk("a"), chunk(""), chunk("b"), chunk(None))
    assert capsys.readouterr() == ("ab\n\nFinal accumulated text: ab\n", "")


def test_content_that_is_an_object_is_accumulated_as_its_text(run, capsys):
    run(chunk("See "), chunk(Sources()))
    text = "See [1] example.org"
    assert capsys.readouterr() == (f"{text}\n\nFinal accumulated text: {text}\n", "")


def test_what_arrived_is_kept_when_the_stream_raises(run, capsys):
    with pytest.raises(ConnectionError, match="gone"):
        run(chunk("ha"), chunk("lf"), ConnectionError("gone"), chunk("never"))
    assert capsys.readouterr() == ("half\n\nFinal accumulated text: half\n", "")


@pytest.mark.parametrize("items", [[], [chunk(None)], [chunk("")]])
def test_an_answer_with_no_text_is_an_error(run, capsys, items):
    with pytest.raises(RuntimeError, match="no text"):
        run(*items)
    assert capsys.readouterr() == ("\n\nFinal accumulated text: \n", "")


def test_the_final_text_is_printed_when_create_raises(load, capsys):
    example = load("messages_stream")
    example.AsyncClient = client = FakeAsyncClient()
    client.create = None
    with pytest.raises(TypeError):
        asyncio.run(example.main())
    assert capsys.readouterr() == ("\n\nFinal accumulated text: \n", "")
