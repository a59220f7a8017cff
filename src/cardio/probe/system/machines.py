"""Machines made of software, by the names they give themselves."""

_MACHINES = {
    "qemu": "QEMU",
    "kvm": "KVM",
    "vmware": "VMware",
    "virtualbox": "VirtualBox",
    "innotek": "VirtualBox",
    "microsoft corporation virtual machine": "Hyper-V",
    "parallels": "Parallels",
    "xen": "Xen",
    "amazon ec2": "Amazon EC2",
    "google compute engine": "Google Compute Engine",
    "virtualmac": "Apple Virtualization",
}
"""Words of the maker and product names in the firmware (I)."""


def machine_name(firmware: str) -> str | None:
    """The technique behind maker and product, which are apart by a space; None for a real one."""
    found = (name for word, name in _MACHINES.items() if word in firmware.lower())
    return next(found, None)
