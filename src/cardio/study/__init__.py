"""Who can use which service, and why not: one workstation, one person, a whole site."""
