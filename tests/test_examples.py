"""What holds for each of the three examples."""

import ast
import asyncio
import re
import sys

import pytest
from conftest import EXAMPLES, finish

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PROJECT = tomllib.loads((EXAMPLES.parent / "pyproject.toml").read_text("utf-8"))["project"]
# As in https://peps.python.org/pep-0723/, for a block at the top of the file.
HEADER = re.compile(r"# /// script\n(?P<toml>(?:#(?: .*)?\n)+)# ///\n")

each = pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)


def test_there_are_three():
    names = sorted(path.name for path in EXAMPLES.iterdir() if path.is_file())
    assert names == [
        "messages_stream.py",
        "text_completions_demo_async.py",
        "text_completions_streaming.py",
    ]


@each
def test_header_asks_for_what_the_project_asks_for(path):
    header = HEADER.match(path.read_text("utf-8"))
    script = tomllib.loads(re.sub(r"^# ?", "", header["toml"], flags=re.MULTILINE))
    assert script == {key: PROJECT[key] for key in ("requires-python", "dependencies")}


@each
def test_only_the_standard_library_and_g4f_client_are_imported(path):
    modules = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            modules.add(node.module)
    assert "g4f.client" in modules
    assert modules - {"g4f.client"} <= sys.stdlib_module_names


@each
def test_a_reader_takes_it_in_at_one_look(path):
    assert len(path.read_text("utf-8").splitlines()) <= 80


@each
def test_importing_it_does_nothing(path, start, tmp_path):
    """Neither says a word, nor makes a client, nor uses the network or g4f's folder."""
    watch = tmp_path / "watch.py"
    watch.write_text(
        "import runpy, socket, sys\n"
        "import g4f.client\n"
        "g4f.client.Client = g4f.client.AsyncClient = socket.socket = None\n"
        "runpy.run_path(sys.argv[1], run_name='imported')\n"
    )
    before = sorted(tmp_path.rglob("*"))
    assert finish(start(watch, str(path))) == (0, "", "")
    assert sorted(tmp_path.rglob("*")) == before


class Made(Exception):
    """A client was made, with these arguments."""


SETTINGS = [
    ({}, {}),
    ({"G4F_MODEL": "llama3"}, {}),
    ({"G4F_PROVIDER": "Ollama"}, {"provider": "Ollama"}),
    ({"G4F_API_KEY": "k"}, {"api_key": "k"}),
    ({"G4F_BASE_URL": "http://h/v1"}, {"provider": "Custom", "base_url": "http://h/v1"}),
    ({"G4F_BASE_URL": "http://h/v1/"}, {"provider": "Custom", "base_url": "http://h/v1"}),
    (
        {"G4F_BASE_URL": "http://h/v1", "G4F_PROVIDER": "Ollama", "G4F_API_KEY": "k"},
        {"provider": "Ollama", "base_url": "http://h/v1", "api_key": "k"},
    ),
    (dict.fromkeys(("G4F_MODEL", "G4F_PROVIDER", "G4F_BASE_URL", "G4F_API_KEY"), ""), {}),
]


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("text_completions_streaming", "sync_stream"),
        ("text_completions_streaming", "async_stream"),
        ("messages_stream", "main"),
        ("text_completions_demo_async", "main"),
    ],
)
@pytest.mark.parametrize(("variables", "arguments"), SETTINGS)
def test_settings_reach_the_client(name, function, variables, arguments, load, monkeypatch):
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    example = load(name)

    def client(*args, **kwargs):
        raise Made(args, kwargs)

    example.Client = example.AsyncClient = client
    with pytest.raises(Made) as made:
        asyncio.run(getattr(example, function)())
    assert made.value.args == ((), arguments)
    default = "gpt-4o" if name == "text_completions_demo_async" else "gpt-4"
    assert example.model == (variables.get("G4F_MODEL") or default)
