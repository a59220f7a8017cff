"""An INS datamatrix as an image, drawn and read by zxing-cpp (extra `datamatrix`).

ISO/IEC 16022 ECC 200 (facts: certificates_identifiers_services.md §2), square, with a margin of one
module.
"""

import io
from importlib import import_module
from typing import Any

from cardio.errors import ConfigurationError, IdentifierError

SCALE = 6
"""Pixels a module: 0.5 mm of print at 300 dots an inch. Below 2 some decoders give up (measured
with dmtxread)."""


def png(text: str, *, scale: int = SCALE) -> bytes:
    """A PNG of the symbol. Raises `ConfigurationError` without the extra."""
    pillow = _library("PIL.Image")
    made = io.BytesIO()
    pillow.fromarray(_symbol(text).to_image(scale=scale)).save(made, format="PNG")
    return made.getvalue()


def svg(text: str, *, scale: int = SCALE) -> str:
    """An SVG of the symbol. Raises `ConfigurationError` without the extra."""
    return _symbol(text).to_svg(scale=scale)


def read(image: bytes) -> str:
    """The text of the one data matrix in a picture (PNG, JPEG …).

    Raises `IdentifierError` where there is none, or several; `ConfigurationError` without the
    extra.
    """
    zxing, pillow = _library("zxingcpp"), _library("PIL.Image")
    try:
        picture = pillow.open(io.BytesIO(image)).convert("L")
    except (OSError, ValueError, pillow.DecompressionBombError) as error:
        raise IdentifierError("not a picture such as PNG or JPEG") from error
    found = zxing.read_barcodes(picture, formats=zxing.BarcodeFormat.DataMatrix)
    if len(found) != 1:
        raise IdentifierError(f"the picture has {len(found)} data matrix symbols, not one")
    return found[0].bytes.decode("latin-1")


def _symbol(text: str) -> Any:  # noqa: ANN401 - the library types none of its images
    zxing = _library("zxingcpp")
    return zxing.create_barcode(text, zxing.BarcodeFormat.DataMatrix, forceSquare=True)


def _library(name: str) -> Any:  # noqa: ANN401
    try:
        return import_module(name)
    except ImportError as error:
        message = "images need an extra: pip install 'cardio-sante[datamatrix]'"
        raise ConfigurationError(message) from error
