"""Checkpoints read without running anything in them.

A checkpoint is a pickle, and a pickle is a program. torch's restricted reader (`weights_only=True`) builds tensors and
containers only. Ultralytics saves whole modules; its own restricted reader allows the classes of its networks, and
before it may run, the names in the pickle are read here by a machine on which every name is an inert stand-in.
"""

from __future__ import annotations

import contextlib
import io
import os
import pickle
import threading
import zipfile
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from desktop_app.errors import ModelError, ModelLoadFailed, UntrustedWeights, WeightsDamaged, WeightsUnavailable
from desktop_app.i18n import tr
from desktop_app.models import formats, pytorch
from desktop_app.paths import cache_dir

if TYPE_CHECKING:
    import torch

LARGEST = 4 << 30
"""Bytes that a checkpoint may unpack to."""
_LARGEST_PICKLE = 64 << 20
_loading = threading.Lock()  # torch's list of allowed names is one for the process

_NAMED_BY_STATE_DICTS = ("torch.", "collections.", "numpy.", "_codecs.", "builtins.set", "__builtin__.set")
# Of these libraries a pickle may restore objects, but call only what is listed.
_NEVER_CALLED = ("ultralytics.", "torch.nn.", "torchvision.")
_YET_CALLED = {
    "torch.nn.parameter.Parameter",
    "torchvision.transforms.functional.InterpolationMode",
    "ultralytics.utils.IterableSimpleNamespace",
    "ultralytics.yolo.utils.IterableSimpleNamespace",
}


def _blocked(path: Path) -> UntrustedWeights:
    return UntrustedWeights(
        tr("“{name}” was blocked because it carries code; nothing of it was run.", name=path.name),
        tr("Ask for the weights alone, or for the model as an ONNX file."),
    )


def _damaged(path: Path) -> WeightsDamaged:
    return WeightsDamaged(
        tr("“{name}” is damaged or not whole.", name=path.name), tr("Fetch or copy the file again, then try once more.")
    )


def _bomb(path: Path) -> UntrustedWeights:
    return UntrustedWeights(
        tr("“{name}” was refused: unpacked it could fill the memory.", name=path.name),
        tr("Save the checkpoint again with torch.save, which does not compress."),
    )


def _format(path: Path) -> formats.Format:
    try:
        kind = formats.sniff(path)
    except OSError as error:
        raise WeightsUnavailable(
            tr("“{name}” cannot be read: {reason}.", name=path.name, reason=error.strerror or error),
            tr("Check the path and the permissions."),
        ) from error
    if kind in ("pickle", "torchscript", "torch-tar", "tar", "numpy"):
        raise _blocked(path)
    if kind not in ("torch", "torch-legacy"):
        raise _damaged(path)
    return kind


def _check_zip(path: Path) -> bytes:
    """The pickle inside. torch.save stores its members as they are, so a compressed one is no honest file."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            names = [member.filename for member in members]
            compressed = any(member.compress_type != zipfile.ZIP_STORED for member in members)
            if compressed or sum(member.file_size for member in members) > LARGEST:
                raise _bomb(path)
            pickles = [member for member in members if member.filename.endswith("data.pkl")]
            if len(set(names)) != len(names) or len(pickles) != 1:  # two readers might see two files
                raise _blocked(path)
            if pickles[0].file_size > _LARGEST_PICKLE:
                raise _bomb(path)
            return archive.read(pickles[0])
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError) as error:
        raise _damaged(path) from error


class _StandIn:
    """In the place of whatever a pickle names: takes everything, does nothing, notes when it is called."""

    name = ""
    called: set[str]

    def __init__(self, *args: object, **kwargs: object) -> None:  # not reached for objects that are only restored
        self.called.add(self.name)

    def __setstate__(self, state: object) -> None: ...

    def __setitem__(self, key: object, value: object) -> None: ...

    def append(self, item: object) -> None: ...

    def extend(self, items: object) -> None: ...

    def add(self, item: object) -> None: ...

    def __hash__(self) -> int:
        return 0


class _Reader(pickle._Unpickler):
    """The pure Python reader: its memo is a dict, so a file cannot claim gigabytes for it."""

    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data))
        self.named: set[str] = set()
        self.called: set[str] = set()

    def find_class(self, module: str, name: str, /) -> Any:
        full = f"{module}.{name}"
        self.named.add(full)
        return type("StandIn", (_StandIn,), {"name": full, "called": self.called})

    def persistent_load(self, pid: object, /) -> Any:
        return _StandIn.__new__(_StandIn)


def _check_names(path: Path, data: bytes, allowed: tuple[str, ...] = ("",)) -> None:
    """No constructor of a network may be called, and no name used that does not begin with one of `allowed`.

    Honest files restore modules without constructing them; a constructor could fetch a file
    (`DetectionModel("http://…")`) or fill the memory. The restricted reader checks the names again, more narrowly.
    """
    reader = _Reader(data)
    try:
        reader.load()
    except Exception as error:  # a program that needs more than stand-ins, or no program at all
        raise (_blocked if reader.named else _damaged)(path) from error
    called = any(name.startswith(_NEVER_CALLED) for name in reader.called - _YET_CALLED)
    if called or not all(name.startswith(allowed) for name in reader.named):
        raise _blocked(path)


@contextlib.contextmanager
def _safely(path: Path) -> Iterator[None]:
    """torch as a reader of strangers' files: one at a time, every failure a sentence, no name allowed for good."""
    # Set for some other program, it would overrule `weights_only=True`.
    os.environ.pop("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", None)
    pytorch.require(path.name)
    import torch

    with _loading:
        allowed = torch.serialization.get_safe_globals()
        try:
            yield
        except ModelError:
            raise
        except pickle.UnpicklingError as error:
            raise _blocked(path) from error
        except MemoryError as error:
            raise _bomb(path) from error
        except Exception as error:  # torch reports damage through whatever its reader trips over
            raise _damaged(path) from error
        finally:
            torch.serialization.clear_safe_globals()
            torch.serialization.add_safe_globals(allowed)


def load_state_dict(path: Path) -> dict[str, torch.Tensor]:
    """Tensors by name, on the CPU. Raises `UntrustedWeights`, `WeightsDamaged`, `WeightsUnavailable`."""
    if _format(path) == "torch":
        _check_names(path, _check_zip(path), _NAMED_BY_STATE_DICTS)
    with _safely(path):
        import torch

        loaded = torch.load(path, map_location="cpu", weights_only=True)
        if not isinstance(loaded, dict):
            raise _damaged(path)
        nested = loaded.get("state_dict", loaded)
        state = {name: tensor for name, tensor in nested.items() if isinstance(tensor, torch.Tensor)}
        if len(state) != len(nested) or not state:
            raise _damaged(path)
        # The versions of the layers: torch reads old checkpoints by them (ViT, MNASNet).
        versioned = OrderedDict(state)
        if hasattr(nested, "_metadata"):
            versioned._metadata = nested._metadata  # type: ignore[attr-defined]
        return versioned


def _ultralytics_tasks() -> Any:
    """`ultralytics.nn.tasks`, imported without its network access, its patches and its thread settings."""
    os.environ.update(ULTRALYTICS_SAFE_LOAD="1", YOLO_OFFLINE="1", YOLO_AUTOINSTALL="0")
    os.environ.setdefault("YOLO_VERBOSE", "0")
    os.environ.setdefault("YOLO_CONFIG_DIR", str(cache_dir() / "ultralytics"))
    import cv2
    import PIL.Image
    import torch  # noqa: F401  before ultralytics, which sets OMP_NUM_THREADS=1 for whoever starts threads after it

    opens, threads, omp = PIL.Image.open, cv2.getNumThreads(), os.environ.get("OMP_NUM_THREADS")
    from ultralytics.nn import tasks
    from ultralytics.utils import downloads

    if PIL.Image.open.__module__.startswith("ultralytics"):
        PIL.Image.open = opens  # theirs installs a package when a picture cannot be read
    cv2.setNumThreads(threads)
    if omp is None:
        os.environ.pop("OMP_NUM_THREADS", None)
    # Theirs looks for what it takes for a missing file on the network; we name existing files only.
    downloads.attempt_download_asset = lambda file, *_, **__: file
    tasks.check_suffix = lambda *_, **__: None  # the content decides, not the name
    return tasks


def load_ultralytics(path: Path) -> torch.nn.Module:
    """The network of an Ultralytics checkpoint: float32, on the CPU, layers fused, in evaluation mode.

    It has `.names` (dict by class id), `.stride` (tensor), `.task`, and `.args` (dict; "imgsz" is the training size).
    `path`: absolute, of an existing file; its name does not matter.
    Raises `UntrustedWeights`, `WeightsDamaged`, `WeightsUnavailable`, `ModelLoadFailed`.
    """
    if not path.is_absolute():
        raise ValueError(f"not an absolute path: {path}")
    if _format(path) == "torch-legacy":
        raise _blocked(path)
    _check_names(path, _check_zip(path))
    with _safely(path):
        tasks = _ultralytics_tasks()
        try:
            checkpoint, _ = tasks.torch_safe_load(path, safe_only=True)
        except TypeError as error:  # a name outside the list, said in their words
            raise _blocked(path) from error
        except AttributeError as error:  # they expect a dict, or an object with a network in it
            raise _no_network(path) from error
        return _ready(checkpoint, tasks, path)


def _no_network(path: Path) -> ModelLoadFailed:
    return ModelLoadFailed(
        tr("“{name}” holds weights without an Ultralytics network.", name=path.name),
        tr("Models saved by Ultralytics (.pt) and ONNX files that carry their description work."),
    )


def _ready(checkpoint: dict[str, Any], tasks: Any, path: Path) -> torch.nn.Module:
    import torch

    module = checkpoint.get("ema") or checkpoint.get("model")
    if not isinstance(module, torch.nn.Module) or not hasattr(module, "names"):
        raise _no_network(path)
    if checkpoint.get("modelopt"):
        raise ModelLoadFailed(
            tr("“{name}” was trained for quantisation, which Regard cannot load.", name=path.name),
            tr("Export it from Ultralytics as ONNX and import that file."),
        )
    module = module.float()
    attributes: Any = module
    attributes.task = getattr(module, "task", None) or tasks.guess_model_task(module)
    arguments = checkpoint.get("train_args")
    if not isinstance(arguments, dict):  # never trained: the sizes that Ultralytics trains at
        arguments = {"imgsz": 224 if attributes.task == "classify" else 640}
    attributes.args = {**tasks.DEFAULT_CFG_DICT, **arguments}
    if not hasattr(module, "stride"):
        attributes.stride = torch.tensor([32.0])
    if hasattr(module, "end2end"):
        attributes.end2end = False  # as their `predict` does, before the layers of the other head are thrown away
    return attributes.fuse(verbose=False).eval() if hasattr(module, "fuse") else module.eval()
