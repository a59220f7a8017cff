"""What stands around the readers of each workstation: recorded Windows machines, all invented.

They start from `vectors/systems/windows/ready.json`, in the shapes of facts: workstation_systems.md
§1, §2 and §4, and each is spoilt by what its workstation suffers from.
"""

import json
from collections.abc import Sequence
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from cardio_emulator.kinds import make

VECTORS = Path(__file__).parents[2] / "vectors" / "systems"

Machine = dict[str, Any]

_HOME = r"C:\Users\exemple"
_LOCAL = rf"{_HOME}\AppData\Local"
_CHROME = rf"{_LOCAL}\Google\Chrome\User Data"
_CHROME_VERSION = "155.0.7000.10"
_EXTENSION = "kpjpglcbcgnblkigbedgaoegjbifejka"
_HOST = "fr.sesamvitale.srvsvcnam_native_messaging_host"
_HOST_FILE = r"C:\Program Files (x86)\SrvSvCnam\host.json"
_HOST_PROGRAM = r"C:\Program Files (x86)\SrvSvCnam\host.exe"
_UNINSTALL = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall"
_CARDS = r"HKLM\SOFTWARE\Microsoft\Cryptography\Calais\SmartCards"
_USB = r"HKLM\SYSTEM\CurrentControlSet\Enum\USB"
_CCID = {
    "DeviceDesc": "Microsoft Usbccid Smartcard Reader (WUDF)",
    "ClassGUID": "{50dd5230-ba8a-11d1-bf5d-0000f805f530}",
    "Driver": r"{50dd5230-ba8a-11d1-bf5d-0000f805f530}\0000",
    "Service": "WUDFRd",
    "CompatibleIDs": [r"USB\Class_0B"],
}
_SERIAL = {
    "DeviceDesc": "USB Serial Device",
    "ClassGUID": "{4d36e978-e325-11ce-bfc1-08002be10318}",
    "Service": "usbser",
    "CompatibleIDs": [r"USB\Class_02"],
}


def ready(*, cryptolib: str = "5.2.6", usb_id: str = "08E6:3437") -> Machine:
    """All is there: two readers of one model, Cryptolib CPS, SrvSvCnam, and a Chrome with the
    extension for Vitale cards.
    """
    machine = deepcopy(_base())
    registry = machine["registry"]["64"]
    _plug(machine, usb_id, _CCID)
    _plug(machine, usb_id, _CCID)
    registry[r"HKLM\SOFTWARE\ASIP\Cryptolib CPS"] = {"Version": cryptolib}
    for kind in ("cps3", "cps4") if cryptolib >= "5.2" else ("cps3",):
        atr = make(kind).atr
        registry[rf"{_CARDS}\{kind}"] = {
            "ATR": {"hex": atr.hex()},
            "ATRMask": {"hex": bytes([0xFF] * len(atr)).hex()},
            "Crypto Provider": "ASIP Sante Cryptographic Provider",
        }
    registry[rf"{_UNINSTALL}\SrvSvCnam"] = _listed("Composant SrvSvCnam", "5.10.04")
    registry[rf"HKLM\SOFTWARE\Google\Chrome\NativeMessagingHosts\{_HOST}"] = {"": _HOST_FILE}
    machine["environment"] |= {
        "windir": r"C:\Windows",
        "ProgramW6432": r"C:\Program Files",
        "ProgramFiles": r"C:\Program Files",
        "ProgramFiles(x86)": r"C:\Program Files (x86)",
        "LOCALAPPDATA": _LOCAL,
        "APPDATA": rf"{_HOME}\AppData\Roaming",
    }
    machine.setdefault("files", {}).update(
        {
            r"C:\Windows\System32\cps3_pkcs11_w64.dll": {"hex": _pe_64()},
            rf"C:\Program Files\Google\Chrome\Application\{_CHROME_VERSION}\chrome.dll": "",
            rf"{_CHROME}\Default\Preferences": "{}",
            rf"{_CHROME}\Default\Extensions\{_EXTENSION}\1.2.0_0\manifest.json": "{}",
            _HOST_PROGRAM: "",
            _HOST_FILE: json.dumps(
                {
                    "name": _HOST,
                    "path": _HOST_PROGRAM,
                    "type": "stdio",
                    "allowed_origins": [f"chrome-extension://{_EXTENSION}/"],
                }
            ),
        }
    )
    return machine


def with_galss(machine: Machine, file: str, readers: Sequence[tuple[str, str]] = ()) -> Machine:
    """GALSS, and one of the galss.ini of `vectors/systems/galss`; `readers`: old and new names."""
    text = (VECTORS / "galss" / file).read_bytes()
    for old, new in readers:
        text = text.replace(old.encode(), new.encode())
    machine["registry"]["64"][rf"{_UNINSTALL}\GALSS"] = _listed("GALSS", "3.45.01")
    machine["files"][r"C:\Windows\galss.ini"] = {"hex": text.hex()}
    return machine


def with_pss_reader(machine: Machine) -> Machine:
    """Instead of its readers, one that speaks PSS behind a serial port (facts: vitale.md §7.2)."""
    _unplug_readers(machine)
    _plug(machine, "0B00:0090", _SERIAL)
    ports = {r"\Device\USBSER000": "COM3"}
    machine["registry"]["64"][r"HKLM\HARDWARE\DEVICEMAP\SERIALCOMM"] = ports
    return machine


def without_service(machine: Machine) -> Machine:
    """The Smart Card service was switched off (facts: workstation_systems.md §1.1)."""
    machine["registry"]["64"][r"HKLM\SYSTEM\CurrentControlSet\Services\SCardSvr"]["Start"] = 4
    for service in machine["asked"]["services"]:
        if service["Name"] == "SCardSvr":
            service |= {"Status": 1, "StartType": 4, "ExitCode": 1077}
    return machine


@cache
def _base() -> Machine:
    text = (VECTORS / "windows" / "ready.json").read_text(encoding="utf-8")
    machine: Machine = json.loads(text)
    _unplug_readers(machine)
    return machine


def _unplug_readers(machine: Machine) -> None:
    """Leaves the keyboard."""
    keys, devices = machine["registry"]["64"], machine["asked"]["devices"]
    for key in [key for key in keys if key.startswith(_USB) and "VID_046D" not in key]:
        del keys[key]
    machine["asked"]["devices"] = [one for one in devices if "VID_046D" in one["InstanceId"]]


def _plug(machine: Machine, usb_id: str, node: Machine) -> None:
    """One more device, at a port of its own."""
    devices = machine["asked"]["devices"]
    port, (vendor, product) = len(devices) + 1, usb_id.split(":")
    name = rf"VID_{vendor}&PID_{product}\5&1A2B3C4D&0&{port}"
    place = {"LocationInformation": f"Port_#000{port}.Hub_#0001"}
    machine["registry"]["64"][rf"{_USB}\{name}"] = {**node, **place}
    devices.append({"InstanceId": rf"USB\{name}", "Problem": 0, "Present": True})


def _listed(name: str, version: str) -> dict[str, str]:
    return {"DisplayName": name, "DisplayVersion": version}


def _pe_64() -> str:
    """The head of a 64-bit Windows library: "MZ", the offset of "PE", machine 8664."""
    head = b"MZ" + bytes(58) + (64).to_bytes(4, "little") + b"PE\0\0" + bytes.fromhex("6486")
    return (head + bytes(64)).hex()
