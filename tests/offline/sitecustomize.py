"""Python runs this at start-up where it is on PYTHONPATH: it keeps a process on this machine.

Every other machine's name fails to resolve, in the words in which it does without a network.
"""

import socket

resolve = socket.getaddrinfo


def getaddrinfo(host, *args, **kwargs):
    """Resolve the names of this machine alone."""
    if host not in ("127.0.0.1", "localhost", b"127.0.0.1", b"localhost"):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return resolve(host, *args, **kwargs)


socket.getaddrinfo = getaddrinfo
