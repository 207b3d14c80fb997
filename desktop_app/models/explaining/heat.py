"""Heat maps: which places of the picture speak for an answer. None of these needs gradients of a whole network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from desktop_app.core.scores import softmax
from desktop_app.models.explaining.head import Head

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]
GREY = 114
Box = tuple[int, int, int, int]
"""left, top, right, bottom, in pixels of the network's input."""


def influence(head: Head, maps: Floats, answer: Callable[[Floats], Floats]) -> Floats:
    """(height, width): by how much an answer falls when the network does not see a place.

    `maps`: (channels, height, width), what the head is fed; a place is one cell of them, set to 0. `answer` makes of
    the head's outputs (n, classes) what is asked about, (n,): the logit of a class or group. For a network that ends
    with an average and one linear layer, and one class, that is exactly the class activation map of Zhou et al. 2016
    (divided by the number of cells), which Grad-CAM equals there where it is above 0; for others it is the question of
    Ablation-CAM (Ramaswamy 2020), put to places instead of channels.
    """
    channels, height, width = maps.shape
    cells = height * width
    whole = float(answer(head.answers(maps[None]))[0])
    fallen = np.empty(cells, np.float32)
    flat = maps.reshape(channels, cells)
    for start in range(0, cells, head.batch):
        here = np.arange(start, min(start + head.batch, cells))
        without = np.repeat(flat[None], len(here), axis=0)
        without[np.arange(len(here)), :, here] = 0
        fallen[here] = whole - answer(head.answers(without.reshape(len(here), channels, height, width)))
    return fallen.reshape(height, width)


def grad_cam(head: Head, maps: Floats, logits: Floats, classes: Sequence[int]) -> Floats:
    """(height, width): Grad-CAM (Selvaraju et al. 2017), exact where the head is affine: ReLU of the channels, each
    weighted by the gradient of the answer averaged over the channel's cells.

    `logits`: (classes,), of the whole picture. The answer of a group is ln Σ exp(z), whose gradient is that of its
    classes, weighted by their shares.
    """
    chosen = list(classes)
    weights = head.channel_weights[:, chosen] @ softmax(logits[chosen])
    found: Floats = np.maximum(np.tensordot(weights, maps, 1), 0).astype(np.float32)
    return found


def grid_over(region: Box, rows: int, columns: int) -> list[list[Box]]:
    """`rows` × `columns` rectangles that overlap their neighbours by half and cover the region."""
    left, top, right, bottom = region
    xs = np.linspace(left, right, columns + 2).round().astype(int)
    ys = np.linspace(top, bottom, rows + 2).round().astype(int)
    return [
        [(int(xs[column]), int(ys[row]), int(xs[column + 2]), int(ys[row + 2])) for column in range(columns)]
        for row in range(rows)
    ]


def occlusion(
    ask: Callable[[Bytes], float], tensor: Bytes, region: Box, rows: int, columns: int
) -> Iterator[tuple[float, Floats]]:
    """Lays a grey rectangle over one place after the other and yields (share done, how far the answer fell so far).

    `ask`: how sure the network is of what it is asked about, for an input like `tensor`, uint8 (1, h, w, 3). The map is
    (rows, columns) over `region`. Source: Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks",
    2014.
    """
    whole = ask(tensor)
    fallen = np.zeros((rows, columns), np.float32)
    boxes = grid_over(region, rows, columns)
    height, width = tensor.shape[1:3]
    hidden = tensor.copy()
    for row in range(rows):
        for column in range(columns):
            left, top, right, bottom = boxes[row][column]
            area = (slice(max(top, 0), min(bottom, height)), slice(max(left, 0), min(right, width)))
            hidden[0][area] = GREY
            fallen[row, column] = whole - ask(hidden)
            hidden[0][area] = tensor[0][area]
            yield (row * columns + column + 1) / (rows * columns), fallen
