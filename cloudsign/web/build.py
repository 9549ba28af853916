#!/usr/bin/env python3
"""Bundles the approve app: the same sources give the same bytes, wherever and whenever.

Writes into OUT the files as they are served, each named by what is in it, index.html, which names
them, and SHA256SUMS, the list by which anybody can compare what a host serves with these sources.
"""

import argparse
import base64
import gzip
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
# All of the code that a phone runs before it shows anything, packed as a server would send it.
ENTRY_GZIP_MAX = 15 * 1024
# How the names of chunks begin that a phone fetches when it needs them.
RARE = ("scan-", "join-", "document-", "pdf")
PACKAGES = ("preact", "qr")
PDF = "pdfjs-dist/legacy/build/pdf.min.mjs"
BROWSERS = "chrome109,firefox115,safari16.4"


def bundle(sources, modules, entry, *more):
    """What esbuild makes of one entry point: name and content of each file, and the names of those
    that a browser loads before anything is shown, the entry first."""
    compiler = modules / "@esbuild/linux-x64/bin/esbuild"
    if not compiler.exists():
        sys.exit(f"{compiler} is not there: run ci/setup")
    with tempfile.TemporaryDirectory(prefix="kyso-web-") as folder:
        # Paths are in esbuild's hashes: so they are always the same ones.
        stage = Path(folder) / "stage"
        shutil.copytree(sources, stage / "approve")
        shutil.copytree(sources.parent / "shared", stage / "shared")
        for package in PACKAGES:
            shutil.copytree(modules / package, stage / "node_modules" / package)
        (stage / "node_modules" / PDF).parent.mkdir(parents=True)
        shutil.copy(modules / PDF, stage / "node_modules" / PDF)
        options = [*more, "--bundle", "--minify", "--splitting", "--format=esm", "--charset=utf8",
                   "--legal-comments=none", "--jsx=automatic", "--jsx-import-source=preact",
                   f"--target={BROWSERS}", "--log-level=warning", f"--outdir={folder}/out",
                   "--entry-names=[name]-[hash]", "--chunk-names=[name]-[hash]",
                   f"--metafile={folder}/meta.json"]
        done = subprocess.run([compiler, entry, *options], cwd=stage / "approve", capture_output=True,
                              env={}, check=False)
        if done.returncode != 0 or done.stderr:
            sys.exit(f"esbuild {entry}:\n{done.stderr.decode()}")
        outputs = {Path(path).name: output for path, output in
                   json.loads((Path(folder) / "meta.json").read_text())["outputs"].items()}
        files = {name: (Path(folder) / "out" / name).read_bytes() for name in sorted(outputs)}
    (first,) = (name for name, output in outputs.items() if output.get("entryPoint") == entry[2:])
    needed = [first]
    for name in needed:  # grows while it is walked
        needed += [Path(one["path"]).name for one in outputs[name]["imports"]
                   if one["kind"] == "import-statement" and Path(one["path"]).name not in needed]
    return files, needed


def integrity(content):
    return "sha256-" + base64.b64encode(hashlib.sha256(content).digest()).decode()


def build(sources, modules):
    """Name and content of every file, and the size of the script that comes first."""
    # The document viewer's worker is served as it was published.
    viewer = (modules / PDF).with_name("pdf.worker.min.mjs").read_bytes()
    viewer_name = f"pdf-worker-{hashlib.sha256(viewer).hexdigest()[:8]}.js"
    files, scripts = bundle(sources, modules, "./main.tsx",
                            f'--define:PDF_WORKER="/assets/{viewer_name}"')
    styles, (style,) = bundle(sources, modules, "./approve.css")
    size = sum(len(gzip.compress(files[name], 9, mtime=0)) for name in scripts)
    if size > ENTRY_GZIP_MAX:
        sys.exit(f"the script is {size} bytes gzipped, more than {ENTRY_GZIP_MAX}")
    files |= styles
    files[viewer_name] = viewer
    drawing = (sources / "icon.svg").read_bytes()
    icon = f"icon-{hashlib.sha256(drawing).hexdigest()[:8]}.svg"
    files[icon] = drawing
    manifest = (sources / "manifest.json").read_text(encoding="utf-8")
    files["manifest.webmanifest"] = manifest.replace("{{icon}}", "/assets/" + icon).encode()
    page = (sources / "index.html").read_text(encoding="utf-8")
    # What the entry imports is fetched beside it, and only as it was when it was built.
    chunks = "\n".join(f'<link rel="modulepreload" href="/assets/{name}" '
                       f'integrity="{integrity(files[name])}">' for name in scripts[1:])
    page = page.replace("{{chunks}}", chunks)
    for mark, name in (("script", scripts[0]), ("style", style), ("icon", icon)):
        page = page.replace(f"{{{{{mark}}}}}", "/assets/" + name)
        page = page.replace(f"{{{{{mark}_integrity}}}}", integrity(files[name]))
    files["index.html"] = page.encode()
    # What the worker keeps for a phone without a connection: not the chunks for the camera and for
    # documents, which are large and of no use there.
    kept = sorted(f"/assets/{name}" for name in files
                  if Path(name).suffix in (".js", ".css", ".svg") and not name.startswith(RARE))
    version = hashlib.sha256("".join(kept).encode() + files["index.html"]).hexdigest()[:16]
    worker, (name,) = bundle(sources, modules, "./worker.ts", f"--define:FILES={json.dumps(kept)}",
                             f'--define:VERSION="{version}"')
    files["sw.js"] = worker[name]
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
    print(f"approve app: {size} bytes of script gzipped before anything is shown, "
          f"SHA-256 of its list {hashlib.sha256(sums.encode()).hexdigest()}")
    print(sums, end="")


if __name__ == "__main__":
    main()
