import getpass
import json
import socket

import pytest

from benchmarks import machine


def test_record_names_the_machine_and_the_versions_but_nobody() -> None:
    record = machine.record()
    assert record["cpu"]
    assert record["cores"] >= 1
    assert record["memory_mib"] > 100
    assert record["versions"]["numpy"][0].isdigit()
    written = json.dumps(record)
    assert len(getpass.getuser()) < 4 or getpass.getuser() not in written
    assert len(socket.gethostname()) < 4 or socket.gethostname() not in written


def test_a_package_that_is_not_there() -> None:
    assert machine.version("no-such-package-at-all") == "missing"


@pytest.mark.parametrize(
    ("cpu", "name"),
    [
        ("Intel(R) Core(TM) i7-10510U CPU @ 1.80GHz", "intel-core-i7-10510u-2-cores"),
        ("AMD EPYC", "amd-epyc-2-cores"),
        ("Apple M2", "apple-m2-2-cores"),
    ],
)
def test_name_of_the_file(cpu: str, name: str) -> None:
    assert machine.name({"cpu": cpu, "cores": 2}) == name
