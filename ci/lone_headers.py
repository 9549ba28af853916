"""Each header compiles alone: a unit that includes nothing else, with the flags of its folder."""

import concurrent.futures
import os
import shutil
import subprocess

import compile_commands

HEADERS = (".h", ".hpp")
KEPT_WITH_VALUE = ("-I", "-isystem", "-D", "-include")
KEPT_PREFIXES = ("-I", "-D", "-std=", "-fno-exceptions", "-fno-rtti")


class Flags:
    """Compile flags of the units that CMake knows, found again by folder."""

    def __init__(self, root, build):
        self.by_folder = {}
        for unit, command in sorted(compile_commands.commands_of(root, build).items()):
            if unit.endswith(".cc"):
                folder = os.path.dirname(unit)
                self.by_folder[folder] = max(self.by_folder.get(folder, []), self._kept(command), key=len)

    @staticmethod
    def _kept(command):
        kept = []
        for i, word in enumerate(command):
            if word in KEPT_WITH_VALUE and i + 1 < len(command):
                kept += [word, command[i + 1]]
            elif word.startswith(KEPT_PREFIXES) and word not in KEPT_WITH_VALUE:
                kept.append(word)
        return kept

    def of(self, header):
        """The flags of the unit nearest in the tree: most folders of the path in common, and of
        several such the one that sees most libraries."""
        parts = os.path.dirname(header).split("/")

        def nearness(folder):
            in_common = len(os.path.commonprefix([parts, folder.split("/")]))
            return in_common, len(self.by_folder[folder])

        if not self.by_folder:
            return ["-std=c++20"]
        return self.by_folder[max(sorted(self.by_folder), key=nearness)]


def compile_alone(root, header, flags, scratch):
    """None, or what the compiler said. Compiles fully, because ccache keeps only objects."""
    unit = os.path.join(scratch, header.replace("/", "_") + ".cc")
    with open(unit, "w", encoding="utf-8") as file:
        file.write(f'#include "{header}"\n')
    launcher = ["ccache"] if shutil.which("ccache") else []
    command = [*launcher, "g++", *flags, "-I", root, "-w", "-O0", "-c", unit, "-o", unit + ".o"]
    # Paths below the tree count as relative, so that another clone finds this one's answers.
    environment = dict(os.environ, CCACHE_BASEDIR=root)
    done = subprocess.run(command, cwd=scratch, env=environment, capture_output=True, text=True,
                          check=False)
    return None if done.returncode == 0 else done.stderr.strip()


def findings(root, build, headers, jobs):
    """Yields (header, message) for each header that does not compile alone."""
    headers = [header for header in headers if header.endswith(HEADERS)]
    flags = Flags(root, build)
    # The same paths in every run: ccache answers for what has not changed.
    scratch = os.path.join(build, "lone_headers")
    shutil.rmtree(scratch, ignore_errors=True)
    os.makedirs(scratch)
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        results = pool.map(lambda h: compile_alone(root, h, flags.of(h), scratch), headers)
        for header, said in zip(headers, results):
            if said:
                yield header, "does not compile alone:\n" + "\n".join(said.splitlines()[:6])
    shutil.rmtree(scratch, ignore_errors=True)
