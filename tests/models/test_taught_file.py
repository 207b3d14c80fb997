"""The file of what was taught: everything comes back, and nothing that strangers write into it does harm."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desktop_app.core.teaching import Example, Lesson, study
from desktop_app.errors import AppError, ModelError, WeightsDamaged, WeightsUnavailable
from desktop_app.models import formats, taught_file
from desktop_app.models.taught_file import MARK, About

ABOUT = About(1, "efficientnet-lite0", "5" * 64, 224, "softmax", True)


def lesson(features: int = 24) -> Lesson:
    rng = np.random.default_rng(2)
    found = Lesson().with_class(1, "cup").with_class(2, "key").with_class(5, "nothing shown yet")
    for number in range(6):
        place = np.eye(2, features, dtype=np.float32)[number % 2] + 0.2 * rng.random((3, features), np.float32)
        picture = bytes(rng.integers(0, 256, 40 + number, np.uint8))
        found = found.with_example(Example(10 + number, 1 + number % 2, place.astype(np.float32), picture))
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "cup and key.regard"
    whole = lesson()
    taught_file.write(made, ABOUT, whole, study(whole, "softmax", True))
    return made


def test_everything_comes_back(path: Path) -> None:
    whole = lesson()
    known = study(whole, "softmax", True)
    assert known is not None
    found = taught_file.read(path)
    assert found.lesson.classes == whole.classes
    assert [(e.number, e.slot, e.picture) for e in found.lesson.examples] == [
        (e.number, e.slot, e.picture) for e in whole.examples
    ]
    for back, example in zip(found.lesson.examples, whole.examples, strict=True):
        np.testing.assert_array_equal(back.features, example.features)
    assert found.knowledge is not None
    assert found.knowledge.names == ("cup", "key")
    assert found.knowledge.far == pytest.approx(known.far)
    np.testing.assert_array_equal(found.knowledge.layer.weights, known.layer.weights)
    np.testing.assert_array_equal(found.knowledge.layer.bias, known.layer.bias)
    np.testing.assert_array_equal(found.knowledge.example_of, known.example_of)
    np.testing.assert_array_equal(found.knowledge.class_of, known.class_of)


def test_anybody_can_read_it(path: Path) -> None:
    """By the library of the format alone, without Regard."""
    from safetensors.numpy import load_file

    tensors = load_file(path)
    assert tensors["weights"].shape == (2, 24)
    assert tensors["features"].shape == (18, 24)


def test_what_it_is_is_told_from_the_content(path: Path, tmp_path: Path) -> None:
    assert formats.sniff(path) == "taught"
    from safetensors.numpy import save_file

    other = tmp_path / "other.regard"
    save_file({"weights": np.zeros((2, 2), np.float32)}, other, {"format": "pt"})
    assert formats.sniff(other) == "safetensors"


def test_without_pictures(tmp_path: Path) -> None:
    whole = lesson()
    path = tmp_path / "bare.regard"
    taught_file.write(path, ABOUT, whole, study(whole, "softmax", True), pictures=False)
    found = taught_file.read(path)
    assert all(not example.picture for example in found.lesson.examples)
    assert found.knowledge is not None


def test_before_anything_was_learnt(tmp_path: Path) -> None:
    path = tmp_path / "one.regard"
    begun = Lesson().with_class(1, "cup")
    taught_file.write(path, ABOUT, begun, None)
    assert taught_file.read(path).lesson.classes == begun.classes
    with pytest.raises(ModelError, match="two things"):
        taught_file.read_knowledge(path)


def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    with pytest.raises(WeightsUnavailable):
        taught_file.write(tmp_path / "no" / "such.regard", ABOUT, lesson(), None)


def test_one_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(WeightsUnavailable):
        taught_file.read(tmp_path / "gone.regard")


def parts_of(path: Path) -> tuple[dict[str, Any], bytes]:
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    return json.loads(data[8 : 8 + length]), data[8 + length :]


def with_header(path: Path, header: dict[str, Any], body: bytes) -> None:
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)


@pytest.mark.parametrize(
    "change",
    [
        {"version": "one"},
        {"digest": "../../etc/passwd"},
        {"input_size": 10**9},
        {"link": "exec"},
        {"far": 0.0},
        {"far": -1.0},
        {"far": 1e300},
        {"names": ["one"]},
        {"names": ["a"] * 3},
        {"names": ["a"] * 50},
        {"classes": [{"slot": 1, "name": "a"}, {"slot": 1, "name": "b"}]},
        {"classes": [{"slot": 77, "name": "a"}]},
        {"classes": []},
        {"examples": [{"number": 1, "slot": 1, "views": -1, "bytes": 0}]},
        {"examples": [{"number": 1, "slot": 1, "views": 10**12, "bytes": 10**12}]},
        {"examples": [{"number": 1, "slot": 9, "views": 18, "bytes": 0}]},
        {"examples": "none"},
    ],
)
def test_what_does_not_fit_is_refused(path: Path, change: dict[str, object]) -> None:
    header, body = parts_of(path)
    about = json.loads(header["__metadata__"][MARK])
    header["__metadata__"][MARK] = json.dumps({**about, **change})
    with_header(path, header, body)
    with pytest.raises(WeightsDamaged):
        taught_file.read(path)


def test_one_of_a_later_version_says_so(path: Path) -> None:
    header, body = parts_of(path)
    about = json.loads(header["__metadata__"][MARK])
    header["__metadata__"][MARK] = json.dumps({**about, "version": 2})
    with_header(path, header, body)
    with pytest.raises(ModelError, match="newer"):
        taught_file.read(path)


def test_names_are_cleaned(path: Path) -> None:
    header, body = parts_of(path)
    about = json.loads(header["__metadata__"][MARK])
    about["names"] = ["\u202egnp\x00<b>", "x" * 5000]
    header["__metadata__"][MARK] = json.dumps(about)
    with_header(path, header, body)
    found = taught_file.read(path)
    assert found.knowledge is not None
    assert found.knowledge.names == ("gnp<b>", "x" * 64)


def test_weights_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    whole = lesson()
    known = study(whole, "softmax", True)
    assert known is not None
    known.layer.weights[0, 0] = np.nan
    path = tmp_path / "nan.regard"
    taught_file.write(path, ABOUT, whole, known)
    with pytest.raises(WeightsDamaged):
        taught_file.read(path)


def test_damage_of_any_kind_is_told_and_nothing_else_happens(path: Path, tmp_path: Path) -> None:
    """Bytes changed, cut, repeated: an `AppError` or a whole file, never another error."""
    rng = np.random.default_rng(9)
    whole = path.read_bytes()
    hurt = tmp_path / "hurt.regard"
    refused = 0
    for turn in range(600):
        data = bytearray(whole)
        if turn % 3 == 0:
            data = data[: int(rng.integers(0, len(data)))]
        else:
            limit = len(data) if turn % 3 == 1 else min(len(data), 900)  # in the header, mostly
            for place in rng.integers(0, limit, int(rng.integers(1, 6))):
                data[place] = int(rng.integers(0, 256))
        hurt.write_bytes(bytes(data))
        try:
            taught_file.read(hurt)
        except AppError as error:
            refused += "hurt.regard" in error.message
    assert refused > 300
