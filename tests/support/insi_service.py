"""An INSi of our own on this machine: checks what a caller shows, knows the published identities.

It checks what is public and stands for no more (docs/explanation/teleservice-assertions.md).
"""

from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from xml.sax.saxutils import escape

from cryptography import x509
from lxml import etree
from signxml.exceptions import SignXMLException
from signxml.verifier import XMLVerifier
from tests.support import xmlsec

WSDL = Path(__file__).with_name("insi.wsdl")
NAMES = {
    "soap": "http://www.w3.org/2003/05/soap-envelope",
    "wsse": "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd",
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "traits": "http://www.cnamts.fr/INSiRecSans",
    "vitale": "http://www.cnamts.fr/INSiRecVit",
    "lps": "urn:siram:lps:ctxlps",
    "bam": "urn:siram:bam:ctxbam",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}
_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<soap:Envelope xmlns:soap="{soap}">'
    '<S:Body xmlns:S="{soap}">{body}</S:Body></soap:Envelope>'
)
_RESULT = (
    '<RESULTAT xmlns="http://www.cnamts.fr/INSiResultat"><CR><CodeCR>{code}</CodeCR>'
    "<LibelleCR>{label}</LibelleCR></CR>{person}</RESULTAT>"
)
_FAULT = (
    "<soap:Fault><soap:Code><soap:Value>soap:Sender</soap:Value><soap:Subcode>"
    "<soap:Value>soap:{subcode}</soap:Value></soap:Subcode></soap:Code><soap:Reason>"
    '<soap:Text xml:lang="fr">{text}</soap:Text></soap:Reason><soap:Detail>'
    '<siram:Erreur xmlns:siram="urn:siram" code="{code}" severite="erreur">{text}</siram:Erreur>'
    "</soap:Detail></soap:Fault>"
)


@dataclass(frozen=True, slots=True)
class Known:
    """One of the INSi's validation set (facts: certificates_identifiers_services.md §2)."""

    name: str
    given_names: str
    sex: str
    born: str
    place: str | None
    number: str
    key: str
    former: tuple[tuple[str, str], ...] = ()


KNOWN = (
    Known("ADRUN", "ZOE", "F", "1975-12-31", "63220", "2751263220749", "74"),
    Known("CORSE", "ANTHONY", "M", "1980-03-02", "2B020", "180032B020401", "23"),
    Known("ADRTROIS", "DOMINIQUE", "F", "1997-02-26", "2A020", "297022A020778", "78"),
    Known("ADRTROIS", "TOUSSAINT", "M", "1960-01-01", "2B020", "160012B020777", "13"),
    Known("ECETINSI", "PIERRE-ALAIN MURIEL FLORIANT", "M", "2009-07-14", "63220", "1090763220834",
          "89", (("2090763220834", "39"), ("2090663220123", "55"))),
    Known("NESSI", "MICHELANGELO", "M", "2010-08-07", None, "1100863220830", "60"),
)  # fmt: skip
SEVERAL = ("DE VINCI", "LEONARDO")


class Refusal(Exception):
    """The service does not accept what it is shown."""


@dataclass
class InsiService:
    """`now` is the service's clock; `seen` holds the requests that got through.

    `folder` is for xmlsec1, which checks each signature and its chain after signxml did.
    """

    now: datetime
    folder: Path
    may_call: bool = True
    seen: list[bytes] = field(default_factory=list[bytes])

    def answer(self, raw: bytes, content_type: str) -> tuple[int, bytes]:
        try:
            check(content_type.startswith("application/soap+xml"), "not SOAP 1.2")
            root = etree.fromstring(raw)
            self._check_assertion(root, raw)
        except (Refusal, SignXMLException, etree.XMLSyntaxError) as error:
            return 500, fault("siram_100", "desir_500", str(error))
        idam = root.findtext("soap:Header/lps:ContexteLPS/lps:LPS/lps:IDAM", "", NAMES)
        if idam != "AUTORISATION-ESSAI":
            return 500, fault("siram_100", "desir_550", "Numéro d'autorisation inconnu.")
        if not self.may_call:
            return 500, fault("siram_100", "desir_560", "Droits insuffisants.")
        self.seen.append(raw)
        return 200, result(root.find("soap:Body/*", NAMES))

    def _check_assertion(self, root: etree._Element, raw: bytes) -> None:
        """Signed under the authority trusted, with the signature key, in its time."""
        assertion = root.find("soap:Header/wsse:Security/saml:Assertion", NAMES)
        check(assertion is not None, "no assertion")
        encoded = assertion.findtext(".//ds:X509Certificate", "", NAMES)  # type: ignore[union-attr]
        certificate = x509.load_der_x509_certificate(b64decode(encoded))
        verified = XMLVerifier().verify(
            etree.tostring(assertion),  # type: ignore[arg-type]
            x509_cert=certificate,
            id_attribute="ID",
        )
        check(xmlsec.verify(raw, self.folder, f"{self.now:%Y-%m-%d %H:%M:%S}"), "xmlsec1 says no")
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        check(usage.content_commitment, "not the signature key")
        self._check_content(verified.signed_xml)  # type: ignore[arg-type, union-attr]

    def _check_content(self, signed: etree._Element) -> None:
        name_id = signed.find("saml:Subject/saml:NameID[@NameQualifier='CPS']", NAMES)
        check(name_id is not None, "not a CPS")
        issuer = signed.findtext("saml:Issuer", "", NAMES)
        check(f"CN={name_id.text}" in issuer, "the issuer is somebody else")  # type: ignore[union-attr]
        limits = signed.find("saml:Conditions", NAMES).attrib  # type: ignore[union-attr]
        start, end = (datetime.fromisoformat(str(limits[n])) for n in ("NotBefore", "NotOnOrAfter"))
        check(start <= self.now < end, "out of its time")


def check(holds: bool, why: str) -> None:
    if not holds:
        raise Refusal(why)


def result(asked: etree._Element | None) -> bytes:
    """By the Vitale the number of the individual or the insured, else the traits."""
    assert asked is not None
    told = {etree.QName(one).localname: "".join(map(str, one.itertext())) for one in asked}
    name = told.get("NomNaissance", "")
    if (name, told.get("Prenom")) == SEVERAL:
        return envelope(_RESULT.format(code="02", label="Plusieurs identites trouvees", person=""))
    number = told.get("MatriculeIndividu") or told.get("MatriculeOD")
    for known in KNOWN:
        by_number = number is not None and number.startswith(known.number)
        traits = (known.name, known.given_names.split()[0], known.sex, known.born)
        asked_traits = (name, told.get("Prenom"), told.get("Sexe"), told.get("DateNaissance"))
        if by_number or traits == asked_traits:
            return envelope(_RESULT.format(code="00", label="OK", person=person(known)))
    return envelope(_RESULT.format(code="01", label="Aucune identite trouvee", person=""))


def person(known: Known) -> str:
    actual = f"<INSACTIF>{matricule(known.number, known.key)}</INSACTIF>"
    former = "".join(f"<INSHISTO>{matricule(*one)}</INSHISTO>" for one in known.former)
    traits = {
        "NomNaissance": known.name,
        "ListePrenom": known.given_names,
        "Sexe": known.sex,
        "DateNaissance": known.born,
        "LieuNaissance": known.place,
    }
    written = "".join(f"<{name}>{text}</{name}>" for name, text in traits.items() if text)
    return f"<INDIVIDU>{actual}{former}<TIQ>{written}</TIQ></INDIVIDU>"


def matricule(number: str, key: str) -> str:
    written = f"<NumIdentifiant>{number}</NumIdentifiant><Cle>{key}</Cle>"
    return f"<IdIndividu>{written}</IdIndividu><OID>1.2.250.1.213.1.4.8</OID>"


def envelope(body: str) -> bytes:
    return _ENVELOPE.format(soap=NAMES["soap"], body=body).encode()


def fault(subcode: str, code: str, text: str) -> bytes:
    return envelope(_FAULT.format(subcode=subcode, code=code, text=escape(text)))


@contextmanager
def serving(service: InsiService) -> Iterator[str]:
    """The address of the service."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            status, body = service.answer(raw, self.headers["Content-Type"])
            self.send_response(status)
            self.send_header("Content-Type", "application/soap+xml; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/lps"
    finally:
        server.shutdown()
        server.server_close()
