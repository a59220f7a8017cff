"""From a persona to a card image, and the certificates of an image as files."""

import ssl
from pathlib import Path

from cardio_emulator import persona
from cardio_emulator.cards import cps3
from cardio_emulator.image import CardImage


def personalise(source: str | Path = "medecin") -> CardImage:
    """The CPS3 image of a shipped persona (by name) or of one's own file (.toml, .yaml).

    Raises `ConfigurationError` naming file, key and what is allowed.
    """
    return cps3.image(persona.load(source))


def export(image: CardImage, folder: Path) -> dict[str, Path]:
    """Write the certificates of a card and of its issuers as PEM files; gives them by role.

    The folder is made. Raises `OSError`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = {role: folder / f"{role}.pem" for role in image.certificates}
    for role, file in files.items():
        file.write_text(ssl.DER_cert_to_PEM_cert(image.certificates[role]), encoding="ascii")
    return files
