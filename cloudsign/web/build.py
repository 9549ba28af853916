#!/usr/bin/env python3
"""Bundles the approve app: the same sources give the same bytes, wherever and whenever.

Writes into OUT the files as they are served, each named by what is in it, index.html, which names
them, and SHA256SUMS, the list by which anybody can compare what a host serves with these sources.
"""

import argparse
import base64
import gzip
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# All of the code that a phone runs before it shows anything, packed as a server would send it.
ENTRY_GZIP_MAX = 15 * 1024
BROWSERS = "chrome109,firefox115,safari16.4"


def bundle(sources, modules, entry):
    """What esbuild makes of one entry point."""
    compiler = modules / "@esbuild/linux-x64/bin/esbuild"
    if not compiler.exists():
        sys.exit(f"{compiler} is not there: run ci/setup")
    options = ["--bundle", "--minify", "--format=esm", "--charset=utf8", "--legal-comments=none",
               "--jsx=automatic", "--jsx-import-source=preact", f"--target={BROWSERS}",
               "--log-level=warning"]
    done = subprocess.run([compiler, entry, *options], cwd=sources, capture_output=True,
                          env={"NODE_PATH": str(modules)}, check=False)
    if done.returncode != 0 or done.stderr:
        sys.exit(f"esbuild {entry}:\n{done.stderr.decode()}")
    return done.stdout


def named(stem, suffix, content):
    return f"{stem}-{hashlib.sha256(content).hexdigest()[:16]}.{suffix}"


def integrity(content):
    return "sha256-" + base64.b64encode(hashlib.sha256(content).digest()).decode()


def build(sources, modules):
    """Name and content of every file."""
    script = bundle(sources, modules, "./main.tsx")
    style = bundle(sources, modules, "./approve.css")
    icon = (sources / "icon.svg").read_bytes()
    size = len(gzip.compress(script, 9, mtime=0))
    if size > ENTRY_GZIP_MAX:
        sys.exit(f"the script is {size} bytes gzipped, more than {ENTRY_GZIP_MAX}")
    files = {named("approve", "js", script): script, named("approve", "css", style): style,
             named("icon", "svg", icon): icon}
    page = (sources / "index.html").read_text(encoding="utf-8")
    for (name, content), mark in zip(files.items(), ("script", "style", "icon"), strict=True):
        page = page.replace(f"{{{{{mark}}}}}", "/assets/" + name)
        page = page.replace(f"{{{{{mark}_integrity}}}}", integrity(content))
    files["index.html"] = page.encode()
    return files, size


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder, replaced")
    parser.add_argument("--sources", type=Path, default=HERE / "approve")
    parser.add_argument("--modules", type=Path, default=HERE / "node_modules")
    arguments = parser.parse_args()

    files, size = build(arguments.sources.resolve(), arguments.modules.resolve())
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n"
                   for name, content in sorted(files.items()))
    shutil.rmtree(arguments.out, ignore_errors=True)
    arguments.out.mkdir(parents=True)
    for name, content in files.items():
        (arguments.out / name).write_bytes(content)
    (arguments.out / "SHA256SUMS").write_text(sums)
    print(f"approve app: {size} bytes of script gzipped, "
          f"SHA-256 of its list {hashlib.sha256(sums.encode()).hexdigest()}")
    print(sums, end="")


if __name__ == "__main__":
    main()
