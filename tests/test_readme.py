"""README.md against the code: each snippet, command, setting and message in it."""

import functools
import re
import shlex

import g4f.client
import pytest
from conftest import EXAMPLES, TEXT, finish, output
from loopback import FAULTS, refused
from pytest_examples import CodeExample, EvalExample, find_examples

ROOT = EXAMPLES.parent
README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    for line in block.replace("\\\n", "").splitlines()
    if not line.startswith("#")
]
PRINTED = [f"{TEXT}\n", f"{TEXT}\n{len(TEXT)} characters\n", f"{TEXT}\n"]
SNIPPETS = list(find_examples(str(ROOT / "README.md")))
VARIABLES = {"G4F_MODEL", "G4F_PROVIDER", "G4F_BASE_URL", "G4F_API_KEY"}


@pytest.mark.parametrize(
    ("snippet", "printed"), list(zip(SNIPPETS, PRINTED, strict=True)), ids=["sync", "async", "one"]
)
def test_snippet(
    snippet: CodeExample, printed: str, eval_example: EvalExample, server, monkeypatch, capsys
):
    """As it stands, but that what g4f would pick by itself is the loopback server."""
    for name in ("Client", "AsyncClient"):
        client = getattr(g4f.client, name)
        local = functools.partial(client, provider="Custom", base_url=server.base_url)
        monkeypatch.setattr(g4f.client, name, local)
    eval_example.set_config(line_length=100, ruff_select=["E", "F", "W", "I", "UP", "B"])
    eval_example.lint_ruff(snippet)
    eval_example.run(snippet)
    assert capsys.readouterr() == (printed, "")


def test_settings_are_those_that_the_scripts_read():
    assert set(re.findall(r"^\| `(G4F_\w+)` \|", README, re.MULTILINE)) == VARIABLES
    for path in EXAMPLES.glob("*.py"):
        assert set(re.findall(r'get\("(\w+)"', path.read_text("utf-8"))) == VARIABLES


def test_files_are_there():
    words = [word for command in COMMANDS for word in shlex.split(command)]
    paths = {word for word in words if re.fullmatch(r"(examples|tests)/\S+", word)}
    paths |= {link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link}
    assert {"examples/text_completions_streaming.py", "tests/loopback.py"} < paths
    assert [path for path in paths if not (ROOT / path).is_file()] == []


def test_commands_are_all_known():
    """Those for the two tools that record the picture need a network, and are not run."""
    known = ("uv run examples/", "uv run tests/loopback.py examples/", "uv run pytest", "G4F_")
    known += ("pip install -U g4f", "uvx asciinema", "npx svg-term-cli")
    assert [command for command in COMMANDS if not command.startswith(known)] == []


SETTINGS = [command for command in COMMANDS if command.startswith("G4F_")]


@pytest.mark.parametrize("command", SETTINGS, ids=lambda command: command.partition(" ")[0])
def test_command_with_settings(command, start, server):
    """As it stands, but that its server is the loopback server."""
    *assignments, uv, run, script = shlex.split(command)
    variables = dict(assignment.split("=", 1) for assignment in assignments)
    assert (uv, run) == ("uv", "run")
    assert variables.keys() <= VARIABLES
    if "G4F_BASE_URL" not in variables:
        status, _, err = finish(start(ROOT / script, **variables))
        assert status == 1
        assert "Name or service not known" in err  # so it is a provider that g4f knows
        return
    assert re.fullmatch(r"https?://[a-z.]+(:\d+)?/v1", variables["G4F_BASE_URL"])
    server.key = variables.get("G4F_API_KEY")
    status, out, err = finish(start(ROOT / script, **variables | {"G4F_BASE_URL": server.base_url}))
    assert (status, out, err) == (0, output("messages_stream"), "")
    assert server.requests[0]["model"] == variables.get("G4F_MODEL", "gpt-4")


TABLE = README.partition("## When it does not work")[2].partition("\n## ")[0]
MESSAGES = [
    ".*".join(re.escape(part) for part in message.split("…"))
    for row in re.findall(r"^\| (`.*?) \|", TABLE, re.MULTILINE)
    for message in re.findall(r"`([^`]+)`", row)
]


@pytest.mark.parametrize(
    ("message", "respond", "variables"),
    [
        ("g4f.dev", None, {}),
        ("refused", None, {"G4F_BASE_URL": "http://localhost:{free_port}/v1"}),
        ("404 Client", None, {"G4F_BASE_URL": "http://localhost:{port}"}),
        ("Provider not", None, {"G4F_PROVIDER": "Nobody"}),
        ("Error 401", FAULTS["HTTP 401"], {"G4F_BASE_URL": "http://localhost:{port}/v1"}),
        ("401 Client", None, {"G4F_BASE_URL": "http://localhost:{port}/v1"}),
        ("api_key", None, {"G4F_PROVIDER": "OpenRouter"}),
        ("Error 429", FAULTS["HTTP 429"], {"G4F_BASE_URL": "http://localhost:{port}/v1"}),
        ("RetryProvider", None, {"G4F_PROVIDER": "Custom Ollama", "G4F_BASE_URL": "http://h/v1"}),
        (
            "Error 404",
            refused(404, 'model "gpt-4" not found, try pulling it first'),
            {"G4F_BASE_URL": "http://localhost:{port}/v1"},
        ),
        ("no text", FAULTS["no text"], {"G4F_BASE_URL": "http://localhost:{port}/v1"}),
    ],
)
def test_message(message, respond, variables, start, server, free_port):
    """A message in the table is the one that is printed."""
    pattern = next(pattern for pattern in MESSAGES if re.escape(message) in pattern)
    if respond:
        server.respond = respond
    elif message == "401 Client":
        server.key = "sk-loopback"
    port = server.base_url.split(":")[2].removesuffix("/v1")
    values = {
        name: value.format(port=port, free_port=free_port) for name, value in variables.items()
    }
    status, _, err = finish(start("messages_stream", **values))
    assert status == 1
    assert re.match(f"Error occurred: {pattern}", err)
