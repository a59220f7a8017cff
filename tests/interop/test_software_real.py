"""Real parts: modules that NSS itself registered, a profile that Chromium itself made.

Nothing of the person who runs the tests is read: each test has its own home.
"""

import json
import shutil
import subprocess
import sys
from ctypes.util import find_library
from pathlib import Path

import pytest
from tests.support.opensc import MODULE as OPENSC
from tests.support.software import VITALE_EXTENSION, VITALE_HOST

from cardio.probe.system.encode import facts_to_json
from cardio.probe.system.known import is_known
from cardio.probe.system.live import LiveSources
from cardio.probe.system.software.facts import Browser, ModuleKind, SoftwareFacts
from cardio.probe.system.software.gathering import software_facts

CHROMIUM = shutil.which("chromium")

_REGISTER = """
import ctypes, sys
nss = ctypes.CDLL("libnss3.so")
add = nss.SECMOD_AddNewModule
add.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_ulong]
assert nss.NSS_Initialize(b"sql:" + sys.argv[1].encode(), b"", b"", b"secmod.db", 0) == 0
for number, library in enumerate(sys.argv[2:]):
    assert add(f"Module de s\\u00e9curit\\u00e9 {number}".encode(), library.encode(), 0, 0) == 0
nss.NSS_Shutdown()
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="tried on Linux only")
needs_nss = pytest.mark.skipif(
    find_library("nss3") is None or not OPENSC.exists(), reason="NSS or OpenSC is not installed"
)


def register(folder: Path, *libraries: Path) -> None:
    """As modutil does it, and in its own process, since NSS loads what it registers."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-c", _REGISTER, str(folder), *map(str, libraries)]
    subprocess.run(command, check=True, timeout=30)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "zephyrine"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return folder


def facts(home: Path) -> SoftwareFacts:
    found = software_facts(LiveSources(), "linux")
    assert home.name not in json.dumps(facts_to_json(found))
    return found


def browser(found: SoftwareFacts, name: str) -> Browser:
    assert is_known(found.browsers)
    (one,) = [b for b in found.browsers if (b.id, b.packaging) == (name, "native")]
    return one


@needs_nss
def test_a_module_that_nss_registered_in_a_firefox_profile(home: Path, tmp_path: Path) -> None:
    vendor = tmp_path / "libcps3_pkcs11_lux.so"
    shutil.copy(OPENSC, vendor)
    root = home / ".mozilla" / "firefox"
    register(root / "abcd1234.Zephyrine", OPENSC, vendor)
    (root / "profiles.ini").write_text("[Profile0]\nIsRelative=1\nPath=abcd1234.Zephyrine\n")
    found = browser(facts(home), "firefox")
    assert is_known(found.profiles)
    (profile,) = found.profiles
    assert is_known(profile.modules)
    assert [(one.kind, one.architectures) for one in profile.modules] == [
        (ModuleKind.OPENSC, ("x86_64",)),
        (ModuleKind.VENDOR, ("x86_64",)),
    ]


@needs_nss
def test_the_shared_database_that_nss_made(home: Path) -> None:
    register(home / ".pki" / "nssdb", OPENSC)
    modules = facts(home).shared_modules
    assert is_known(modules)
    assert [(one.library, one.kind) for one in modules] == [(str(OPENSC), ModuleKind.OPENSC)]


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_a_profile_that_chromium_made(home: Path) -> None:
    data = home / ".config" / "chromium"
    switches = ("--headless", "--no-sandbox", "--disable-gpu", "--dump-dom")
    command = (str(CHROMIUM), *switches, f"--user-data-dir={data}", "about:blank")
    subprocess.run(command, check=True, timeout=60, capture_output=True)
    extension = data / "Default" / "Extensions" / VITALE_EXTENSION / "1.0_0"
    extension.mkdir(parents=True)
    host = data / "NativeMessagingHosts" / f"{VITALE_HOST}.json"
    assert host.parent.is_dir()  # Chromium's own
    origin = f"chrome-extension://{VITALE_EXTENSION}/"
    manifest = {"name": VITALE_HOST, "type": "stdio", "path": sys.executable}
    host.write_text(json.dumps({**manifest, "allowed_origins": [origin]}))

    found = browser(facts(home), "chromium")
    told = subprocess.run([str(CHROMIUM), "--version"], capture_output=True, text=True, check=True)
    assert is_known(found.version)
    assert found.version in told.stdout
    assert is_known(found.profiles)
    (profile,) = found.profiles
    assert (profile.number, profile.is_default) == (1, True)
    assert is_known(profile.extensions)
    assert [(one.id, one.version, one.active) for one in profile.extensions] == [
        ("vitale", "1.0", True)
    ]
    assert is_known(found.hosts)
    assert [(one.scope, one.flaws) for one in found.hosts] == [("user", ())]


def test_this_machine_in_time(home: Path) -> None:
    """Whatever is installed here, every part answers and is a JSON document."""
    found = facts(home)
    assert is_known(found.products)
    assert is_known(found.browsers)
    assert json.loads(json.dumps(facts_to_json(found)))["platform"] == "linux"
