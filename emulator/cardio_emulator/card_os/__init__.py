"""An ISO 7816-4 and IAS-ECC card in software: it plays a `CardImage`.

A card that only holds files needs no more than this:

    image = CardImage(
        kind="sample",
        atr=bytes.fromhex("3B00"),
        serial="SAMPLE-1",
        root=DedicatedFile(0x3F00, name=b"ROOT", children=(
            ElementaryFile(0x2001, b"content", sfi=2),
            ElementaryFile(0x2004, b"secret", access=Access(NO_ACCESS)),
            DedicatedFile(0x0001, name=b"APPLICATION"),
        )),
        manners=Manners(plain_select=PlainSelect.NAME),
    )
    card = Card(image)
    card.transmit(bytes.fromhex("00B0820007"))    # "content", then 9000

`FILE_READING` (SELECT, READ BINARY, GET RESPONSE) is the default set of instructions; `IAS_ECC`
adds PINs, data objects and RSA keys, `CHIPDOC` is a CPS4 on logical channel 1, and a card whose
image has a `cps2ter` root answers class A0 too.
"""

from cardio_emulator.card_os.card import FILE_READING, Card, Handler
from cardio_emulator.card_os.chipdoc import CHIPDOC
from cardio_emulator.card_os.ias_ecc import IAS_ECC

__all__ = ["CHIPDOC", "FILE_READING", "IAS_ECC", "Card", "Handler"]
