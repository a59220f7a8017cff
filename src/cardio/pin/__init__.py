"""PINs that never print, and the rules under which one is sent to a card."""
