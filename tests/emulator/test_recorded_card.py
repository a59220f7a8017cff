"""A recording played as a card: what is answered, in which order, in which context."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardio.errors import ConfigurationError
from cardio.trace import Recorder, Trace, jsonl
from cardio_emulator.faults import TornOut
from cardio_emulator.recorded import RecordedCard, Replay
from cardio_emulator.recorded.bench import bench_of

VECTORS = Path(__file__).parents[2] / "vectors/apdu"
ATR = bytes.fromhex("3B00")
BOTH = pytest.mark.parametrize("replay", Replay)

APPLICATION, ROOT = "00A4040002A001", "00A40000023F00"
READ_SFI = "00B0820003"


def recorded(*exchanges: tuple[str, str], with_answers: bool = True) -> Trace:
    recorder = Recorder(with_answers=with_answers)
    connection = recorder.connection("Reader 00 00", ATR, 0)
    for command, answer in exchanges:
        connection.record(bytes.fromhex(command), bytes.fromhex(answer), 0.1)
    return recorder.trace


def card(
    *exchanges: tuple[str, str],
    replay: Replay = Replay.BY_COMMAND,
    codes: Mapping[int, bytes] | None = None,
) -> RecordedCard:
    return RecordedCard(recorded(*exchanges), replay=replay, codes=codes or {})


def said(card: RecordedCard, command: str) -> str:
    return card.transmit(bytes.fromhex(command)).hex().upper()


@BOTH
def test_it_answers_as_it_did(replay: Replay) -> None:
    played = card((ROOT, "6105"), ("00C0000005", "6F038001059000"), (READ_SFI, "6C02"),
                  ("00B0820002", "AABB9000"), replay=replay)  # fmt: skip
    assert played.atr == ATR
    assert said(played, ROOT) == "6105"
    assert said(played, "00C0000005") == "6F038001059000"
    assert said(played, READ_SFI) == "6C02"
    assert said(played, "00B0820002") == "AABB9000"
    assert (played.mismatches, played.remaining) == ((), 0)


def test_strict_wants_the_recorded_order() -> None:
    played = card((ROOT, "9000"), (READ_SFI, "9000"), replay=Replay.STRICT)
    assert said(played, READ_SFI) == "6F00"
    assert played.remaining == 2, "a mismatch uses nothing up"
    assert [said(played, ROOT), said(played, READ_SFI), said(played, ROOT)] == [
        "9000", "9000", "6F00",
    ]  # fmt: skip
    assert [str(mismatch) for mismatch in played.mismatches] == [
        "command 0 is not in the recording: 00 B0 82 00",
        "command 3 is not in the recording: 00 A4 00 00",
    ]


def test_by_command_answers_in_any_order_and_the_last_one_for_ever() -> None:
    played = card((ROOT, "9000"), ("0084000002", "11119000"), ("0084000002", "22229000"))
    assert said(played, "0084000002") == "11119000"
    assert said(played, ROOT) == "9000"
    assert [said(played, "0084000002") for _ in range(3)] == ["22229000"] * 3


def test_the_same_bytes_under_another_file_are_not_confused() -> None:
    played = card((APPLICATION, "9000"), (READ_SFI, "0101019000"), ("00B0000001", "0A9000"),
                  (ROOT, "9000"), (READ_SFI, "0202029000"), ("00B0000001", "0B9000"))  # fmt: skip
    for select, content, byte in ((ROOT, "020202", "0B"), (APPLICATION, "010101", "0A")):
        assert said(played, select) == "9000"
        assert said(played, READ_SFI) == content + "9000"
        assert said(played, "00B0000001") == byte + "9000"
    assert played.mismatches == ()
    played.reset()
    assert said(played, "00B0000001") == "6F00", "nothing is selected after a reset"


@pytest.mark.parametrize(
    ("by_path", "by_steps"),
    [
        ("00A4090C040001D001", ("00A4010C020001", "00A4020C02D001")),
        ("00A4080C040001D001", ("00A4000C023F00", "00A4010C020001", "00A4020C02D001")),
        ("00A4090C063F000001D001", ("00A4080C020001", "00A4020C02D002", "00A4020C02D001")),
    ],
)
def test_a_file_is_the_same_however_it_was_reached(by_path: str, by_steps: tuple[str, ...]) -> None:
    selects = ((ROOT, "9000"), (by_path, "6206830100820101" + "9000"))
    steps = tuple((step, "9000") for step in by_steps)
    played = card(*selects, ("00B0000002", "AABB9000"), (ROOT, "9000"), *steps)
    for step in (ROOT, *by_steps):
        assert said(played, step) == "9000"
    assert said(played, "00B0000002") == "AABB9000"


def test_what_is_selected_in_class_a0_is_another_file() -> None:
    played = card(("00A4000C02D001", "9000"), ("00B0000001", "019000"),
                  ("A0A40000023F00", "9F07"), ("A0C0000007", "85050000 3F00 01 9000"),
                  ("A0A4000002D001", "9F07"), ("A0C0000007", "85050001 D001 04 9000"),
                  ("A0B0000001", "029000"))  # fmt: skip
    assert said(played, "00B0000001") == "6F00"
    assert said(played, "00A4000C02D001") == "9000"
    assert said(played, "A0A40000023F00") == "9F07"
    assert said(played, "A0A4000002D001") == "9F07"
    assert said(played, "00B0000001") == "019000"
    assert said(played, "A0B0000001") == "029000"


def test_a_signature_belongs_to_its_hash_and_its_key() -> None:
    key_1, key_2, sign = "002241B603840181", "002241B603840182", "002A9E9A02"
    hash_a, hash_b = "002A90A004900201AA", "002A90A004900201BB"
    played = card((key_1, "9000"), (hash_a, "9000"), (sign, "1A1A9000"),
                  (hash_b, "9000"), (sign, "1B1B9000"),
                  (key_2, "9000"), (hash_a, "9000"), (sign, "2A2A9000"))  # fmt: skip
    for key, digest, signature in (
        (key_2, hash_a, "2A2A"), (key_1, hash_b, "1B1B"), (key_1, hash_a, "1A1A")
    ):  # fmt: skip
        assert (said(played, key), said(played, digest)) == ("9000", "9000")
        assert said(played, sign) == signature + "9000"
    said(played, key_2)
    said(played, hash_b)
    assert said(played, sign) == "6F00", "the recording has no signature of this by that key"


def test_chains_are_told_apart_by_all_their_parts() -> None:
    end = "002A808002EEEE00"
    played = card(("102A808002AAAA", "9000"), (end, "019000"),
                  ("102A808002BBBB", "9000"), (end, "029000"))  # fmt: skip
    assert said(played, "102A808002BBBB") == "9000"
    assert said(played, end) == "029000"
    assert said(played, "102A808002AAAA") == "9000"
    assert said(played, end) == "019000"


@BOTH
def test_the_le_that_t0_leaves_out_makes_no_difference(replay: Replay) -> None:
    assert said(card((ROOT, "9000"), replay=replay), ROOT + "00") == "9000"
    assert said(card((ROOT + "00", "9000"), replay=replay), ROOT) == "9000"


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("00A40000022F00", "6A82"),
        ("A0A40000022F00", "9404"),
        ("00CB3FFF024D00", "6A88"),
        ("00B0000005", "6F00"),
        ("0084000008", "6D00"),
        ("80CA9F7F00", "6E00"),
        ("00C0000010", "6D00"),
        ("00200082", "6A88"),
        ("00", "6F00"),
        ("", "6F00"),
    ],
)
def test_what_was_not_recorded_is_refused_as_cards_do(command: str, status: str) -> None:
    played = card((ROOT, "6A82"), ("A0A40000023F00", "9F07"), ("00CB3FFF024D01", "6A88"),
                  ("00B0000002", "6986"), ("00200081", "6A88"))  # fmt: skip
    assert said(played, command) == status
    assert len(played.mismatches) == 1
    assert played.mismatches[0].command == bytes.fromhex(command)[:4]


@BOTH
@pytest.mark.parametrize("answer", ["", "90"])
def test_a_card_that_left_leaves_again(replay: Replay, answer: str) -> None:
    played = card((ROOT, "9000"), (READ_SFI, answer), (ROOT, "9000"), (READ_SFI, "0102039000"),
                  replay=replay)  # fmt: skip
    assert said(played, ROOT) == "9000"
    with pytest.raises(TornOut):
        said(played, READ_SFI)
    played.reset()
    assert said(played, ROOT) == "9000"
    assert said(played, READ_SFI) == "0102039000", "put in again, it went well"
    assert played.mismatches == ()


VERIFY, RIGHT, WRONG = "0020000104", "0020000104" + b"1234".hex(), "0020000104" + b"9999".hex()


@BOTH
def test_a_pin_is_simulated_whatever_was_recorded(replay: Replay) -> None:
    recording = (("00200001", "63C3"), (WRONG, "63C2"), (RIGHT, "9000"), ("00200001", "9000"))
    played = card(*recording, replay=replay)
    assert said(played, "00200001") == "63C3"
    assert said(played, RIGHT) == "9000", "where a wrong one was recorded"
    assert said(played, WRONG) == "63C2", "where the right one was recorded"
    assert said(played, "00200001") == "63C2"
    assert played.verified == frozenset()
    assert played.pins[1].tries_left == 2


def test_a_pin_blocks_and_stays_blocked() -> None:
    played = card((RIGHT, "9000"))
    assert [said(played, WRONG) for _ in range(4)] == ["63C2", "63C1", "63C0", "6983"]
    played.reset()
    assert [said(played, RIGHT), said(played, "00200001")] == ["6983", "6983"]


@pytest.mark.parametrize(
    ("exchange", "left"),
    [(("00200001", "63C1"), 1), ((WRONG, "63C1"), 2), (("00200001", "6983"), 0)],
)
def test_tries_begin_where_they_did(exchange: tuple[str, str], left: int) -> None:
    assert card(exchange).pins[1].tries_left == left


def test_the_caller_gives_the_codes() -> None:
    played = card((RIGHT, "9000"), codes={1: b"0042", 3: b"777777"})
    assert said(played, RIGHT) == "63C2"
    assert said(played, VERIFY + b"0042".hex()) == "9000"
    assert said(played, "0020000306" + b"777777".hex()) == "9000"
    assert played.verified == {1, 3}


def test_another_length_than_the_pins_costs_no_try() -> None:
    played = card((RIGHT, "9000"))
    assert said(played, "0020000105" + b"12345".hex()) == "6700"
    assert played.pins[1].tries_left == 3


GET_COUNTERS = "00CB3FFF0A4D087006BF810102A080"
COUNTERS = "7010BF81010CA00A9A0103 9B0103 9D021388".replace(" ", "")


@BOTH
def test_counters_in_recorded_answers_are_the_simulated_ones(replay: Replay) -> None:
    asked = ((GET_COUNTERS, "6112"), ("00C0000009", COUNTERS[:18] + "6109"),
             ("00C0000009", COUNTERS[18:] + "9000"))  # fmt: skip
    played = card(*asked, (WRONG, "63C2"), *asked, (RIGHT, "9000"), *asked, replay=replay)
    told: list[str] = []
    for pin in (WRONG, RIGHT, None):
        said(played, GET_COUNTERS)
        told.append(said(played, "00C0000009")[:-4] + said(played, "00C0000009")[:-4])
        if pin:
            said(played, pin)
    assert [(one[26:28], one[32:36]) for one in told] == [
        ("03", "1388"), ("02", "1388"), ("03", "1387"),
    ]  # fmt: skip


def test_change_and_unblock_with_the_puk_verified_first() -> None:
    puk = "0020000208" + b"12345678".hex()
    played = card((RIGHT, "9000"), (puk, "9000"), ("002C0301", "9000"))
    change = "0024000108" + b"12340042".hex()
    assert said(played, change) == "9000"
    assert said(played, RIGHT) == "63C2"
    assert said(played, "002C0301") == "6982", "the PUK comes first"
    assert said(played, puk) == "9000"
    assert said(played, "002C020104" + b"5555".hex()) == "9000"
    assert said(played, VERIFY + b"5555".hex()) == "9000"


def test_change_of_the_new_pin_alone_wants_a_verified_one() -> None:
    played = card((RIGHT, "9000"))
    change = "0024010104" + b"0042".hex()
    assert said(played, change) == "6982"
    said(played, RIGHT)
    assert said(played, change) == "9000"
    assert played.pins[1].value == b"0042"


def test_class_a0_words_it_its_own_way() -> None:
    def code(*values: str) -> str:
        return "".join(value.encode().ljust(8, b"\xff").hex() for value in values)

    verify = "A020000108"
    played = card((verify + code("1234"), "9000"))
    assert said(played, "A0200001") == "9802"
    assert [said(played, verify + code("9999")) for _ in range(3)] == ["9804", "9804", "9840"]
    assert said(played, "A0200001") == "9840"
    assert said(played, "A02C000110" + code("12345678", "0042")) == "9000"
    assert said(played, verify + code("0042")) == "9000"


SIGN = "002A9E9A02"


def test_a_key_wants_the_pin_it_wanted() -> None:
    played = card((SIGN, "6982"), (RIGHT, "9000"), (SIGN, "AAAA9000"), (READ_SFI, "9000"))
    assert said(played, SIGN) == "6982"
    assert said(played, READ_SFI) == "9000", "nothing says that it needs the PIN"
    said(played, RIGHT)
    assert said(played, SIGN) == "AAAA9000"
    played.reset()
    assert said(played, SIGN) == "6982"
    assert played.mismatches == ()


def test_a_key_recorded_behind_the_pin_only() -> None:
    played = card((RIGHT, "9000"), (SIGN, "AAAA9000"))
    assert said(played, SIGN) == "6982"
    said(played, RIGHT)
    assert said(played, SIGN) == "AAAA9000"


def test_data_that_were_masked_match_any() -> None:
    played = card(("00D6000002AAAA", "9000"))
    assert said(played, "00D6000002BBBB") == "9000"
    assert said(played, "00D6000003BBBBBB") == "6F00"


def test_what_a_pin_pad_sent_is_a_command_of_the_card() -> None:
    structure = bytes.fromhex("1E1E820408000404020000000000000D000000")
    verify = bytes.fromhex("0020000108FFFFFFFFFFFFFFFF")
    recorder = Recorder()
    connection = recorder.connection("Reader", ATR, 0)
    connection.record_control(0x42330006, structure + verify, b"\x63\xc1", 3.0)
    connection.record_control(0x42330006, structure + verify, b"\x64\x01", 3.0)
    connection.record_control(0x42000D48, b"", bytes.fromhex("0604423300069000"), 0.1)
    played = RecordedCard(recorder.trace, replay=Replay.STRICT)
    assert (played.remaining, played.pins[1].tries_left) == (1, 2)
    assert said(played, RIGHT) == "9000"


def two_cards() -> Trace:
    recorder = Recorder()
    first, second = (
        recorder.connection("A", b"\x3b\x01", 0),
        recorder.connection("B", b"\x3b\x02", 1),
    )
    again, other = (
        recorder.connection("A", b"\x3b\x01", 0),
        recorder.connection("A", b"\x3b\x03", 0),
    )
    for number, connection in enumerate((first, second, again, other)):
        connection.record(bytes((0, 0xA4, 0, 0, 2, 0, number)), bytes((0x90, 0)), 0)
    return recorder.trace


def test_the_connections_to_one_card_go_together() -> None:
    trace = two_cards()
    assert RecordedCard(trace).remaining == 2
    assert (RecordedCard(trace, reader="B").atr, RecordedCard(trace, 3).atr) == (
        b"\x3b\x02", b"\x3b\x03",
    )  # fmt: skip
    assert RecordedCard(trace, 2).remaining == 1
    serials = {RecordedCard(trace, number).serial for number in range(4)}
    assert len(serials) == 4
    assert RecordedCard(trace, 1).serial == RecordedCard(trace, reader="B").serial


@pytest.mark.parametrize("number", [-1, 4])
def test_a_connection_that_is_not_there(number: int) -> None:
    with pytest.raises(ConfigurationError, match=f"no connection {number}: the trace has 4"):
        RecordedCard(two_cards(), number)


def test_a_reader_that_is_not_there() -> None:
    with pytest.raises(ConfigurationError, match="no card in reader 'C'"):
        RecordedCard(two_cards(), reader="C")
    with pytest.raises(ConfigurationError, match="holds no card"):
        RecordedCard(Recorder().trace)


def test_a_recording_without_answers_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="without answers"):
        RecordedCard(recorded((READ_SFI, "0102039000"), with_answers=False))


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "field.jsonl"
    with pytest.raises(ConfigurationError, match=r"field\.jsonl: cannot be read: No such file"):
        RecordedCard.load(path)
    path.write_bytes(b"[[reader]]\n")
    with pytest.raises(ConfigurationError, match=r"field\.jsonl: is no trace: line 1: not JSON"):
        RecordedCard.load(path)
    path.write_bytes(jsonl.encode(two_cards()))
    assert RecordedCard.load(path, 1, Replay.STRICT).atr == b"\x3b\x02"
    with pytest.raises(ConfigurationError, match=r"field\.jsonl: there is no connection 9"):
        RecordedCard.load(path, 9)


KNOWN = (ROOT, APPLICATION, READ_SFI, RIGHT, WRONG, SIGN, GET_COUNTERS, "00C0000009", "00200001",
         "A0200001", "00240001", "002C0001", "002C0301")  # fmt: skip
COMMANDS = st.one_of(st.sampled_from([bytes.fromhex(one) for one in KNOWN]), st.binary(max_size=20))


@given(
    st.lists(st.tuples(COMMANDS, st.binary(max_size=12)), max_size=12),
    st.lists(st.one_of(COMMANDS, st.none()), max_size=24),
    st.sampled_from(Replay),
)
def test_any_recording_answers_anything(
    exchanges: list[tuple[bytes, bytes]], sent: list[bytes | None], replay: Replay
) -> None:
    recorder = Recorder()
    connection = recorder.connection("Reader", ATR, 0)
    for command, answer in exchanges:
        connection.record(command, answer, 0)
    played = RecordedCard(recorder.trace, replay=replay)
    for command in sent:
        if command is None:
            played.reset()
            continue
        try:
            assert len(played.transmit(command)) >= 2
        except TornOut:
            assert any(len(answer) < 2 for _, answer in exchanges)
            played.reset()
    assert all(len(mismatch.command) <= 4 for mismatch in played.mismatches)


@given(st.lists(st.tuples(COMMANDS, st.binary(min_size=2, max_size=12)), max_size=12))
def test_strict_gives_back_any_recording(exchanges: list[tuple[bytes, bytes]]) -> None:
    recorder = Recorder()
    connection = recorder.connection("Reader", ATR, 0)
    for command, answer in exchanges:
        connection.record(command, answer, 0)
    trace = recorder.trace
    played = RecordedCard(trace, replay=Replay.STRICT)
    for (command, _), kept in zip(exchanges, trace.exchanges, strict=True):
        answer = played.transmit(command)
        is_pin = command[1:2] in (b"\x20", b"\x24", b"\x2c", b"\xcb")
        assert is_pin or answer == kept.answer.blanked()
    assert (played.mismatches, played.remaining) == ((), 0)


NOT_OF_PINS = COMMANDS.filter(lambda command: command[1:2] not in (b"\x20", b"\x24", b"\x2c"))


@given(st.lists(st.tuples(NOT_OF_PINS, st.binary(min_size=2, max_size=12)), max_size=16))
def test_by_command_gives_back_any_recording_in_its_order(
    exchanges: list[tuple[bytes, bytes]],
) -> None:
    recorder = Recorder()
    connection = recorder.connection("Reader", ATR, 0)
    for command, answer in exchanges:
        connection.record(command, answer, 0)
    trace = recorder.trace
    played = RecordedCard(trace)
    for (command, _), kept in zip(exchanges, trace.exchanges, strict=True):
        assert played.transmit(command) == kept.answer.blanked()
    assert (played.mismatches, played.remaining) == ((), 0)


def test_readers_are_in_the_order_of_their_names_whichever_was_asked_first() -> None:
    recorder = Recorder()
    for reader in ("B 00 00", "A 00 00", "B 00 00"):
        recorder.connection(reader, ATR, 0)
    assert bench_of(recorder.trace).readers == ("A 00 00", "B 00 00")


def test_a_recording_that_begins_in_the_middle() -> None:
    played = card(("00C0000002", "AABB9000"), (ROOT, "9000"))
    assert said(played, "00C0000002") == "AABB9000"
    assert said(played, ROOT) == "9000"


@BOTH
@pytest.mark.parametrize("path", sorted(VECTORS.glob("*.jsonl")), ids=lambda path: path.stem)
def test_the_published_traces_play(path: Path, replay: Replay) -> None:
    trace = jsonl.decode(path.read_bytes())
    played = RecordedCard(trace, replay=replay)
    for exchange in trace.exchanges:
        answer = played.transmit(exchange.command.blanked())
        assert exchange.command.hidden or answer == exchange.answer.blanked()
    assert played.mismatches == ()
