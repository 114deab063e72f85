# /// script
# requires-python = ">=3.10"
# dependencies = ["g4f>=8.7.2"]
# ///
"""Show an answer while it streams in, and keep what has arrived, whatever happens.

Run it with ``uv run messages_stream.py``, or with ``python`` where g4f is installed.
G4F_MODEL, G4F_PROVIDER, G4F_BASE_URL and G4F_API_KEY choose another model, provider or
OpenAI-compatible server. Exit status: 0, 1 after an error, 130 after Ctrl-C.
"""

import asyncio
import os
import signal
import sys

from g4f.client import AsyncClient

model = os.environ.get("G4F_MODEL") or "gpt-4"
base_url = os.environ.get("G4F_BASE_URL", "").rstrip("/")
api_key = os.environ.get("G4F_API_KEY")
# With a base_url alone, AsyncClient would still pick a provider by itself.
provider = os.environ.get("G4F_PROVIDER") or ("Custom" if base_url else None)
settings = {"provider": provider, "base_url": base_url, "api_key": api_key}
settings = {name: value for name, value in settings.items() if value}


async def main() -> None:
    """Print the answer chunk by chunk, then the whole text, also of an answer that broke off.

    What g4f raises comes out, and RuntimeError where the answer has no text.
    """
    accumulated_text = ""
    try:
        client = AsyncClient(**settings)
        stream = client.chat.completions.create(
            model=model,
            messages=[{"role": "user", "content": "Say hello there!"}],
            stream=True,
        )
        async for chunk in stream:
            if chunk.choices and chunk.choices[0].delta.content:
                text = str(chunk.choices[0].delta.content)  # sources and images are objects
                accumulated_text += text
                print(text, end="", flush=True)
        if not accumulated_text:
            raise RuntimeError("The answer has no text.")
    finally:
        print("\n\nFinal accumulated text:", accumulated_text, flush=True)


if __name__ == "__main__":

    async def run() -> None:
        """Run main() so that a single Ctrl-C ends it."""
        loop, task = asyncio.get_running_loop(), asyncio.current_task()

        def interrupt(*_: object) -> None:
            loop.call_soon_threadsafe(task.cancel)
            if asyncio.current_task() is task:  # where g4f blocks it, the loop cancels nothing
                raise KeyboardInterrupt

        signal.signal(signal.SIGINT, interrupt)
        await main()

    if hasattr(sys.stdout, "reconfigure"):  # escape what the output's encoding lacks
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        asyncio.run(run())
    except (KeyboardInterrupt, asyncio.CancelledError):
        os._exit(130)
    except BrokenPipeError:  # the reader, such as head, has gone
        os._exit(1)  # sys.exit() would flush the closed pipe once more
    except Exception as error:
        message = str(error).strip() or type(error).__name__
        if api_key:  # some servers quote it
            message = message.replace(api_key, "***")
        print("Error occurred:", message, file=sys.stderr)
        os._exit(1)
