"""The examples with no setting at all, over the network, with whatever provider g4f picks."""

import os
import re

import pytest
from conftest import finish

ANSWERED = {
    "text_completions_streaming": r"Synchronous Stream:\n.*\S.*\n\nAsynchronous Stream:\n.*\S.*\n",
    "messages_stream": r".*\S.*\n\nFinal accumulated text: .*\S.*\n",
    "text_completions_demo_async": r".*\S.*\n",
}


@pytest.mark.live
@pytest.mark.parametrize("script", ANSWERED)
def test_an_answer_comes(script, start):
    network = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
    network |= {"PYTHONPATH": None, "SSL_CERT_FILE": os.environ.get("SSL_CERT_FILE")}
    status, out, err = finish(start(script, patience=300, **network))
    if status:
        pytest.fail(err.strip() or f"exit status {status}", pytrace=False)
    assert re.fullmatch(ANSWERED[script], out, re.DOTALL)
