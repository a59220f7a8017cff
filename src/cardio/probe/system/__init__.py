"""What the system says of itself: devices, services, sessions, clock, proxies."""
