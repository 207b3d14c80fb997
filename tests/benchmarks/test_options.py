import pytest

from benchmarks import options
from benchmarks.__main__ import SCRIPTS


@pytest.fixture(autouse=True)
def nothing_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ONLY", "QUICK", "ROUNDS", "LIVE_SECONDS"):
        monkeypatch.delenv(name, raising=False)


def test_everything_by_default() -> None:
    chosen = options.read(SCRIPTS, [])
    assert (chosen.only, chosen.rounds, chosen.quick, chosen.live_seconds) == ((), 3, False, 60.0)


def test_as_make_hands_it_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONLY", "file, startup")
    monkeypatch.setenv("ROUNDS", "5")
    monkeypatch.setenv("LIVE_SECONDS", "600")
    monkeypatch.setenv("QUICK", "0")
    chosen = options.read(SCRIPTS, [])
    assert (chosen.only, chosen.rounds, chosen.quick, chosen.live_seconds) == (("file", "startup"), 5, False, 600.0)


def test_quick_is_less_of_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    full = options.read(SCRIPTS, [])
    monkeypatch.setenv("QUICK", "1")
    quick = options.read(SCRIPTS, [])
    assert quick.rounds < full.rounds
    assert quick.frames < full.frames
    assert quick.seconds(6.0) < full.seconds(6.0)
    assert quick.live_seconds < full.live_seconds


def test_a_script_that_there_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options.read(SCRIPTS, ["--only", "file,speed"])
    assert "there is no speed" in capsys.readouterr().err
