# /// script
# requires-python = ">=3.10"
# dependencies = ["g4f>=8.7.2"]
# ///
"""Ask for one completion with AsyncClient, and print it once it is complete.

Run it with `uv run`, or with `python` once g4f is installed.
Exit status: 0 on success, 1 on error, 130 on Ctrl-C.
"""

import asyncio
import os
import sys

from g4f.client import AsyncClient

# Only for running this file: in a copy, write AsyncClient() and model="gpt-4o" instead.
model = os.getenv("G4F_MODEL") or "gpt-4o"
base_url = os.getenv("G4F_BASE_URL", "").rstrip("/")
provider = os.getenv("G4F_PROVIDER") or ("Custom" if base_url else None)
settings = {"provider": provider, "base_url": base_url, "api_key": os.getenv("G4F_API_KEY")}
# Without a provider, pass nothing: g4f would offer the key to every provider it considers.
settings = {name: value for name, value in settings.items() if provider and value}


async def main() -> None:
    """Print the answer. Raises whatever g4f raises, and RuntimeError if it has no text."""
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
    if hasattr(sys.stdout, "reconfigure"):  # escape characters that stdout cannot encode
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        asyncio.run(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # stdout was closed, for example by `head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        sys.exit(f"An error occurred: {str(error).strip() or type(error).__name__}")
