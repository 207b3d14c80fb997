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


@pytest.mark.skipif(sys.platform != "linux", reason="asks glibc, and reads /proc")
def test_what_threads_freed_goes_back_to_the_system() -> None:
    """720 MB come and go in 24 threads."""
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 60_000_000
