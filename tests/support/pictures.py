"""Pictures for tests: written as PNG, and drawn from the SVG of a data matrix."""

import io
import re

from PIL import Image, ImageDraw

_SIZE = re.compile(r'<svg width="(\d+)" height="(\d+)"')
_BOX = re.compile(r"M(\d+) (\d+)h(\d+)v(\d+)h-\d+Z")


def as_png(picture: Image.Image) -> bytes:
    made = io.BytesIO()
    picture.save(made, format="PNG")
    return made.getvalue()


def drawn(svg: str) -> Image.Image:
    """The boxes of the SVG's only path, black on white."""
    size = _SIZE.search(svg)
    assert size
    picture = Image.new("L", (int(size[1]), int(size[2])), 255)
    pen = ImageDraw.Draw(picture)
    for x, y, width, height in (map(int, box) for box in _BOX.findall(svg)):
        pen.rectangle((x, y, x + width - 1, y + height - 1), fill=0)
    return picture
