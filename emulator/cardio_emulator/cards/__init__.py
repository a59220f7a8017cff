"""The cards that can be emulated: what each one is, as data played by `card_os`."""
