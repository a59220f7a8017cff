"""The context of a TLS session for `requests`, and so for `zeep`."""

import ssl
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter


class CardAdapter(HTTPAdapter):
    """Mount it: `requests_session.mount("https://", CardAdapter(session.context))`.

    Servers are verified by the context alone, directly or through a proxy. Left to itself
    `requests` would load its own list of authorities into it, or one that a variable names.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__()

    def init_poolmanager(self, *args: Any, **more: Any) -> None:  # noqa: ANN401 - as its base
        """See `HTTPAdapter`."""
        super().init_poolmanager(*args, **more, ssl_context=self._context)

    def proxy_manager_for(self, proxy: str, **more: Any) -> Any:  # noqa: ANN401 - as its base
        """See `HTTPAdapter`."""
        return super().proxy_manager_for(proxy, **more, ssl_context=self._context)

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: Any = None,  # noqa: ANN401 - as its base
        verify: object = True,  # noqa: ARG002
        cert: object = None,  # noqa: ARG002
        proxies: Any = None,  # noqa: ANN401 - as its base
    ) -> Response:
        """See `HTTPAdapter`; `verify` and `cert` are those of the context."""
        return super().send(request, stream=stream, timeout=timeout, proxies=proxies)

    def cert_verify(self, conn: object, url: object, verify: object, cert: object) -> None:
        """Nothing to add to the context."""
