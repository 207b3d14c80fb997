"""Writes the place of each ImageNet class in the tree of WordNet: `resources/wordnet/imagenet.json`.

Run it where Debian's `wordnet-base` (WordNet 3.0, whose offsets ImageNet's identifiers are) is installed:
`python packaging/make_wordnet.py`. The identifiers of the classes, in the order of their ids, come with timm.
WordNet's licence lies beside the table.
"""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

WORDNET = Path("/usr/share/wordnet/data.noun")
TARGET = Path(__file__).resolve().parent.parent / "resources" / "wordnet" / "imagenet.json"


def identifiers() -> list[str]:
    """ "n01440764", …: the classes by id."""
    found = importlib.util.find_spec("timm")
    assert found is not None
    assert found.submodule_search_locations is not None
    folder = Path(next(iter(found.submodule_search_locations)))
    return (folder / "data" / "_info" / "imagenet_synsets.txt").read_text(encoding="utf-8").split()


def read_nouns() -> dict[str, tuple[str, list[str]]]:
    """By offset: the first word, and the offsets of the hypernyms (pointers "@" and, of instances, "@i")."""
    nouns = {}
    for line in WORDNET.read_text(encoding="utf-8").splitlines():
        if line.startswith(" "):  # the licence
            continue
        offset, _, _, count, word, *rest = line.split(" | ")[0].split(" ")
        pointers = rest[1 + 2 * (int(count, 16) - 1) :]
        hypernyms = [
            pointers[place + 1]
            for place, mark in enumerate(pointers)
            if mark in ("@", "@i") and pointers[place + 2] == "n"
        ]
        nouns[offset] = (word.replace("_", " "), hypernyms)
    return nouns


def main() -> None:
    nouns = read_nouns()
    nodes: dict[str, tuple[str, str]] = {}
    classes = identifiers()
    for identifier in classes:
        offset = identifier[1:]
        while offset and f"n{offset}" not in nodes:
            word, hypernyms = nouns[offset]
            # Where WordNet has several, its first is the main one.
            above = hypernyms[0] if hypernyms else ""
            nodes[f"n{offset}"] = (word, f"n{above}" if above else "")
            offset = above
    table = {
        "source": "WordNet 3.0, Princeton University; see LICENSE",
        "classes": classes,
        "nodes": {identifier: nodes[identifier] for identifier in sorted(nodes)},
    }
    TARGET.write_text(json.dumps(table, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{len(classes)} classes, {len(nodes)} nodes")


if __name__ == "__main__":
    main()
