"""The CPS through a PKCS#11 module, where that is what a workstation has."""
