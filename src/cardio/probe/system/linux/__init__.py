"""Linux: what sysfs, /proc, systemd and a few commands tell a user without rights."""
