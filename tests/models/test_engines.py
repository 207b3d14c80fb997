"""Both engines keep one contract; what they do when a device fails; what the cache of converted networks survives."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from desktop_app.core.model import Placement, Tuning, Use
from desktop_app.core.progress import Progress
from desktop_app.errors import InferenceFailed, ModelLoadFailed
from desktop_app.models import conversion
from desktop_app.models.engines import Network, devices, openvino_engine, start
from desktop_app.models.engines.devices import Choice, choose
from desktop_app.models.engines.openvino_engine import OpenVinoRunner
from desktop_app.models.engines.silent_openvino import openvino
from desktop_app.models.engines.torch_engine import TorchRunner

ROOT = Path(__file__).parents[2]
MEAN, STD = (0.1, 0.2, 0.3), (0.5, 0.25, 0.2)


def build(many_shapes: bool) -> Any:
    """Two outputs: the sums of the channels, and the input itself."""
    import torch

    class Sums(torch.nn.Module):
        facts = {"stride": 64}  # noqa: RUF012

        def __init__(self) -> None:
            super().__init__()
            self.scale = torch.nn.Parameter(torch.tensor([1.0, 2.0, 3.0]))

        def forward(self, x: Any) -> Any:
            return x.mean((2, 3)) * self.scale, x

    return Sums().eval()


def network(**changes: Any) -> Network:
    settings: dict[str, Any] = {"key": "sums", "digest": "d" * 64, "height": 8, "width": 6, "build": build}
    return Network(**(settings | {"mean": MEAN, "std": STD} | changes))


def run(runner: Any, tensor: Any) -> Any:
    return runner.submit(tensor).wait()[0]


def silent(_: Progress) -> None:
    pass


def unexpected(message: str, hint: str) -> None:
    raise AssertionError(f"{message} {hint}")


class Notices:
    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []

    def __call__(self, message: str, hint: str) -> None:
        self.heard.append((message, hint))


@pytest.fixture
def notices() -> Notices:
    return Notices()


@pytest.fixture(autouse=True)
def forget_devices() -> None:
    for function in (devices.torch_devices, devices.openvino_devices, devices.available_devices):
        function.cache_clear()


@pytest.mark.torch
@pytest.mark.parametrize("engine", ["torch", "openvino"])
class TestContract:
    def runner(self, engine: Any, **changes: Any) -> Any:
        return start(network(**changes), Placement(engine=engine, device="cpu"), Tuning(), silent, unexpected)

    def test_normalises_and_keeps_the_order_of_the_channels(self, engine: str) -> None:
        tensor = np.random.default_rng(0).integers(0, 256, (1, 8, 6, 3), np.uint8)
        sums, same = run(self.runner(engine), tensor)
        told = ((tensor[0].astype(np.float64) / 255 - MEAN) / STD).transpose(2, 0, 1)
        assert sums.dtype == same.dtype == np.float32
        assert np.abs(same[0] - told).max() < 1e-5
        assert np.abs(sums[0] - told.mean((1, 2)) * [1, 2, 3]).max() < 1e-5

    def test_says_what_runs(self, engine: str) -> None:
        runner = self.runner(engine)
        assert (runner.engine, runner.device, runner.precision) == (engine, {"torch": "cpu"}.get(engine, "CPU"), "fp32")
        assert runner.fixed_shape == (8, 6)
        assert runner.facts == {"stride": 64}

    @pytest.mark.parametrize("use", ["live", "video", "batch", "still"])
    def test_answers_come_in_order_and_outlive_as_many_frames_as_run_at_once(self, engine: str, use: Use) -> None:
        runner = self.runner(engine)
        runner.tune(Tuning(use, "fp32"))
        tensors = [np.full((1, 8, 6, 3), value, np.uint8) for value in range(0, 250, 10)]
        told = [run(self.runner(engine), tensor)[0].copy() for tensor in tensors]
        under_way: deque[Any] = deque()
        held: list[tuple[int, Any]] = []
        for number, tensor in enumerate(tensors):
            if len(under_way) == runner.depth:
                held.append((number - runner.depth, under_way.popleft().wait()[0][0]))
            under_way.append(runner.submit(tensor))
            if held:  # one more frame has begun since
                assert held[-1][1] == pytest.approx(told[held[-1][0]], abs=1e-5)
        assert runner.depth == 1 or use in ("video", "batch")
        for number in range(len(tensors) - len(under_way), len(tensors)):
            assert under_way.popleft().wait()[0][0] == pytest.approx(told[number], abs=1e-5)

    def test_tells_how_long_the_network_took(self, engine: str) -> None:
        _, milliseconds = self.runner(engine).submit(np.zeros((1, 8, 6, 3), np.uint8)).wait()
        assert 0 < milliseconds < 60_000

    def test_takes_any_shape_where_the_network_does(self, engine: str) -> None:
        runner = self.runner(engine, dynamic=True)
        assert runner.fixed_shape is None
        for height, width in ((8, 6), (4, 10), (2, 2), (8, 6), (3, 3), (5, 5), (4, 10)):
            tensor = np.full((1, height, width, 3), 51, np.uint8)
            sums, same = run(runner, tensor)
            assert same.shape == (1, 3, height, width)
            assert sums[0] == pytest.approx((0.2 - np.array(MEAN)) / STD * [1, 2, 3], abs=1e-5)

    def test_a_frame_that_is_only_read(self, engine: str) -> None:
        tensor = np.zeros((1, 8, 6, 3), np.uint8)
        tensor.flags.writeable = False
        run(self.runner(engine), tensor)

    def test_half_precision_when_asked_for(self, engine: str) -> None:
        placement = Placement(engine=engine, device="cpu", precision="bf16")  # type: ignore[arg-type]
        runner = start(network(), placement, Tuning(), silent, unexpected)
        sums, _ = run(runner, np.full((1, 8, 6, 3), 200, np.uint8))
        assert sums[0] == pytest.approx((200 / 255 - np.array(MEAN)) / STD * [1, 2, 3], rel=0.02)
        assert runner.precision in ("bf16", "fp32")  # not every processor has bf16


def on_a_gpu_that(fails: Callable[[int], Exception | None], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """`TorchRunner` believes in a device "cuda:0"; its nth run there raises what `fails(n)` gives."""
    import torch

    calls: list[str] = []
    place, begin = TorchRunner._place, TorchRunner._begin

    def placed(self: TorchRunner, device: str, precision: str) -> None:
        place(self, "cpu", "fp32")
        self.device, self.precision = device, precision

    def begun(self: TorchRunner, tensor: Any) -> Any:
        calls.append(self.device)
        error = fails(len(calls)) if self.device != "cpu" else None
        if error:
            raise error
        return begin(self, tensor) if self.device == "cpu" else (torch.zeros(1),)

    monkeypatch.setattr(TorchRunner, "_place", placed)
    monkeypatch.setattr(TorchRunner, "_begin", begun)
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: calls.append("emptied"))
    return calls


BLANK = np.zeros((1, 8, 6, 3), np.uint8)


@pytest.mark.torch
@pytest.mark.parametrize(("failures", "said"), [(1, ["cuda:0"]), (2, ["cuda:0", "emptied", "cuda:0"])])
def test_out_of_memory_once_or_twice_is_tried_again(
    failures: int, said: list[str], monkeypatch: pytest.MonkeyPatch, notices: Notices
) -> None:
    import torch

    out = torch.OutOfMemoryError("CUDA out of memory")
    calls = on_a_gpu_that(lambda n: out if n <= failures else None, monkeypatch)
    runner = TorchRunner(network(), "cuda:0", "fp16", notices)
    run(runner, BLANK)
    assert calls == ["cuda:0", *said]
    assert (runner.device, notices.heard) == ("cuda:0", [])


@pytest.mark.torch
@pytest.mark.parametrize(
    ("error", "tries", "said"),
    [("CUDA out of memory", 3, "not enough memory"), ("CUDA error: device-side assert", 2, "failed")],
)
def test_a_device_that_fails_is_left_once(
    error: str, tries: int, said: str, monkeypatch: pytest.MonkeyPatch, notices: Notices
) -> None:
    calls = on_a_gpu_that(lambda _: RuntimeError(error), monkeypatch)
    runner = TorchRunner(network(), "cuda:0", "fp16", notices)
    for _ in range(3):
        sums, _same = run(runner, BLANK)
    assert sums.shape == (1, 3)
    assert [call for call in calls if call != "emptied"] == ["cuda:0"] * tries + ["cpu"] * 3
    assert (runner.device, runner.precision) == ("cpu", "fp32")
    assert len(notices.heard) == 1
    assert said in notices.heard[0][0]


@pytest.mark.torch
def test_a_network_that_does_not_fit_on_the_device_loads_on_the_cpu(
    monkeypatch: pytest.MonkeyPatch, notices: Notices
) -> None:
    import torch

    place = TorchRunner._place

    def full(self: TorchRunner, device: str, precision: str) -> None:
        if device != "cpu":
            raise torch.OutOfMemoryError("CUDA out of memory")
        place(self, device, precision)

    monkeypatch.setattr(TorchRunner, "_place", full)
    runner = TorchRunner(network(), "cuda:0", "fp16", notices)
    assert runner.device == "cpu"
    assert len(notices.heard) == 1


@pytest.mark.torch
@pytest.mark.parametrize("engine", ["torch", "openvino"])
def test_a_frame_that_the_network_cannot_take(engine: Any) -> None:
    runner = start(network(), Placement(engine=engine, device="cpu"), Tuning(), silent, unexpected)
    if engine == "openvino":
        with pytest.raises(InferenceFailed, match="sums failed on a frame"):
            run(runner, np.zeros((1, 8, 6, 5), np.uint8))
    else:
        with pytest.raises(InferenceFailed, match="sums failed on a frame"):
            run(runner, np.zeros((1, 8, 6, 2), np.uint8))


@pytest.mark.torch
def test_openvino_device_that_fails_is_left_once(monkeypatch: pytest.MonkeyPatch, notices: Notices) -> None:
    compile_for = OpenVinoRunner._compile

    def compiled(self: OpenVinoRunner, shape: tuple[int, int]) -> Any:
        if self._asked[0] != "CPU":
            raise RuntimeError("[GPU] clBuildProgram failed")
        return compile_for(self, shape)

    monkeypatch.setattr(OpenVinoRunner, "_compile", compiled)
    runner = OpenVinoRunner(network(), "GPU", "fp16", Tuning(), silent, notices)
    assert run(runner, BLANK)[0].shape == (1, 3)
    assert (runner.device, runner.precision) == ("CPU", "fp32")
    assert len(notices.heard) == 1


@pytest.mark.torch
def test_frames_that_are_under_way_when_the_device_fails(monkeypatch: pytest.MonkeyPatch, notices: Notices) -> None:
    """Each is done again on the CPU, and it is told once."""
    compile_for = OpenVinoRunner._compile

    class LostRequest:
        def start(self, tensor: Any) -> None:
            self.tensor = tensor.copy()

        def wait(self) -> None:
            raise RuntimeError("[GPU] device lost")

    class Lost:
        depth, device, precision = 2, "GPU", "fp16"
        next_request = LostRequest

    def compiled(self: OpenVinoRunner, shape: tuple[int, int]) -> Any:
        return compile_for(self, shape) if self._asked[0] == "CPU" else Lost()

    monkeypatch.setattr(OpenVinoRunner, "_compile", compiled)
    runner = OpenVinoRunner(network(), "GPU", "fp16", Tuning("video"), silent, notices)
    tensors = [np.full((1, 8, 6, 3), value, np.uint8) for value in (10, 200)]
    under_way = [runner.submit(tensor) for tensor in tensors]
    found = [pending.wait()[0][1][0] for pending in under_way]
    for tensor, same in zip(tensors, found, strict=True):
        assert same == pytest.approx(((tensor[0] / 255 - MEAN) / STD).transpose(2, 0, 1), abs=1e-5)
    assert (runner.device, runner.precision, len(notices.heard)) == ("CPU", "fp32", 1)


class TestTuning:
    @pytest.mark.torch
    @pytest.mark.parametrize("native", [True, False])
    def test_what_moves_is_recognised_in_the_fastest_precision(
        self, native: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(openvino_engine, "native_bf16", lambda: native)
        runner: Any = start(network(), Placement(device="cpu"), Tuning("still"), silent, unexpected)
        precisions = []
        for use in ("still", "live", "batch", "video"):
            runner.tune(Tuning(use))
            precisions.append(runner._wanted_precision(Tuning(use)))
        assert precisions == (["fp32", "bf16"] * 2 if native else ["fp32"] * 4)

    @pytest.mark.torch
    def test_what_was_asked_for_is_not_overruled(self) -> None:
        placement = Placement(device="cpu", precision="fp32")
        runner: Any = start(network(), placement, Tuning("live"), silent, unexpected)
        runner.tune(Tuning("live", "bf16"))
        run(runner, BLANK)
        assert runner.precision == "fp32"

    @pytest.mark.torch
    def test_int8_without_a_network_for_it_runs_all_the_same(self, notices: Notices) -> None:
        placement = Placement(device="cpu", precision="int8")
        runner: Any = start(network(), placement, Tuning("still"), silent, notices)
        assert run(runner, BLANK)[0].shape == (1, 3)
        assert runner.precision == "fp32"
        assert "int8" in notices.heard[0][0]

    @pytest.mark.torch
    def test_a_network_for_one_size_may_take_a_smaller_one(self) -> None:
        runner: Any = start(
            network(height=64, width=64), Placement(device="cpu"), Tuning("live", "fp32"), silent, unexpected
        )
        assert not runner.takes_any_size  # one of its outputs is as large as its input


GPU = (("cuda:0", "NVIDIA H200"), ("cuda:1", "NVIDIA H200"))
INTEL = (("CPU", "Core"), ("GPU", "Arc"), ("NPU", "AI Boost"))


@pytest.mark.parametrize(
    ("placement", "accelerators", "choice"),
    [
        (Placement(), (), Choice("openvino", "CPU", "auto")),
        (Placement(), GPU, Choice("torch", "cuda:0", "fp16")),
        (Placement(precision="fp32"), GPU, Choice("torch", "cuda:0", "fp32")),
        (Placement(device="cuda:1"), GPU, Choice("torch", "cuda:1", "fp16")),
        (Placement(device="cuda"), GPU, Choice("torch", "cuda:0", "fp16")),
        (Placement(device="cpu"), GPU, Choice("openvino", "CPU", "auto")),
        (Placement(engine="openvino"), GPU, Choice("openvino", "CPU", "auto")),
        (Placement(engine="torch"), (), Choice("torch", "cpu", "fp32")),
        (Placement(engine="torch"), (("mps", "Apple GPU"),), Choice("torch", "mps", "fp16")),
        (Placement(device="gpu"), (), Choice("openvino", "GPU", "fp16")),
        (Placement(device="NPU"), GPU, Choice("openvino", "NPU", "fp16")),
        (Placement(precision="bf16"), (), Choice("openvino", "CPU", "bf16")),
        (Placement(precision="int8"), GPU, Choice("openvino", "CPU", "int8")),
    ],
)
def test_choice(placement: Placement, accelerators: Any, choice: Choice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "torch_devices", lambda: accelerators)
    monkeypatch.setattr(devices, "openvino_devices", lambda: INTEL)
    assert choose(placement, False, unexpected) == choice


def test_onnx_goes_to_openvino_where_torch_would_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "torch_devices", lambda: GPU)
    assert choose(Placement(), True, unexpected).engine == "openvino"


@pytest.mark.parametrize("device", ["cuda:0", "cuda:7", "mps", "xpu", "npu", "gpu.3"])
def test_a_device_that_is_not_there_is_told(device: str, monkeypatch: pytest.MonkeyPatch, notices: Notices) -> None:
    monkeypatch.setattr(devices, "torch_devices", lambda: GPU[:1] if device == "cuda:7" else ())
    monkeypatch.setattr(devices, "openvino_devices", lambda: (("CPU", "Core"), ("GPU", "Arc")))
    assert choose(Placement(device=device), False, notices) == Choice("openvino", "CPU", "auto")
    assert device in notices.heard[0][0]


@pytest.mark.parametrize(
    ("placement", "from_onnx"),
    [
        (Placement(engine="torch", precision="int8"), False),
        (Placement(device="cuda:0", precision="int8"), False),
        (Placement(engine="torch"), True),
        (Placement(engine="openvino", device="cuda:0"), False),
        (Placement(engine="torch", device="npu"), False),
        (Placement(device="toaster"), False),
    ],
)
def test_requests_that_contradict_themselves(placement: Placement, from_onnx: bool) -> None:
    with pytest.raises(ModelLoadFailed) as raised:
        choose(placement, from_onnx, unexpected)
    assert raised.value.hint


def test_no_driver_no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "has_nvidia_driver", lambda: False)
    monkeypatch.setattr(devices, "_torch_version", lambda: "2.14.1")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setitem(sys.modules, "torch", None)  # importing it fails
    assert devices.torch_devices() == ()
    assert devices.available_devices()[0][0] == "cpu"
    assert devices.available_devices()[0][1]


def test_hidden_gpus_are_not_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "exists", lambda _: True)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert devices.has_nvidia_driver()
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert not devices.has_nvidia_driver()


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(bytes(data))


@pytest.mark.torch
class TestCache:
    def counted(self) -> tuple[Network, list[int]]:
        built: list[int] = []

        def counting(many_shapes: bool) -> Any:
            built.append(1)
            return build(many_shapes)

        return network(build=counting), built

    def test_converts_once(self) -> None:
        described, built = self.counted()
        stages: list[Progress] = []
        first = conversion.ir_of(described, stages.append)
        assert [(p.stage, p.done, p.total) for p in stages] == [("convert", n, 3) for n in range(4)]
        second = conversion.ir_of(described, stages.append)
        assert (len(built), len(stages)) == (1, 4)
        assert (first.path, first.facts) == (second.path, second.facts)

    @pytest.mark.parametrize(
        "damage",
        [
            lambda folder: _flip(folder / "network.bin"),
            lambda folder: _flip(folder / "network.xml"),
            lambda folder: (folder / "network.bin").write_bytes(b""),
            lambda folder: (folder / "network.bin").unlink(),
            lambda folder: (folder / "seal.json").write_text("{"),
            lambda folder: (folder / "seal.json").write_text("[]"),
            lambda folder: (folder / "seal.json").unlink(),
        ],
    )
    def test_a_damaged_one_is_made_again(self, damage: Callable[[Path], None]) -> None:
        described, built = self.counted()
        damage(conversion.ir_of(described, silent).path.parent)
        runner = start(described, Placement(device="cpu", engine="openvino"), Tuning(), silent, unexpected)
        assert run(runner, BLANK)[0].shape == (1, 3)
        assert len(built) == 2

    def test_other_weights_or_another_size_are_another_network(self) -> None:
        paths = {
            conversion.ir_of(described, silent).path
            for described in (network(), network(digest="e" * 64), network(height=10), network(dynamic=True))
        }
        assert len(paths) == 4

    def test_leaves_nothing_half_done(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(conversion, "_sha256", broken)
        with pytest.raises(ModelLoadFailed, match="could not be written"):
            conversion.ir_of(network(), silent)
        assert list(conversion._folder(network()).parent.iterdir()) == []

    def test_a_disk_too_full_for_openvino(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Its writer reports no `OSError`."""

        def full(*_: object, **__: object) -> None:
            raise RuntimeError("basic_ios::clear: iostream error")

        monkeypatch.setattr(openvino(), "save_model", full)
        with pytest.raises(ModelLoadFailed, match="could not be written"):
            conversion.ir_of(network(), silent)
        assert list(conversion._folder(network()).parent.iterdir()) == []

    def test_a_module_that_cannot_be_converted(self) -> None:
        def unconvertible(_: bool) -> Any:
            module = build(False)
            module.forward = lambda x: {"a": x, 1: "no tensor"}
            return module

        with pytest.raises(ModelLoadFailed, match="could not be converted"):
            conversion.ir_of(network(build=unconvertible), silent)


_SECOND_START = """
import sys
import numpy as np
from desktop_app.core.model import Placement, Thresholds, predict
from desktop_app.models.catalog import STARTERS, find
from desktop_app.models.loading import load_model

for key in STARTERS:
    model = load_model(find(key), Placement())
    predict(model, np.zeros((48, 64, 3), np.uint8), Thresholds())
    assert len(model.names) in (80, 1000)
unwanted = ("torch", "torchvision", "timm", "ultralytics", "openvino_telemetry")
print(*(name for name in unwanted if sys.modules.get(name)))
"""


@pytest.mark.torch
@pytest.mark.package_index
def test_the_second_start_imports_no_torch_and_sends_no_telemetry(starter_folders: dict[str, str]) -> None:
    """The fixture fetched and converted them; it counts as the first start."""
    environment = {**os.environ, **starter_folders, "CUDA_VISIBLE_DEVICES": ""}
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", _SECOND_START], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
        )
    assert done.stdout.split() == []


def test_the_wait_for_the_frames_before_does_not_count_as_the_networks_time() -> None:
    """Two run at once, a third waits; they end out of order."""

    class TwoAtOnce:
        outputs: tuple[Any, ...] = ()

        def get_property(self, name: str) -> Any:
            return {"OPTIMAL_NUMBER_OF_INFER_REQUESTS": 2, "EXECUTION_DEVICES": ["CPU"]}.get(name, openvino().Type.f32)

        def create_infer_request(self) -> Any:
            return self

        def get_input_tensor(self) -> Any:
            return type("Tensor", (), {"data": np.zeros((1, 8, 6, 3), np.uint8)})

    compiled = openvino_engine._Compiled(TwoAtOnce(), at_once=True)
    assert compiled.depth == 3
    # Started at 1, 2, 3 s; they ended at 11, 8, 13 s, and the third began when the second ended.
    worked = [compiled.worked(1.0, 10_000), compiled.worked(2.0, 6_000), compiled.worked(3.0, 10_000)]
    assert worked == pytest.approx([10_000, 6_000, 5_000])
    # One that started when nothing ran was not held up.
    assert compiled.worked(20.0, 4_000) == pytest.approx(4_000)
