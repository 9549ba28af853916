#!/usr/bin/env python3
"""Starts an appliance and runs the Node clients of tests/browser/oauth against it."""

import os
import subprocess
import sys
from pathlib import Path

from appliance import BIN, Appliance

HERE = Path(__file__).resolve().parent
NODE = HERE / "node_modules/.bin/node"


def main():
    if not NODE.exists():
        sys.exit("tests/browser/node_modules is missing: run ci/setup")
    appliance = Appliance("--engine", "psa")
    try:
        appliance.start()
        environment = {**os.environ, "KYSO_BIN": str(BIN), "KYSO_DATA": str(appliance.data),
                       "KYSO_URL": appliance.url, "NODE_NO_WARNINGS": "1"}
        tests = sorted(str(test) for test in (HERE / "oauth").glob("*.test.mjs"))
        return subprocess.run([NODE, "--test", "--test-concurrency=1", *(sys.argv[1:] or tests)],
                              env=environment, check=False).returncode
    finally:
        appliance.remove()


if __name__ == "__main__":
    sys.exit(main())
