"""The limit: the bare OpenVINO engine on a ready tensor. Nothing is decoded, resized, copied or drawn."""

from __future__ import annotations

import argparse
import time
from functools import cache
from typing import Any

import numpy as np

from benchmarks.contestants.serving import serve, take_stdout
from benchmarks.statistics import steady_rate
from desktop_app.models.engines import silent_openvino

MODES = ("one", "two", "throughput")
"""One request at a time, two in flight, and as many as OpenVINO wants for throughput."""
HINTS = {"fp32": "f32", "fp16": "f16", "bf16": "bf16"}
SKIP = 10


def main() -> None:
    answers = take_stdout()
    parser = argparse.ArgumentParser()
    parser.add_argument("--network", required=True)
    parser.add_argument("--shape", nargs=2, type=int, required=True, metavar=("H", "W"))
    options = parser.parse_args()
    openvino = silent_openvino.openvino()
    core = openvino.Core()
    shape = [1, 3, *options.shape]
    tensor = np.random.default_rng(0).random(shape, dtype=np.float32)

    @cache
    def compiled(hint: str, precision: str) -> Any:
        model = core.read_model(options.network)
        model.reshape(shape)
        return core.compile_model(
            model, "CPU", {"PERFORMANCE_HINT": hint, "INFERENCE_PRECISION_HINT": HINTS[precision]}
        )

    def one_by_one(network: Any, seconds: float) -> list[float]:
        request = network.create_infer_request()
        request.set_input_tensor(openvino.Tensor(tensor, shared_memory=True))
        stamps = [time.perf_counter()]
        while stamps[-1] - stamps[0] < seconds or len(stamps) < SKIP + 5:
            request.infer()
            stamps.append(time.perf_counter())
        return stamps

    def in_flight(network: Any, seconds: float, requests: int) -> list[float]:
        queue = openvino.AsyncInferQueue(network, requests)
        stamps = [time.perf_counter()]
        for request in queue:
            request.set_input_tensor(openvino.Tensor(tensor, shared_memory=True))
        queue.set_callback(lambda *_: stamps.append(time.perf_counter()))
        while stamps[-1] - stamps[0] < seconds or len(stamps) < SKIP + 5:
            queue.start_async()
        queue.wait_all()
        return stamps[: -len(queue)]  # at the end fewer and fewer run

    def go(mode: str, precision: str, seconds: float) -> dict[str, Any]:
        network = compiled("THROUGHPUT" if mode == "throughput" else "LATENCY", precision)
        stamps = (
            one_by_one(network, seconds) if mode == "one" else in_flight(network, seconds, 2 if mode == "two" else 0)
        )
        return {"rate": steady_rate(stamps, SKIP), "frames": len(stamps)}

    native = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    serve(answers, {"precisions": ["fp32", *(["bf16"] if "BF16" in native else [])]}, go)


if __name__ == "__main__":
    main()
