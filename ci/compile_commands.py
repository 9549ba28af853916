"""What CMake knows about each unit, read from compile_commands.json of a configured build."""

import json
import os
import shlex


def commands_of(root, build):
    """{path below root: compiler command as a list, without a launcher}."""
    path = os.path.join(build, "compile_commands.json")
    if not os.path.isfile(path):
        raise FileNotFoundError(f"{path} is missing: run cmake --preset release first")
    with open(path, encoding="utf-8") as file:
        entries = json.load(file)
    commands = {}
    for entry in entries:
        unit = os.path.relpath(os.path.join(entry["directory"], entry["file"]), root)
        words = shlex.split(entry["command"])
        if os.path.basename(words[0]) == "ccache":
            words = words[1:]
        if not unit.startswith(".."):
            commands.setdefault(unit, words)
    return commands
