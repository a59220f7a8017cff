"""The HTTP clients that Python programs use, each fetching one page with a given context."""

import asyncio
import http.client
import ssl
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import requests
import zeep

from cardio.authentication import CardAdapter

TIMEOUT = 10.0

Client = Callable[[ssl.SSLContext, str], str]

WSDL = """<?xml version="1.0"?>
<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/"
    xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:test" targetNamespace="urn:test">
  <types><x:schema targetNamespace="urn:test">
    <x:element name="Ask" type="x:string"/><x:element name="Answer" type="x:string"/>
  </x:schema></types>
  <message name="AskMessage"><part name="body" element="t:Ask"/></message>
  <message name="AnswerMessage"><part name="body" element="t:Answer"/></message>
  <portType name="Port"><operation name="Who">
    <input message="t:AskMessage"/><output message="t:AnswerMessage"/>
  </operation></portType>
  <binding name="Binding" type="t:Port">
    <s:binding transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="Who"><s:operation soapAction="who"/>
      <input><s:body use="literal"/></input><output><s:body use="literal"/></output>
    </operation>
  </binding>
  <service name="Service"><port name="Port" binding="t:Binding">
    <s:address location="ADDRESS"/>
  </port></service>
</definitions>
"""

SOAP_LOCATION = """
location /soap { default_type text/xml; return 200 '<e:Envelope
 xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>
 <Answer xmlns="urn:test">$ssl_client_s_dn</Answer></e:Body></e:Envelope>'; }
"""


def with_http_client(context: ssl.SSLContext, url: str) -> str:
    parts = urlsplit(url)
    connection = http.client.HTTPSConnection(
        parts.hostname or "", parts.port, context=context, timeout=TIMEOUT
    )
    try:
        connection.request("GET", parts.path)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def with_urllib(context: ssl.SSLContext, url: str) -> str:
    with urllib.request.urlopen(url, context=context, timeout=TIMEOUT) as answer:
        return answer.read().decode()


def with_requests(context: ssl.SSLContext, url: str) -> str:
    with requests.Session() as session:
        session.mount("https://", CardAdapter(context))
        return session.get(url, timeout=TIMEOUT).text


def with_httpx(context: ssl.SSLContext, url: str) -> str:
    return httpx.get(url, verify=context, timeout=TIMEOUT).text


def with_async_httpx(context: ssl.SSLContext, url: str) -> str:
    async def get() -> str:
        async with httpx.AsyncClient(verify=context, timeout=TIMEOUT) as client:
            return (await client.get(url)).text

    return asyncio.run(get())


def with_asyncio(context: ssl.SSLContext, url: str) -> str:
    parts = urlsplit(url)

    async def get() -> str:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port, ssl=context)
        writer.write(b"GET / HTTP/1.0\r\n\r\n")
        text = (await reader.read()).decode()
        writer.close()
        return text

    return asyncio.run(asyncio.wait_for(get(), TIMEOUT))


def with_zeep(context: ssl.SSLContext, url: str, folder: Path) -> str:
    """A SOAP call to `/soap` of the server, see `SOAP_LOCATION`."""
    file = folder / "who.wsdl"
    file.write_text(WSDL.replace("ADDRESS", f"{url}soap"), encoding="ascii")
    with requests.Session() as session:
        session.mount("https://", CardAdapter(context))
        transport = zeep.Transport(session=session, operation_timeout=TIMEOUT)
        return str(zeep.Client(str(file), transport=transport).service.Who("?"))


CLIENTS: Mapping[str, Client] = {
    "http.client": with_http_client,
    "urllib": with_urllib,
    "requests": with_requests,
    "httpx": with_httpx,
    "httpx, asynchronous": with_async_httpx,
    "asyncio": with_asyncio,
}
