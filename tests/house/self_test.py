#!/usr/bin/env python3
"""Each house rule must be able to fail: small trees that break it, and one that keeps them all."""

import tempfile
import unittest
from pathlib import Path

import documents
import figures
import forbidden_calls
import include_direction

ROOMS = "chokepoint_room(support)\nchokepoint_room(market LINK Boost::headers)\nchokepoint_room(app)\n"


class HouseTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.write("CMakeLists.txt", ROOMS)
        self.write("include/chokepoint/support/id.hpp", "#pragma once\n#include <vector>\n")

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def faults(self, script):
        return [f"{fault.path}:{fault.line}" for fault in script.check(self.root)]


class IncludeDirection(HouseTest):
    def test_accepts_rooms_above_and_the_room_itself(self):
        self.write(
            "src/market/clear.cpp",
            '#include "chokepoint/market/clear.hpp"\n#include "chokepoint/support/id.hpp"\n',
        )
        self.write("src/main.cpp", '#include "chokepoint/app/main.hpp"\n')
        self.write("tests/support/samples.hpp", '#include "chokepoint/market/clear.hpp"\n')
        self.assertEqual(self.faults(include_direction), [])

    def test_refuses_an_include_that_points_back(self):
        back = '#pragma once\n\n#include "chokepoint/market/clear.hpp"\n'
        self.write("include/chokepoint/support/bad.hpp", back)
        self.write("tests/support/bad_test.cpp", '  #  include <chokepoint/app/run.hpp>\n')
        self.assertEqual(
            self.faults(include_direction),
            ["include/chokepoint/support/bad.hpp:3", "tests/support/bad_test.cpp:1"],
        )

    def test_refuses_a_room_that_is_not_declared(self):
        self.write("src/attic/old.cpp", "")
        self.write("src/market/clear.cpp", '#include "chokepoint/attic/old.hpp"\n')
        self.assertEqual(
            self.faults(include_direction), ["src/attic/old.cpp:1", "src/market/clear.cpp:1"]
        )

    def test_keeps_third_party_headers_at_the_edge(self):
        self.write("src/scenario/yaml_tree.cpp", "")
        self.write("CMakeLists.txt", ROOMS + "chokepoint_room(scenario)\nchokepoint_room(results)\n")
        self.write("src/scenario/yaml_tree.cpp", "#include <yaml-cpp/parser.h>\n")
        self.write("src/results/digest.cpp", "#include <openssl/evp.h>\n#include <nlohmann/json.hpp>\n")
        self.assertEqual(self.faults(include_direction), [])
        self.write("src/market/a.cpp", "#include <yaml-cpp/yaml.h>\n#include <fmt/format.h>\n")
        self.write("include/chokepoint/results/b.hpp", "#include <nlohmann/json.hpp>\n")
        self.write("include/chokepoint/support/c.hpp", "#include <fmt/format.h>\n")
        self.write("src/app/d.cpp", "#include <openssl/sha.h>\n#include <gtest/gtest.h>\n")
        self.assertEqual(
            self.faults(include_direction),
            [
                "include/chokepoint/results/b.hpp:1",
                "include/chokepoint/support/c.hpp:1",
                "src/app/d.cpp:1",
                "src/app/d.cpp:2",
                "src/market/a.cpp:1",
            ],
        )

    def test_allows_one_file_with_the_slow_header(self):
        self.write("src/app/arguments.cpp", "#include <CLI/CLI.hpp>\n")
        self.assertEqual(self.faults(include_direction), [])
        self.write("src/app/run.cpp", "#include <CLI/CLI.hpp>\n")
        self.assertEqual(self.faults(include_direction), ["src/app/run.cpp:1"])


class ForbiddenCalls(HouseTest):
    def refused(self, code, path="src/market/clear.cpp"):
        self.write(path, code + "\n")
        faults = self.faults(forbidden_calls)
        (self.root / path).unlink()
        return bool(faults)

    def test_refuses_printing_and_leaving(self):
        for code in (
            "std::cout << 1;", "std::cerr << 1;", 'printf("x");', 'std::fprintf(out, "x");',
            'fmt::print("x");', "std::exit(1);", "exit(1);", "::abort();",
        ):
            self.assertTrue(self.refused(code), code)
            self.assertFalse(self.refused(code, "src/app/run.cpp"), code)

    def test_refuses_randomness_without_a_key_even_in_tests(self):
        for code in ("std::random_device device;", "int x = rand();", "srand(1);", "std::rand ();"):
            self.assertTrue(self.refused(code), code)
            self.assertTrue(self.refused(code, "tests/market/clear_test.cpp"), code)

    def test_refuses_engines_back_doors_and_opened_namespaces(self):
        for code in (
            "std::mt19937_64 engine;", "std::normal_distribution<> law;", "friend class Solver;",
            "extern int settings;", "thread_local int count;", "using namespace std;",
        ):
            self.assertTrue(self.refused(code), code)

    def test_reads_code_and_not_comments_strings_or_other_names(self):
        for code in (
            "// exit(1) and std::cout", '/* rand() \n */ auto s = "printf(x) \\" rand()";',
            "writer.print(x); path->exit(1);", "int operand(int); snprintf(b, n, f);",
            "const long trials = 200'000; // exit(1)", "char c = '\"'; int d = 1; // rand()",
            'auto r = R"(std::cout " rand())";', "on_exit(f); footprint(1);",
        ):
            self.assertFalse(self.refused(code), code)

    def test_says_the_right_line(self):
        self.write("src/market/clear.cpp", '/* a\n b */\nauto s = R"(\n\n)";\nexit(1);\n')
        self.assertEqual(self.faults(forbidden_calls), ["src/market/clear.cpp:6"])

    def test_wants_every_header_guarded(self):
        self.assertTrue(self.refused("int x;", "include/chokepoint/support/x.hpp"))


class Documents(HouseTest):
    def test_refuses_a_link_that_leads_nowhere(self):
        self.write("docs/model.md", "# The model\n\n## One month\n")
        self.write(
            "README.md",
            "[a](docs/model.md) [b](docs/model.md#one-month) [c](https://example.org/x)\n"
            "`[d](gone.md)`\n```\n[e](gone.md)\n```\n",
        )
        self.assertEqual(self.faults(documents), [])
        self.write("README.md", "text\n[a](docs/gone.md)\n[b](docs/model.md#two-months)\n")
        self.assertEqual(self.faults(documents), ["README.md:2", "README.md:3"])

    def test_refuses_a_paper_that_is_not_listed(self):
        self.write("docs/references.md", "- **salmon2011** Salmon et al.\n")
        self.write("include/chokepoint/support/id.hpp", "#pragma once\n/// See [salmon2011].\n")
        self.assertEqual(self.faults(documents), [])
        self.write("include/chokepoint/support/id.hpp", "#pragma once\n/// See [nobody1999].\n")
        self.assertEqual(self.faults(documents), ["include/chokepoint/support/id.hpp:2"])

    def test_refuses_the_paths_of_one_machine(self):
        self.write("README.md", "Look at https://example.org/home/page.\n")
        self.assertEqual(self.faults(documents), [])
        self.write("README.md", "Look into " + "/home/" + "someone/notes.\n")
        self.assertEqual(self.faults(documents), ["README.md:1"])


class Figures(HouseTest):
    def test_accepts_figures_with_a_source_or_marked_as_judgement(self):
        self.write(
            "scenarios/good.yaml",
            "months: 12\n"
            "demand:\n  iron: {japan: {t_per_year: 5, source: a survey}}\n"
            "stocks: [{name: users, cover_months: 2, panic: {build_months: 3}, assumption: true}]\n",
        )
        self.write("scenarios/made_up.yaml", "assumption: true\ndemand: {iron: {t_per_year: 5}}\n")
        self.assertEqual(self.faults(figures), [])

    def test_refuses_figures_that_nothing_vouches_for(self):
        self.write(
            "scenarios/stress/bad.yaml",
            "demand:\n  iron: {japan: {t_per_year: 5, assumption: false}}\n"
            "prices: [{fixed: 3}, 1e5]\n",
        )
        self.assertEqual(
            self.faults(figures),
            ["scenarios/stress/bad.yaml:2", "scenarios/stress/bad.yaml:3",
             "scenarios/stress/bad.yaml:3"],
        )

    def test_refuses_behaviour_of_its_own(self):
        self.write(
            "scenarios/own.yaml",
            "commodities:\n  iron:\n    assumption: true\n"
            "    memory: {up_per_month: {uniform: [0.1, 0.2]}}\n",
        )
        self.assertEqual(self.faults(figures), ["scenarios/own.yaml:4"])


if __name__ == "__main__":
    unittest.main()
