"""The rig: private PC/SC services, benches over them, robots, and benches on other machines."""
