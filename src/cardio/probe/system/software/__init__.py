"""Software beside the readers: GALSS, Cryptolib and its kin, browsers and what they load."""
