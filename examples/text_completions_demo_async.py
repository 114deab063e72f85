# /// script
# requires-python = ">=3.10"
# dependencies = ["g4f>=8.7.2"]
# ///
"""Ask for one completion with AsyncClient and print it once it is whole.

Run it with ``uv run text_completions_demo_async.py``, or with ``python`` where g4f is installed.
G4F_MODEL, G4F_PROVIDER, G4F_BASE_URL and G4F_API_KEY choose another model, provider or
OpenAI-compatible server. Exit status: 0, 1 after an error, 130 after Ctrl-C.
"""

import asyncio
import os
import signal
import sys

from g4f.client import AsyncClient

model = os.environ.get("G4F_MODEL") or "gpt-4o"
base_url = os.environ.get("G4F_BASE_URL", "").rstrip("/")
api_key = os.environ.get("G4F_API_KEY")
# With a base_url alone, AsyncClient would still pick a provider by itself.
provider = os.environ.get("G4F_PROVIDER") or ("Custom" if base_url else None)
settings = {"provider": provider, "base_url": base_url, "api_key": api_key}
settings = {name: value for name, value in settings.items() if value}


async def main() -> None:
    """Print the answer. What g4f raises comes out, and RuntimeError where there is no text."""
    client = AsyncClient(**settings)
    completion = await client.chat.completions.create(
        model=model,
        messages=[
            {"role": "system", "content": "You are a helpful assistant."},
            {"role": "user", "content": "how does a court case get to the Supreme Court?"},
        ],
    )
    if not completion.choices or not completion.choices[0].message.content:
        raise RuntimeError("The answer has no text.")
    print(completion.choices[0].message.content, flush=True)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))  # at once, whatever g4f is doing
    if hasattr(sys.stdout, "reconfigure"):  # escape what the output's encoding lacks
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        asyncio.run(main())
    except BrokenPipeError:  # the reader, such as head, has gone
        os._exit(1)  # sys.exit() would flush the closed pipe once more
    except Exception as error:
        message = str(error).strip() or type(error).__name__
        if api_key:  # some servers quote it
            message = message.replace(api_key, "***")
        print("An error occurred:", message, file=sys.stderr)
        os._exit(1)
