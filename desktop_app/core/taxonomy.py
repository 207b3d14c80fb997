"""Where classes stand in the tree of WordNet: a wrong breed of dog is less wrong than a toaster."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from desktop_app.paths import resource_path

NARROWER = 0.95
"""A group is worth a line where it holds at most this share of the classes of the one above."""


@dataclass(frozen=True, slots=True)
class Node:
    """`word`: "dog"; `probability`: what all classes below it share; `classes`: how many these are."""

    word: str
    probability: float
    classes: int


@dataclass(frozen=True, slots=True)
class Group:
    """All classes below a node: "dog"."""

    word: str
    classes: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Taxonomy:
    """`chains`: by class id the numbers of the nodes from the root to the class itself. `words`: by node."""

    words: tuple[str, ...]
    chains: tuple[tuple[int, ...], ...]

    @cached_property
    def _pairs(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Every node with every class below it."""
        nodes = np.concatenate([np.array(chain, np.int64) for chain in self.chains])
        return nodes, np.repeat(np.arange(len(self.chains)), [len(chain) for chain in self.chains])

    def roll_up(self, probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
        """(nodes,): what the classes below each node share. The root has all of it."""
        if len(probabilities) != len(self.chains):
            raise ValueError(f"{len(probabilities)} probabilities for {len(self.chains)} classes")
        nodes, classes = self._pairs
        shares: NDArray[np.float64] = np.bincount(  # type: ignore[assignment]
            nodes, weights=probabilities.astype(np.float64)[classes], minlength=len(self.words)
        )
        return shares

    def path(self, probabilities: NDArray[np.float32], class_id: int) -> list[Node]:
        """From the widest group to the class: only nodes below which there are clearly fewer classes than below the one
        before, for the others say nothing new ("physical entity" after "entity")."""
        shares, counts = self.roll_up(probabilities), self._counts
        found: list[Node] = []
        for place, node in enumerate(self.chains[class_id]):
            last = place == len(self.chains[class_id]) - 1
            narrower = not found or counts[node] <= NARROWER * found[-1].classes
            if last and found[-1:] and found[-1].classes == 1:
                found.pop()  # the group is this one class
            if narrower or last:
                found.append(Node(self.words[node], float(shares[node]), int(counts[node])))
        return found

    def common(self, first: int, second: int) -> str:
        """The narrowest group that holds both classes."""
        shared = [a for a, b in zip(self.chains[first], self.chains[second], strict=False) if a == b]
        return self.words[shared[-1]]

    @cached_property
    def groups(self) -> list[Group]:
        """By word; where several nodes hold the same classes, the narrowest of them."""
        found: dict[tuple[int, ...], Group] = {}
        below: dict[int, list[int]] = {}
        for class_id, chain in enumerate(self.chains):
            for node in chain[:-1]:
                below.setdefault(node, []).append(class_id)
        depth = {node: place for chain in self.chains for place, node in enumerate(chain)}
        for node in sorted(below, key=lambda node: depth[node]):  # the deeper comes later
            classes = tuple(below[node])
            if 1 < len(classes) < len(self.chains):
                found[classes] = Group(self.words[node], classes)
        return sorted(found.values(), key=lambda group: group.word.casefold())

    @cached_property
    def _counts(self) -> NDArray[np.int64]:
        return np.bincount(self._pairs[0], minlength=len(self.words))


@cache
def imagenet() -> Taxonomy:
    """The thousand classes of ImageNet, by class id. Source: WordNet 3.0 (`resources/wordnet`)."""
    table = json.loads(resource_path("wordnet", "imagenet.json").read_text(encoding="utf-8"))
    number = {identifier: place for place, identifier in enumerate(table["nodes"])}
    chains = []
    for identifier in table["classes"]:
        chain, here = [], identifier
        while here:
            chain.append(number[here])
            here = table["nodes"][here][1]
        chains.append(tuple(reversed(chain)))
    return Taxonomy(tuple(word for word, _ in table["nodes"].values()), tuple(chains))


def taxonomy_of(names: Sequence[str]) -> Taxonomy | None:
    """The tree that these classes stand in; `None` for classes that are not ImageNet's."""
    return imagenet() if tuple(names) == _imagenet_names() else None


@cache
def _imagenet_names() -> tuple[str, ...]:
    return tuple(resource_path("class_names", "imagenet.txt").read_text(encoding="utf-8").splitlines())
