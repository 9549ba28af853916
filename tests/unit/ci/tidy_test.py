"""ci/tidy as a program: a tree with one bad file fails with that file's name, its good twin passes."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

SOURCE = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../.."))
TIDY = os.path.join(SOURCE, "ci/tidy")


class Tidy(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = os.path.realpath(folder.name)
        self.git("init", "-q")
        for name in (".clang-format", ".clang-tidy"):
            with open(os.path.join(SOURCE, name), encoding="utf-8") as file:
                self.write(name, file.read())
        self.write("hsm/base/unit.cc", '#include "hsm/base/unit.h"\n')
        self.write("hsm/base/unit.h", "#pragma once\n\nint unit();\n")
        self.write("build/release/compile_commands.json", json.dumps([{
            "directory": self.root, "file": "hsm/base/unit.cc",
            "command": f"/usr/bin/ccache /usr/bin/c++ -std=c++20 -I{self.root} -o unit.o -c "
                       f"{self.root}/hsm/base/unit.cc"}]))

    def git(self, *arguments):
        subprocess.run(["git", *arguments], cwd=self.root, check=True, capture_output=True)

    def write(self, name, text):
        path = os.path.join(self.root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def tidy(self, check, *options):
        self.git("add", "-A", ":!build")
        # Marks of clean units go into this tree, not into the user's cache.
        environment = {**os.environ, "KYSO_CACHE": os.path.join(self.root, "build/cache")}
        environment.pop("KYSO_BASE", None)
        return subprocess.run([sys.executable, "-B", TIDY, "--root", self.root, *options, check],
                              capture_output=True, text=True, check=False, env=environment)

    def expect_caught(self, check, name, bad, good, *options):
        self.write(name, bad)
        caught = self.tidy(check, *options)
        self.write(name, good)
        passed = self.tidy(check, *options)

        self.assertEqual(caught.returncode, 1, caught.stdout + caught.stderr)
        self.assertIn(name, caught.stdout)
        self.assertEqual(passed.returncode, 0, passed.stdout + passed.stderr)

    def test_format_catches_a_misplaced_brace(self):
        self.expect_caught("format", "hsm/base/unit.cc", "int unit( )\n{return 1;}\n",
                           "int unit() {\n    return 1;\n}\n")

    def test_arrows_catch_an_include_of_the_board(self):
        self.expect_caught("arrows", "hsm/base/unit.cc", '#include "board/host/flash.h"\n',
                           '#include "hsm/base/unit.h"\n')

    def test_coawait_catches_an_aggregate(self):
        self.expect_caught("coawait", "server/x.cc",
                           "awaitable<void> f() {\n    co_await g({1});\n}\n",
                           "awaitable<void> f() {\n    co_await g(1);\n}\n")

    def test_names_catch_a_registry_host(self):
        self.expect_caught("names", "README.md", "see https://deb.debian." + "org/debian\n",
                           "see Debian's mirror\n")

    def test_names_catch_a_folder_outside_the_repository(self):
        self.expect_caught("names", "README.md", "see shared/" + "STYLE.md\n", "see STYLE\n")

    def test_headers_catch_a_missing_include(self):
        self.expect_caught("headers", "hsm/base/unit.h", "#pragma once\n\nstd::string unit();\n",
                           "#pragma once\n\n#include <string>\n\nstd::string unit();\n")

    def expect_use_after_move_caught(self, *headers):
        bad = ("".join(f"#include <{header}>\n" for header in headers) + "\n"
               "std::size_t unit(std::string a) {\n    std::string b = std::move(a);\n"
               "    return a.size() + b.size();\n}\n")
        self.expect_caught("clang-tidy", "hsm/base/unit.cc", bad,
                           bad.replace("a.size() + ", ""), "--all")

    def test_clang_tidy_catches_a_use_after_move(self):
        self.expect_use_after_move_caught("string", "utility")

    def test_clang_tidy_judges_a_unit_that_reads_pdfs(self):
        self.expect_use_after_move_caught("qpdf/QPDFObjectHandle.hh", "string", "utility")

    def test_clang_tidy_catches_a_unit_that_does_not_compile(self):
        self.expect_caught("clang-tidy", "hsm/base/unit.cc", '#include "hsm/base/none.h"\n',
                           '#include "hsm/base/unit.h"\n', "--all")

    def test_clang_tidy_remembers_only_what_was_clean(self):
        bad = "int unit(int* p) {\n    p = nullptr;\n    return *p;\n}\n"
        self.write("hsm/base/unit.cc", bad)

        self.assertEqual(self.tidy("clang-tidy", "--all").returncode, 1)
        self.assertEqual(self.tidy("clang-tidy", "--all").returncode, 1)

    def test_a_missing_build_folder_is_a_finding(self):
        self.assertEqual(self.tidy("headers", "--build", "/nowhere").returncode, 1)

    def test_an_unknown_check_is_a_usage_error(self):
        self.assertEqual(self.tidy("nonsense").returncode, 2)


if __name__ == "__main__":
    unittest.main()
