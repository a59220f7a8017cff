"""Emulated CPS and Vitale cards, readers and benches, apart from the code that reads them."""
