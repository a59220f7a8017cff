"""One bounded HTTP request, with the standard library."""

import time
from http.client import HTTPException
from urllib import request as urls
from urllib.error import URLError

MAX_ANSWER = 64 * 1024
"""Bytes of an answer: our choice; an OCSP answer has some 2 kB."""

_CHUNK = 4096


def post(url: str, body: bytes, content_type: str, timeout: float) -> bytes | None:
    """The body of a 200 answer of at most `MAX_ANSWER` bytes, within `timeout` seconds; else None.

    Goes through the system's proxy, and nowhere else: no redirection is followed.
    """
    end = time.monotonic() + timeout
    asked = urls.Request(url, body, {"Content-Type": content_type}, method="POST")  # noqa: S310 (the caller checks the scheme)
    try:
        with _opener().open(asked, timeout=timeout) as answer:
            received = b""
            while chunk := answer.read1(_CHUNK):
                received += chunk
                if len(received) > MAX_ANSWER or time.monotonic() > end:
                    return None
            return received if answer.status == 200 else None
    except (URLError, HTTPException, OSError, ValueError):
        return None


def _opener() -> urls.OpenerDirector:
    """Without the handlers of the default one that follow redirections or open files."""
    opener = urls.OpenerDirector()
    for handler in (
        urls.ProxyHandler(),
        urls.HTTPHandler(),
        urls.HTTPSHandler(),
        urls.HTTPDefaultErrorHandler(),
        urls.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener
