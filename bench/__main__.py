"""`make bench`: every figure that the README claims, in one run on one machine.

python -m bench [--only NAME …] [--quick] [--whole] [--alone] [--json FILE]
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import django

from bench import surroundings
from emobi import embedded

type Scenario = Callable[[argparse.Namespace], Mapping[str, Any]]


def main() -> None:
    options = _options()
    with surroundings.data_folder() as folder:
        servers = embedded.start(folder)
        os.environ |= {
            "DATABASE_URL": servers.database_url or "",
            "REDIS_URL": servers.redis_url or "",
            "EMOBI_DATA_DIR": str(folder),
            "EMOBI_SECRET_KEY": "of a bench",
            "EMOBI_LOG_LEVEL": "WARNING",
            # Receivers of webhooks are on this machine.
            "EMOBI_WEBHOOK_ALLOW_PRIVATE": "true",
            "DJANGO_SETTINGS_MODULE": "emobi.settings",
        }
        django.setup()
        try:
            results = _run(options)
        finally:
            embedded.stop()
    ratios = compared(results)
    for name, ratio in ratios.items():
        print(f"{name:16}", ratio)
    report = {
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
        "results": results,
        "ratios": ratios,
    }
    path = Path(options.json)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=2) + "\n")
    print(f"\nwritten to {path}")


def _run(options: argparse.Namespace) -> dict[str, Mapping[str, Any]]:
    # Models can be imported only now that Django is set up.
    from django.core.management import call_command  # noqa: PLC0415

    from bench import scenarios  # noqa: PLC0415

    call_command("migrate", verbosity=0, interactive=False)
    results: dict[str, Mapping[str, Any]] = {}
    for name, scenario in scenarios.ALL.items():
        if options.only and name not in options.only:
            continue
        results[name] = scenario(options)
        print(f"{name:16}", "  ".join(f"{key} {value}" for key, value in results[name].items()), flush=True)
    return results


def compared(results: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    """Messages a second of `mixed` to those of `bare` and of `ceiling`, where both were run."""
    return {
        f"mixed/{other}": round(results["mixed"]["per_s"] / results[other]["per_s"], 3)
        for other in ("bare", "ceiling")
        if "mixed" in results and results.get(other, {}).get("per_s")
    }


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(prog="bench")
    options.add_argument("--only", nargs="*", default=[], help="names of scenarios")
    options.add_argument(
        "--quick", action="store_true", help="a tenth of the time: for trying out, not for claims"
    )
    options.add_argument(
        "--whole", action="store_true", help="the outage of a receiver takes ten minutes, not one"
    )
    options.add_argument(
        "--alone",
        action="store_true",
        help="`mixed` without a worker beside the gateway: for a comparison with older code, which had none",
    )
    options.add_argument("--json", default="bench/results/latest.json")
    return options.parse_args(sys.argv[1:])


if __name__ == "__main__":
    main()
