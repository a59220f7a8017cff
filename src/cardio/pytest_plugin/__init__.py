"""The pytest plugin: one test body on emulated cards, through pcscd, and on real readers.

Loading it loads neither pyscard nor the emulator, and does nothing; docs/how-to/pytest.md tells
its options, fixtures and markers. Markers mean something only to tests that use its fixtures.
"""

from collections.abc import Iterator

import pytest

from cardio.pytest_plugin.fixtures import (
    NAMES,
    OPTIONS,
    apdu_trace,
    card_fault,
    cardio_bench,
    cardio_pin,
    cardio_reader,
    cardio_target,
    cardio_workstation,
    emulated_cps,
    emulated_vitale,
)
from cardio.pytest_plugin.options import (
    PCSCD,
    Options,
    add_options,
    check_pcsc,
    keep_pin_out_of_tracebacks,
)

__all__ = [
    "apdu_trace",
    "card_fault",
    "cardio_bench",
    "cardio_pin",
    "cardio_reader",
    "cardio_target",
    "cardio_workstation",
    "emulated_cps",
    "emulated_vitale",
]

_MARKERS = (
    "card(kind, persona=None): the test wants such a card, 'cps', 'vitale', 'cps4'… (cardio)",
    "hardware: only for real readers (cardio)",
    "needs_pin: sends a PIN; on real cards only with --cardio-pin-tests (cardio)",
    "destructive: may change the card for good: never on a real one (cardio)",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers and check the options, before anything else is done."""
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)
    config.stash[OPTIONS] = options = Options.of(config)
    if options.cards and options.pin_tests:
        keep_pin_out_of_tracebacks(config)
    if options.bench == PCSCD:
        from cardio.rig.pcscd.own_socket import own_directory

        own_directory()  # before any test can have called PC/SC


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """`--cardio-list` instead of tests."""
    if not config.getoption("cardio_list"):
        return None
    check_pcsc()
    from cardio.errors import CardioError
    from cardio.pytest_plugin.card_serial import shown

    try:
        print("\n".join(shown()) or "no reader")
    except CardioError as error:
        raise pytest.UsageError(f"{error}: {error.hint}") from None
    return int(pytest.ExitCode.OK)


def pytest_report_header(config: pytest.Config) -> str | None:
    """Where the cards are, unless it is as ever."""
    return config.stash[OPTIONS].header


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what must not, or cannot, be done to the cards."""
    for item in items:
        if not set(NAMES).isdisjoint(_fixtures(item)):
            for reason in _reasons(item, config.stash[OPTIONS]):
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say where the traces are, and what they hold."""
    options = config.stash[OPTIONS]
    if options.record and any(options.record.iterdir()):
        terminalreporter.write_line(f"cardio: traces are in {options.record}")
        if options.cards:
            terminalreporter.write_line(
                "cardio: they hold all that the real cards told, names and numbers: before you"
                " share one, `cardio trace anonymise`"
            )


def _fixtures(item: pytest.Item) -> tuple[str, ...]:
    return tuple(item.fixturenames) if isinstance(item, pytest.Function) else ()


def _reasons(item: pytest.Item, options: Options) -> Iterator[str]:
    marks = {mark.name for mark in item.iter_markers()}
    if "hardware" in marks and not options.cards:
        yield "needs a real card: --cardio-reader and --cardio-card-serial"
    if "destructive" in marks and options.cards:
        yield "may change the card for good: never on a real one"
    if "needs_pin" in marks and options.cards and not options.pin_tests:
        yield "sends a PIN to a real card: only with --cardio-pin-tests"
