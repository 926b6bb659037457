"""What the machine itself keeps from running: gaps in loops that do nothing else, one on each core.

On a virtual machine that is what its host gives to others, and no program can answer within it:
`python -m bench.stalls SECONDS` prints the share of the time and the longest gap in ms as JSON.
"""

import json
import os
import subprocess
import sys
import time

# A loop's own turns take less by far; so does what the kernel does between them.
LEAST_S = 0.002


def gaps(seconds: float) -> list[float]:
    """The gaps of one loop, in seconds."""
    found = []
    last = time.perf_counter()
    end = last + seconds
    while last < end:
        now = time.perf_counter()
        if now - last > LEAST_S:
            found.append(now - last)
        last = now
    return found


def on_all_cores(seconds: float) -> dict[str, float]:
    """The share of the time that is lost where all cores are busy, and the longest that one stands still."""
    argv = [sys.executable, "-m", "bench.stalls", str(seconds)]
    loops = [subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) for _ in range(os.cpu_count() or 1)]
    said = [json.loads(loop.communicate()[0]) for loop in loops]
    return {
        "machine_stalled": round(sum(each["share"] for each in said) / len(said), 3),
        "machine_stall_ms": max(each["longest_ms"] for each in said),
    }


if __name__ == "__main__":
    length = float(sys.argv[1])
    found = gaps(length)
    print(json.dumps({"share": sum(found) / length, "longest_ms": round(max(found, default=0) * 1000, 1)}))
