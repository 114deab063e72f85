"""README.md against the code: its snippets, files, settings and messages."""

import functools
import re

import g4f.client
import pytest
from conftest import CHUNKS, EXAMPLES, SCRIPTS, TEXT, sse
from g4f.Provider import ProviderUtils
from test_faults import FAULTS

ROOT = EXAMPLES.parent
README = (ROOT / "README.md").read_text("utf-8")
SNIPPETS = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
PROBLEMS = README.partition("## When it does not work")[2].partition("\n## ")[0]


@pytest.mark.parametrize(
    ("snippet", "printed"),
    list(zip(SNIPPETS, [TEXT, f"{TEXT}\n", f"{TEXT}\n"], strict=True)),
    ids=["Client", "AsyncClient", "completion"],
)
def test_snippet(snippet, printed, server, monkeypatch, capsys):
    """Runs verbatim, except for the provider."""
    server.reply = sse(*CHUNKS)
    settings = {"provider": "Custom", "base_url": server.url, "api_key": "sk-loopback"}
    for name in ("Client", "AsyncClient"):
        client = functools.partial(getattr(g4f.client, name), **settings)
        monkeypatch.setattr(g4f.client, name, client)
    exec(snippet, {})
    assert capsys.readouterr() == (printed, "")


def test_files_exist():
    paths = set(re.findall(r"(?:\.github|\.ci|examples|tests)/[\w./]*\w", README))
    assert paths == {path for path in paths if (ROOT / path).exists()}


@pytest.mark.parametrize("script", SCRIPTS)
def test_settings_are_those_that_the_script_reads(script):
    settings = set(re.findall(r"G4F_\w+", (EXAMPLES / f"{script}.py").read_text("utf-8")))
    assert set(re.findall(r"^\| `(\w+)` \|", README, re.MULTILINE)) == settings
    assert set(re.findall(r"G4F_\w+", README)) == settings


def test_providers_are_known_and_servers_have_a_v1():
    providers = re.findall(r"G4F_PROVIDER=(\w+)", README)
    assert providers
    assert [name for name in providers if name not in ProviderUtils.convert] == []
    urls = re.findall(r"G4F_BASE_URL=(\S+)", README)
    assert [url for url in urls if not url.endswith("/v1")] == []


@pytest.mark.parametrize("message", re.findall(r"`([^`]+…)`", PROBLEMS))
def test_message_is_printed(message):
    """Some fault prints it, up to the first …"""
    assert any(fault.error.startswith(message.partition("…")[0]) for fault in FAULTS)
