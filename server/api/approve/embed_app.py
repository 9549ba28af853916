#!/usr/bin/env python3
"""Writes the .cc that holds the approve app as cloudsign/web/build.py has made it."""

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
    folder, output = map(Path, sys.argv[1:])
    assets = sorted(path for path in folder.iterdir() if path.suffix in TYPES)

    def rows(wanted):
        return "".join(f'    {{"{path.name}", "{TYPES[path.suffix]}", {literal(path)}}},\n'
                       for path in assets if (path.name in ROOT) == wanted)
    output.write_text(
        '#include "server/api/approve/app_files.h"\n\nnamespace server::api::approve {\n'
        f"namespace {{\n\nconstexpr AppFile files[] = {{\n{rows(False)}}};\n\n"
        f"constexpr AppFile root_files[] = {{\n{rows(True)}}};\n\n}}  // namespace\n\n"
        "std::span<const AppFile> app_files() {\n    return files;\n}\n\n"
        "std::span<const AppFile> app_root_files() {\n    return root_files;\n}\n\n"
        f"std::string_view app_page_text() {{\n    return {literal(folder / 'index.html')};\n}}\n\n"
        "}  // namespace server::api::approve\n", encoding="utf-8")


if __name__ == "__main__":
    main()
