"""Each example run as a script in this process, with fakes in place of g4f's clients."""

import asyncio
import io
import re
import runpy
import signal
import sys
from pathlib import Path

import g4f.client
import pytest
from conftest import DEMO, EXAMPLES, MESSAGES, SCRIPTS, STREAM, TESTS, TEXT, chunk

each = pytest.mark.parametrize("script", SCRIPTS)


@pytest.fixture(autouse=True)
def answer(fake):
    fake(g4f.client, chunk(TEXT))


def run(script, name="__main__"):
    """Return what a script exits with."""
    try:
        runpy.run_path(str(EXAMPLES / f"{script}.py"), run_name=name)
    except SystemExit as exit:
        return exit.code
    except KeyboardInterrupt as interrupt:  # raised, it would end the whole pytest run
        return interrupt


def let_create(side_effect):
    """Make create() raise this error, or call this function."""
    for client in g4f.client.Client, g4f.client.AsyncClient:
        client.return_value.chat.completions.create.side_effect = side_effect


@each
def test_importing_does_nothing(script, capsys):
    run(script, name="imported")
    assert g4f.client.Client.mock_calls + g4f.client.AsyncClient.mock_calls == []
    assert capsys.readouterr() == ("", "")


def test_headers_require_what_the_project_requires():
    project = (EXAMPLES.parent / "pyproject.toml").read_text("utf-8")
    pattern = r'^(requires-python = ".*"|dependencies = \[.*\])'
    python, dependencies = re.findall(pattern, project, re.MULTILINE)
    header = f"# /// script\n# {python}\n# {dependencies}\n# ///\n"
    for path in [*EXAMPLES.glob("*.py"), TESTS / "loopback.py"]:
        assert path.read_text("utf-8").startswith(header), path


@pytest.mark.parametrize(
    ("script", "client", "model"),
    [
        (STREAM, "Client", "gpt-4"),
        (STREAM, "AsyncClient", "gpt-4"),
        (MESSAGES, "AsyncClient", "gpt-4"),
        (DEMO, "AsyncClient", "gpt-4o"),
    ],
)
@pytest.mark.parametrize(
    ("settings", "arguments"),
    [
        ("", {}),
        ("G4F_MODEL= G4F_PROVIDER= G4F_BASE_URL= G4F_API_KEY=", {}),
        ("G4F_MODEL=m", {}),
        ("G4F_API_KEY=k", {}),
        ("G4F_PROVIDER=P", {"provider": "P"}),
        ("G4F_PROVIDER=P G4F_API_KEY=k", {"provider": "P", "api_key": "k"}),
        ("G4F_BASE_URL=http://h/v1/", {"provider": "Custom", "base_url": "http://h/v1"}),
        ("G4F_BASE_URL=u G4F_API_KEY=k", {"provider": "Custom", "base_url": "u", "api_key": "k"}),
        ("G4F_BASE_URL=u G4F_PROVIDER=P", {"provider": "P", "base_url": "u"}),
    ],
)
def test_settings(script, client, model, settings, arguments, monkeypatch):
    variables = dict(setting.split("=", 1) for setting in settings.split())
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert not run(script)
    mock = getattr(g4f.client, client)
    mock.assert_called_once_with(**arguments)
    create = mock.return_value.chat.completions.create
    assert create.call_args.kwargs["model"] == (variables.get("G4F_MODEL") or model)


@pytest.mark.parametrize(
    ("script", "status", "err"),
    [
        (STREAM, "An error occurred: TimeoutError", ""),
        (MESSAGES, 1, "Error occurred: TimeoutError\n"),
        (DEMO, "An error occurred: TimeoutError", ""),
    ],
)
def test_error_without_a_message(script, status, err, capsys):
    let_create(TimeoutError(" "))
    assert run(script) == status
    assert capsys.readouterr().err == err


def test_ctrl_c_before_the_answer():
    async def wait(**_):
        signal.raise_signal(signal.SIGINT)
        await asyncio.Event().wait()

    let_create(wait)
    assert run(DEMO) == 130


@each
def test_ctrl_c_while_g4f_blocks(script):
    """From Python 3.11 on, asyncio defers the first Ctrl-C; the second interrupts."""

    def block(**_):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        raise AssertionError("The call was not interrupted.")

    let_create(block)
    handler = signal.getsignal(signal.SIGINT)
    assert run(script) == 130
    assert signal.getsignal(signal.SIGINT) is handler


@each
def test_stdout_that_cannot_encode_the_answer(script, monkeypatch):
    stdout = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stdout)
    assert not run(script)
    assert TEXT.encode("ascii", "backslashreplace") in stdout.buffer.getvalue()


@each
@pytest.mark.parametrize("stdout", [lambda: None, io.StringIO], ids=["none", "no reconfigure"])
def test_stdout_that_is_not_a_file(script, stdout, monkeypatch):
    monkeypatch.setattr(sys, "stdout", stdout())
    assert not run(script)
    assert sys.stdout is None or TEXT in sys.stdout.getvalue()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full stands for a full disk")
def test_messages_stream_on_a_full_disk(monkeypatch):
    with open("/dev/full", "w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        assert run(MESSAGES) == "Error occurred: [Errno 28] No space left on device"
