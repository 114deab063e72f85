# /// script
# requires-python = ">=3.10"
# dependencies = ["g4f>=8.7.2"]
# ///
"""Stream the answer to the same question twice, first with Client, then with AsyncClient.

Run it with ``uv run text_completions_streaming.py``, or with ``python`` where g4f is installed.
G4F_MODEL, G4F_PROVIDER, G4F_BASE_URL and G4F_API_KEY choose another model, provider or
OpenAI-compatible server. Exit status: 0, 1 after an error, 130 after Ctrl-C.
"""

import asyncio
import os
import signal
import sys

from g4f.client import AsyncClient, Client

model = os.environ.get("G4F_MODEL") or "gpt-4"
base_url = os.environ.get("G4F_BASE_URL", "").rstrip("/")
api_key = os.environ.get("G4F_API_KEY")
# With a base_url alone, AsyncClient would still pick a provider by itself.
provider = os.environ.get("G4F_PROVIDER") or ("Custom" if base_url else None)
settings = {"provider": provider, "base_url": base_url, "api_key": api_key}
settings = {name: value for name, value in settings.items() if value}

question = "Hey! How can I recursively list all files in a directory in Python?"


def sync_stream() -> None:
    """Print the answer chunk by chunk, with no newline after it. What g4f raises comes out."""
    client = Client(**settings)
    stream = client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": question}], stream=True
    )
    for chunk in stream:
        if chunk.choices and chunk.choices[0].delta.content:
            print(chunk.choices[0].delta.content, end="", flush=True)


async def async_stream() -> None:
    """Do the same with AsyncClient, whose create() returns an async generator: no await here."""
    client = AsyncClient(**settings)
    stream = client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": question}], stream=True
    )
    async for chunk in stream:
        if chunk.choices and chunk.choices[0].delta.content:
            print(chunk.choices[0].delta.content, end="", flush=True)


def main() -> None:
    """Print both answers, each under its heading. What g4f raises comes out, on a new line."""
    try:
        print("Synchronous Stream:", flush=True)
        sync_stream()
        print("\n\nAsynchronous Stream:", flush=True)
        asyncio.run(async_stream())
    finally:
        print(flush=True)  # ends the last line, also that of an answer that broke off


if __name__ == "__main__":
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))  # at once, whatever g4f is doing
    if hasattr(sys.stdout, "reconfigure"):  # escape what the output's encoding lacks
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        main()
    except BrokenPipeError:  # the reader, such as head, has gone
        os._exit(1)  # sys.exit() would flush the closed pipe once more
    except Exception as error:
        message = str(error).strip() or type(error).__name__
        if api_key:  # some servers quote it
            message = message.replace(api_key, "***")
        print("An error occurred:", message, file=sys.stderr)
        os._exit(1)
