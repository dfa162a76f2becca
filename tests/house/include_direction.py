#!/usr/bin/env python3
"""Include order is data order, and third-party headers stay at the edge.

Usage: include_direction.py ROOT

The order of the rooms is that of the chokepoint_room() lines in CMakeLists.txt. A room, and its
tests, may include only itself and the rooms above it. What tests share may include anything.
"""

import fnmatch
import sys
from pathlib import Path

from sources import Fault, includes, report, room_of, rooms_in_walking_order, source_files

# (library, start of its headers, where they may be included)
THIRD_PARTY = [
    ("yaml-cpp", "yaml-cpp/", ["src/scenario/yaml_tree.cpp"]),
    ("CLI11", "CLI/", ["src/app/*.cpp"]),
    (
        "nlohmann-json",
        "nlohmann/",
        ["src/scenario/json_schema.cpp", "src/results/*", "src/report/*", "src/app/*.cpp", "tests/*"],
    ),
    ("OpenSSL", "openssl/", ["src/results/*.cpp"]),
    ("MPI", "mpi.h", ["src/app/ranks.cpp"]),
    ("NetCDF and HDF5", ("netcdf.h", "hdf5.h"), ["src/results/netcdf_file.cpp", "tests/results/*"]),
    ("fmt", "fmt/", ["src/*.cpp", "src/results/csv_lines.hpp", "tests/*.cpp", "bench/*.cpp"]),
    ("GoogleTest", ("gtest/", "gmock/", "rapidcheck"), ["tests/*"]),
    ("Google Benchmark", "benchmark/", ["bench/*"]),
]
ONE_FILE_ONLY = {"CLI11": "it takes seconds to compile wherever it is included"}


def direction_faults(path: Path, text: str, rooms: list[str]) -> list[Fault]:
    room = room_of(path)
    if room is None or (path.parts[0] == "tests" and not path.name.endswith("_test.cpp")):
        return []
    if room not in rooms:
        return [Fault(str(path), 1, f"room '{room}' is not declared", "CMakeLists.txt lists them")]
    faults = []
    for line, target in includes(text):
        parts = target.split("/")
        if parts[0] != "chokepoint" or len(parts) < 3:
            continue
        if parts[1] not in rooms:
            faults.append(
                Fault(str(path), line, f"includes {target}", f"there is no room '{parts[1]}'")
            )
        elif rooms.index(parts[1]) > rooms.index(room):
            reason = f"'{parts[1]}' comes after '{room}': include order is data order"
            faults.append(Fault(str(path), line, f"includes {target}", reason))
    return faults


def third_party_faults(path: Path, text: str) -> list[Fault]:
    faults = []
    for line, target in includes(text):
        for library, start, places in THIRD_PARTY:
            if not target.startswith(start):
                continue
            if not any(fnmatch.fnmatch(path.as_posix(), place) for place in places):
                reason = f"{library} belongs to {', '.join(places)}"
                faults.append(Fault(str(path), line, f"includes <{target}>", reason))
    return faults


def one_file_faults(users: dict[str, list[tuple[str, int]]]) -> list[Fault]:
    return [
        Fault(path, line, f"is one more file that includes {library}", ONE_FILE_ONLY[library])
        for library, places in users.items()
        for path, line in places[1:]
    ]


def check(root: Path) -> list[Fault]:
    rooms = rooms_in_walking_order(root)
    users: dict[str, list[tuple[str, int]]] = {library: [] for library in ONE_FILE_ONLY}
    faults = []
    for path in source_files(root):
        text = (root / path).read_text(encoding="utf-8")
        faults += direction_faults(path, text, rooms)
        faults += third_party_faults(path, text)
        for library, start, _ in THIRD_PARTY:
            if library in users:
                lines = [line for line, target in includes(text) if target.startswith(start)]
                users[library] += [(str(path), line) for line in lines[:1]]
    return faults + one_file_faults(users)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    sys.exit(report("include direction", check(folder), len(source_files(folder))))
