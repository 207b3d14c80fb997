"""What the bundle runs."""

import sys

from desktop_app.__main__ import main

# How uv asks a Python for its tags, and how a new pack is tried: the bundle is the Python that a pack is made for.
_AS_PYTHON = ["-I", "-B", "-c"]

if __name__ == "__main__":
    if sys.argv[1:4] == _AS_PYTHON and len(sys.argv) > 4:
        code = sys.argv[4]
        sys.argv[:] = ["-c", *sys.argv[5:]]
        exec(compile(code, "<string>", "exec"), {"__name__": "__main__"})
    else:
        sys.exit(main())
