"""text_completions_streaming.py, with fakes in the place of its clients."""

import asyncio

import pytest
from conftest import FakeAsyncClient, FakeClient, Sources, chunk

QUESTION = "Hey! How can I recursively list all files in a directory in Python?"
CREATED = {"model": "gpt-4", "messages": [{"role": "user", "content": QUESTION}], "stream": True}


@pytest.fixture
def example(load):
    return load("text_completions_streaming")


def sync_stream(example, *items) -> FakeClient:
    example.Client = client = FakeClient(*items)
    example.sync_stream()
    return client


def async_stream(example, *items) -> FakeClient:
    example.AsyncClient = client = FakeAsyncClient(*items)
    asyncio.run(example.async_stream())
    return client


both = pytest.mark.parametrize("stream", [sync_stream, async_stream])


@both
def test_the_calls_are_exactly_these(example, stream):
    client = stream(example)
    assert client.made == [((), {})]
    assert client.created == [((), CREATED)]


@both
def test_the_text_of_each_chunk_is_shown(example, stream, capsys):
    stream(example, chunk("Привет, "), chunk("🌍 "), chunk("世界"))
    assert capsys.readouterr() == ("Привет, 🌍 世界", "")


@both
def test_chunks_without_text_are_passed_over(example, stream, capsys):
    no_choices = chunk("")
    no_choices.choices = []
    stream(example, no_choices, chunk(None), chunk("a"), chunk(""), chunk("b"), chunk(None))
    assert capsys.readouterr() == ("ab", "")


@both
def test_content_that_is_an_object_is_shown_as_its_text(example, stream, capsys):
    stream(example, chunk("See "), chunk(Sources()))
    assert capsys.readouterr() == ("See [1] example.org", "")


@both
def test_what_the_stream_raises_comes_out_after_the_text_before_it(example, stream, capsys):
    with pytest.raises(ConnectionError, match="gone"):
        stream(example, chunk("half"), ConnectionError("gone"), chunk("never"))
    assert capsys.readouterr() == ("half", "")


def test_main_streams_both_under_headings(example, capsys):
    example.Client = FakeClient(chunk("one"), chunk(None))
    example.AsyncClient = FakeAsyncClient(chunk("two"), chunk(None))
    example.main()
    assert capsys.readouterr() == ("Synchronous Stream:\none\n\nAsynchronous Stream:\ntwo\n", "")


def test_main_ends_the_line_of_an_answer_that_breaks_off(example, capsys):
    example.Client = FakeClient(chunk("half"), ConnectionError("gone"))
    with pytest.raises(ConnectionError):
        example.main()
    assert capsys.readouterr() == ("Synchronous Stream:\nhalf\n", "")


def test_the_question(example):
    assert example.question == QUESTION
