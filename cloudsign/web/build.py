#!/usr/bin/env python3
"""Bundles an app, the phone's, the office's or the portal's: the same sources give the same bytes,
wherever and whenever.

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
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class App:
    """What an app is made of beside its scripts and its style."""
    # All of the code that runs before anything is shown, packed as a server would send it.
    entry_gzip_max: int
    shows_documents: bool = False  # the document viewer, whose worker is a file of its own
    is_installed: bool = False     # on a phone: a manifest, and a worker that keeps the files


APPS = {"approve": App(15 * 1024, shows_documents=True, is_installed=True),
        "office": App(25 * 1024),
        "portal": App(25 * 1024, shows_documents=True)}
# How the names of chunks begin that a phone fetches when it needs them.
RARE = ("scan-", "join-", "document-", "pdf", "officer", "ceremony")
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
        for part in {"approve", "shared", sources.name}:
            shutil.copytree(sources.parent / part, stage / part)
        for package in PACKAGES:
            shutil.copytree(modules / package, stage / "node_modules" / package)
        (stage / "node_modules" / PDF).parent.mkdir(parents=True)
        shutil.copy(modules / PDF, stage / "node_modules" / PDF)
        options = [*more, "--bundle", "--minify", "--splitting", "--format=esm", "--charset=utf8",
                   "--legal-comments=none", "--jsx=automatic", "--jsx-import-source=preact",
                   f"--target={BROWSERS}", "--log-level=warning", f"--outdir={folder}/out",
                   "--entry-names=[name]-[hash]", "--chunk-names=[name]-[hash]",
                   f"--metafile={folder}/meta.json"]
        done = subprocess.run([compiler, entry, *options], cwd=stage / sources.name, capture_output=True,
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


def named_by_content(path):
    """(name with part of its hash, content)."""
    content = path.read_bytes()
    return f"{path.stem}-{hashlib.sha256(content).hexdigest()[:8]}{path.suffix}", content


def page_of(sources, files, scripts, style, icon):
    """The app's own index.html or, where it has none, the shared one, in the names of what was made."""
    own = sources / "index.html"
    page = (own if own.exists() else sources.parent / "shared/index.html").read_text(encoding="utf-8")
    # What the entry imports is fetched beside it, and only as it was when it was built.
    chunks = "\n".join(f'<link rel="modulepreload" href="/assets/{name}" '
                       f'integrity="{integrity(files[name])}">' for name in scripts[1:])
    page = page.replace("{{chunks}}", chunks)
    for mark, name in (("script", scripts[0]), ("style", style), ("icon", icon)):
        page = page.replace(f"{{{{{mark}}}}}", "/assets/" + name)
        page = page.replace(f"{{{{{mark}_integrity}}}}", integrity(files[name]))
    return page.encode()


def build(sources, modules):
    """Name and content of every file, and the size of the script that comes first."""
    app = APPS[sources.name]
    extra, options = {}, []
    if app.shows_documents:
        # The document viewer's worker is served as it was published.
        viewer = (modules / PDF).with_name("pdf.worker.min.mjs").read_bytes()
        viewer_name = f"pdf-worker-{hashlib.sha256(viewer).hexdigest()[:8]}.js"
        extra[viewer_name] = viewer
        options = [f'--define:PDF_WORKER="/assets/{viewer_name}"']
    files, scripts = bundle(sources, modules, "./main.tsx", *options)
    styles, (style,) = bundle(sources, modules, f"./{sources.name}.css")
    size = sum(len(gzip.compress(files[name], 9, mtime=0)) for name in scripts)
    if size > app.entry_gzip_max:
        sys.exit(f"the script is {size} bytes gzipped, more than {app.entry_gzip_max}")
    files |= styles | extra
    icon, drawing = named_by_content(sources.parent / "approve/icon.svg")
    files[icon] = drawing
    files["index.html"] = page_of(sources, files, scripts, style, icon)
    if app.is_installed:
        add_worker(sources, modules, files, icon)
    return files, size


def add_worker(sources, modules, files, icon):
    """What makes a phone's app of the files: its manifest, and the worker that keeps them."""
    manifest = (sources / "manifest.json").read_text(encoding="utf-8")
    files["manifest.webmanifest"] = manifest.replace("{{icon}}", "/assets/" + icon).encode()
    # For a phone without a connection: not the chunks for the camera and for documents, which are
    # large and of no use there.
    kept = sorted(f"/assets/{name}" for name in files
                  if Path(name).suffix in (".js", ".css", ".svg") and not name.startswith(RARE))
    version = hashlib.sha256("".join(kept).encode() + files["index.html"]).hexdigest()[:16]
    worker, (name,) = bundle(sources, modules, "./worker.ts", f"--define:FILES={json.dumps(kept)}",
                             f'--define:VERSION="{version}"')
    files["sw.js"] = worker[name]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder, replaced")
    parser.add_argument("--app", choices=sorted(APPS), default="approve")
    parser.add_argument("--sources", type=Path, help="the app's folder, of the app's name")
    parser.add_argument("--modules", type=Path, default=HERE / "node_modules")
    arguments = parser.parse_args()

    sources = arguments.sources or HERE / arguments.app
    files, size = build(sources.resolve(), arguments.modules.resolve())
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n"
                   for name, content in sorted(files.items()))
    shutil.rmtree(arguments.out, ignore_errors=True)
    arguments.out.mkdir(parents=True)
    for name, content in files.items():
        (arguments.out / name).write_bytes(content)
    (arguments.out / "SHA256SUMS").write_text(sums)
    print(f"{sources.name} app: {size} bytes of script gzipped before anything is shown, "
          f"SHA-256 of its list {hashlib.sha256(sums.encode()).hexdigest()}")
    print(sums, end="")


if __name__ == "__main__":
    main()
