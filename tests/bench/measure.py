"""One measurement in a process of its own: `python -m tests.bench.measure engine 50` prints seconds and megabytes."""

import json
import resource
import sys
import tempfile
import time
from pathlib import Path


def main() -> None:
    """Measures what the command line says."""
    who, count = sys.argv[1], int(sys.argv[2])
    from tests.bench import endpoints, workload

    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        if who in ("component", "hand"):
            endpoints.preview(who, count, Path(folder))
        elif who == "engine":
            workload.run_on_engine(count, Path(folder))
        else:
            workload.run_on_sdk(count)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"seconds": seconds, "megabytes": peak}))


if __name__ == "__main__":
    main()
