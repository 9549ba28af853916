#!/usr/bin/env python3
"""Writes the .cc that holds an app (approve, office, portal) as cloudsign/web/build.py has made it."""

import sys
from pathlib import Path

TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
         ".svg": "image/svg+xml",
         ".webmanifest": "application/manifest+json"}
# Served at the root of the host, by these names.
ROOT = ("manifest.webmanifest", "sw.js")


def literal(path):
    content = path.read_bytes()
    if b')asset"' in content or b"\r" in content or b"\0" in content:
        sys.exit(f"{path}: cannot stand in a raw string")
    # With its size, as a compiler counts no million characters.
    return f'std::string_view(R"asset({content.decode()})asset", {len(content)})'


def main():
    app, folder, output = sys.argv[1], *map(Path, sys.argv[2:])
    files = sorted(path for path in folder.iterdir() if path.suffix in TYPES)

    def table(name, wanted):
        rows = "".join(f'    {{"{path.name}", "{TYPES[path.suffix]}", {literal(path)}}},\n'
                       for path in files if (path.name in ROOT) == wanted)
        return (f"std::span<const WebFile> {name}() {{\n    static constexpr WebFile files[] = {{\n"
                f"{rows}}};\n    return files;\n}}\n\n") if rows else ""
    output.write_text(
        f'#include "server/api/{app}/app_files.h"\n\nnamespace server::api::{app} {{\n\n'
        f'{table("app_files", False)}{table("app_root_files", True)}'
        f"std::string_view app_page_text() {{\n    return {literal(folder / 'index.html')};\n}}\n\n"
        f"}}  // namespace server::api::{app}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
