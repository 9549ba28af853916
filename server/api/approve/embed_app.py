#!/usr/bin/env python3
"""Writes the .cc that holds the approve app as cloudsign/web/build.py has made it."""

import sys
from pathlib import Path

TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
         ".svg": "image/svg+xml"}


def literal(path):
    text = path.read_text(encoding="utf-8")
    if ')asset"' in text:
        sys.exit(f"{path}: holds the end of a raw string")
    return f'R"asset({text})asset"'


def main():
    folder, output = map(Path, sys.argv[1:])
    assets = sorted(path for path in folder.iterdir() if path.suffix in TYPES)
    rows = "".join(f'    {{"{path.name}", "{TYPES[path.suffix]}", {literal(path)}}},\n'
                   for path in assets)
    output.write_text(
        '#include "server/api/approve/app_files.h"\n\nnamespace server::api::approve {\n'
        f"namespace {{\n\nconstexpr AppFile files[] = {{\n{rows}}};\n\n}}  // namespace\n\n"
        "std::span<const AppFile> app_files() {\n    return files;\n}\n\n"
        f"std::string_view app_page_text() {{\n    return {literal(folder / 'index.html')};\n}}\n\n"
        "}  // namespace server::api::approve\n", encoding="utf-8")


if __name__ == "__main__":
    main()
