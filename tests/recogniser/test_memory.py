from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import os, threading
from desktop_app.recogniser.memory import give_back, share_pools
share_pools()
kept = []
def work():
    kept.append([bytearray(100_000) for _ in range(300)])
    kept.append(bytearray(100_000))
    kept[-2].clear()
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
before = resident()
for _ in range(8):
    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
give_back()
print(resident() - before)
"""

OF_PICTURES = """
import resource, sys
from desktop_app.recogniser.memory import keep_pictures
if sys.argv[1] == "kept":
    keep_pictures()
def cleared():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def pictures():
    held = [bytearray(1_000_000 + 100_000 * number) for number in range(8)]
pictures()
before = cleared()
for _ in range(10):
    pictures()
print(cleared() - before)
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="asks glibc, and reads /proc")


def printed(script: str, *arguments: str) -> int:
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True)
    return int(done.stdout)


def test_the_next_pictures_come_into_the_memory_of_the_last() -> None:
    """Ten times eight of them, 25,000 pages in all."""
    assert printed(OF_PICTURES, "kept") < 1000 < 5000 < printed(OF_PICTURES, "as it is")


def test_what_threads_freed_goes_back_to_the_system() -> None:
    """720 MB come and go in 24 threads."""
    assert printed(SCRIPT) < 60_000_000
