# /// script
# requires-python = ">=3.10"
# dependencies = ["g4f>=8.7.2"]
# ///
"""Stream the answer to the same question twice: with Client, then with AsyncClient.

Run it with `uv run`, or with `python` once g4f is installed.
Exit status: 0 on success, 1 on error, 130 on Ctrl-C.
"""

import asyncio
import os
import sys

from g4f.client import AsyncClient, Client

# Only for running this file: in a copy, write Client(), AsyncClient() and model="gpt-4" instead.
model = os.getenv("G4F_MODEL") or "gpt-4"
base_url = os.getenv("G4F_BASE_URL", "").rstrip("/")
provider = os.getenv("G4F_PROVIDER") or ("Custom" if base_url else None)
settings = {"provider": provider, "base_url": base_url, "api_key": os.getenv("G4F_API_KEY")}
# Without a provider, pass nothing: g4f would offer the key to every provider it considers.
settings = {name: value for name, value in settings.items() if provider and value}

question = "Hey! How can I recursively list all files in a directory in Python?"


def sync_stream() -> None:
    """Print the answer chunk by chunk, with no newline at the end. Raises whatever g4f raises."""
    client = Client(**settings)
    stream = client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": question}], stream=True
    )
    for chunk in stream:
        if chunk.choices and chunk.choices[0].delta.content:
            print(chunk.choices[0].delta.content, end="", flush=True)


async def async_stream() -> None:
    """Do the same with AsyncClient. Its create() returns an async generator: do not await it."""
    client = AsyncClient(**settings)
    stream = client.chat.completions.create(
        model=model, messages=[{"role": "user", "content": question}], stream=True
    )
    async for chunk in stream:
        if chunk.choices and chunk.choices[0].delta.content:
            print(chunk.choices[0].delta.content, end="", flush=True)


def main() -> None:
    """Print both answers, each under its heading. Raises whatever g4f raises."""
    print("Synchronous Stream:", flush=True)
    sync_stream()
    print("\n\nAsynchronous Stream:", flush=True)
    asyncio.run(async_stream())
    print(flush=True)


if __name__ == "__main__":
    if hasattr(sys.stdout, "reconfigure"):  # escape characters that stdout cannot encode
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # stdout was closed, for example by `head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        print()  # put the error on its own line
        sys.exit(f"An error occurred: {str(error).strip() or type(error).__name__}")
