"""The checks of software, in the order they are asked."""

from typing import Any

from cardio.probe.check import Check
from cardio.probe.checks import browsers, galss, middleware
from cardio.probe.checks.installed import installed, where

_CRYPTOLIB = where(middleware.has_cryptolib)
_GALSS_FILE = where(galss.has_config)
_PCSC_CHANNELS = where(galss.drives_pcsc)
_VITALE = where(browsers.wants_vitale)

SOFTWARE_CHECKS: tuple[Check[Any], ...] = (
    Check("galss.file", installed, galss.file, (), (2,)),
    Check("galss.version", where(middleware.has_galss), middleware.galss_version, (), (6,)),
    Check("galss.structure", _GALSS_FILE, galss.structure, ("galss.file",), (2,)),
    Check("galss.mode", _GALSS_FILE, galss.mode, ("galss.structure",), (2, 3, 5, 7)),
    Check("galss.readers", _PCSC_CHANNELS, galss.readers, ("galss.structure",)),
    Check("galss.roles", _PCSC_CHANNELS, galss.roles, ("galss.readers",), (10,)),
    Check("cryptolib.present", installed, middleware.cryptolib_present, (), (24,)),
    Check(
        "cryptolib.version",
        _CRYPTOLIB,
        middleware.cryptolib_version,
        ("cryptolib.present",),
        (13, 24),
    ),
    Check(
        "cryptolib.architecture",
        _CRYPTOLIB,
        middleware.cryptolib_architecture,
        ("cryptolib.present",),
        (22,),
    ),
    Check(
        "cryptolib.cache",
        _CRYPTOLIB,
        middleware.cryptolib_cache,
        ("cryptolib.present",),
        (11,),
    ),
    Check(
        "cryptolib.traces",
        _CRYPTOLIB,
        middleware.cryptolib_traces,
        ("cryptolib.present",),
    ),
    Check(
        "srvsvcnam.present",
        where(middleware.can_have_srvsvcnam),
        middleware.srvsvcnam_present,
        (),
        (25,),
    ),
    Check(
        "srvsvcnam.version",
        where(middleware.has_srvsvcnam),
        middleware.srvsvcnam_version,
        ("srvsvcnam.present",),
        (24, 25),
    ),
    Check("browser.present", installed, browsers.present),
    Check(
        "browser.version",
        where(browsers.has_browser),
        browsers.version,
        ("browser.present",),
        (21,),
    ),
    Check(
        "browser.firefox-module",
        where(browsers.wants_firefox_module),
        browsers.firefox_module,
        ("browser.present",),
        (21, 22),
    ),
    Check(
        "browser.chromium-module",
        where(browsers.wants_chromium_module),
        browsers.chromium_module,
        ("browser.present",),
        (21,),
    ),
    Check(
        "browser.rival-module",
        where(browsers.has_module_database),
        browsers.rival_module,
        ("browser.present",),
        (20,),
    ),
    Check("browser.vitale-host", _VITALE, browsers.vitale_host, ("browser.present",), (25,)),
    Check(
        "browser.vitale-extension",
        _VITALE,
        browsers.vitale_extension,
        ("browser.present",),
        (21, 25),
    ),
)
