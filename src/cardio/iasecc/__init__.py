"""IAS-ECC, the card technology of the CPS3: commands, files, security objects, PKCS#15."""
