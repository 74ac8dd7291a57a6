"""Settings of all tests: machines are shared and noisy, so nothing is failed by a clock."""

import os
import shutil
from pathlib import Path

from hypothesis import settings

settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

MEMORY = Path("/dev/shm")  # its files are in memory, on Linux
ENOUGH = 4 << 30  # bytes; the repositories of all tests are a fifth of that

if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))  # they need not wait for a disk
