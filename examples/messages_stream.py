# /// script
# requires-python = ">=3.10"
# dependencies = ["g4f>=8.7.2"]
# ///
"""Show an answer while it streams in, and keep what has arrived even if the stream breaks off.

Run it with `uv run`, or with `python` once g4f is installed.
Exit status: 0 on success, 1 on error, 130 on Ctrl-C.
"""

import asyncio
import os
import sys

from g4f.client import AsyncClient

# Only for running this file: in a copy, write AsyncClient() and model="gpt-4" instead.
model = os.getenv("G4F_MODEL") or "gpt-4"
base_url = os.getenv("G4F_BASE_URL", "").rstrip("/")
provider = os.getenv("G4F_PROVIDER") or ("Custom" if base_url else None)
settings = {"provider": provider, "base_url": base_url, "api_key": os.getenv("G4F_API_KEY")}
# Without a provider, pass nothing: g4f would offer the key to every provider it considers.
settings = {name: value for name, value in settings.items() if provider and value}


async def main() -> int:
    """Print the answer chunk by chunk, then the whole text, even if the stream breaks off.

    Returns 0, or 1 after an error, which is printed to stderr rather than raised.
    """
    accumulated_text = ""
    try:
        client = AsyncClient(**settings)
        stream = client.chat.completions.create(
            model=model, messages=[{"role": "user", "content": "Say hello there!"}], stream=True
        )
        async for chunk in stream:
            if chunk.choices and chunk.choices[0].delta.content:
                text = str(chunk.choices[0].delta.content)  # g4f also yields objects
                accumulated_text += text
                print(text, end="", flush=True)
        if not accumulated_text:
            raise RuntimeError("The answer has no text.")
        return 0
    except Exception as error:
        message = str(error).strip() or type(error).__name__
    finally:
        print("\n\nFinal accumulated text:", accumulated_text, flush=True)
    print("Error occurred:", message, file=sys.stderr)
    return 1


if __name__ == "__main__":
    if hasattr(sys.stdout, "reconfigure"):  # escape characters that stdout cannot encode
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        sys.exit(asyncio.run(main()))
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:  # stdout was closed, for example by `head`, or the disk is full
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(f"Error occurred: {error}")
