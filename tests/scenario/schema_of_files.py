#!/usr/bin/env python3
"""The JSON Schema accepts every shipped file and refuses what it can of the invalid ones.

Usage: schema_of_files.py CHOKEPOINT ROOT

What is written in a file is taken as the reader takes it: by the core schema of YAML 1.2, not by
that of YAML 1.1, for which 1e5 is a text and 2010-09-01 a date. Returns 77, for "skipped", where
python3-jsonschema is missing.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import yaml

try:
    import jsonschema
except ImportError:
    print("python3-jsonschema is missing")
    sys.exit(77)

KINDS = ("scenario", "policy", "portfolio", "experiment")

# Invalid files that a schema cannot refuse: each is wrong in how values go together, in what a
# name stands for, or in how it is written, which a schema does not see.
BEYOND_A_SCHEMA = {
    "a_policy",
    "alliance_of_strangers",
    "ban_terms",
    "chains_that_end_early",
    "commodity_without_a_chain",
    "control_character_in_a_name",
    "dates_of_a_standing_tax",
    "dates_of_events",
    "duplicate_key",
    "duplicate_names",
    "duplicate_names_of_entries",
    "elasticities_the_wrong_way_round",
    "event_names",
    "exporter_that_makes_nothing",
    "extends_a_folder",
    "extends_a_list",
    "extends_itself",
    "extends_nothing",
    "horizon_beyond_the_calendar",
    "keys_of_a_project_without_opening",
    "law_out_of_range",
    "mine_keys_at_a_plant",
    "missing_keys_of_an_entry",
    "misspelt_commodity",
    "nobody_mines_or_demands",
    "nothing_at_all",
    "observed_file_missing",
    "outputs_and_commodity",
    "outputs_missing",
    "quota_apart",
    "reserve_triggers",
    "sampled_quota",
    "shares_over_one",
    "stage_without_a_plant",
    "start_within_a_month",
    "stocks_at_stages",
    "stocks_that_overlap",
    "targets",
    "trade_with_oneself",
    "unknown_names",
    "unknown_names_in_hazards",
}


class CoreLoader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict = {}


CoreLoader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(~|null|Null|NULL|)$"), None)
CoreLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), None)
CoreLoader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?(0|[1-9][0-9]*)$"), None)
CoreLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$"), None
)


def number_of(loader: CoreLoader, node: yaml.Node) -> float:
    return float(node.value)


CoreLoader.add_constructor("tag:yaml.org,2002:float", number_of)


def keys_as_texts(value: object) -> object:
    """As in JSON, where all keys are texts."""
    if isinstance(value, dict):
        return {str(key): keys_as_texts(below) for key, below in value.items()}
    if isinstance(value, list):
        return [keys_as_texts(item) for item in value]
    return value


def kind_of(document: object) -> str:
    keys = document if isinstance(document, dict) else {}
    if "vary" in keys:
        return "experiment"  # which may name a portfolio
    return next((kind for kind in KINDS[1:] if kind in keys), "scenario")


def main() -> int:
    program, root = sys.argv[1], Path(sys.argv[2])
    validators = {}
    for kind in KINDS:
        shipped = root / "scenarios" / "schema" / f"{kind}.json"
        text = subprocess.run([program, "schema", kind], capture_output=True, check=True).stdout
        if shipped.read_bytes() != text:
            print(f"{shipped} is not what `chokepoint schema {kind}` prints: write it anew")
            return 1
        schema = json.loads(text)
        jsonschema.Draft7Validator.check_schema(schema)
        validators[kind] = jsonschema.Draft7Validator(schema)

    faults = []
    for file in sorted((root / "scenarios").rglob("*.yaml")):
        text = file.read_text()
        document = keys_as_texts(yaml.load(text, CoreLoader))
        kind = kind_of(document)
        above = "../" * (len(file.relative_to(root / "scenarios").parts) - 1)
        modeline = f"# yaml-language-server: $schema={above}schema/{kind}.json\n"
        if not text.startswith(modeline):
            faults.append(f"{file}: must begin with {modeline.strip()}")
        for error in validators[kind].iter_errors(document):
            deepest = jsonschema.exceptions.best_match([error])
            faults.append(f"{file}: {deepest.json_path}: {deepest.message[:300]}")

    accepted, refused = set(), 0
    for file in sorted((root / "tests" / "scenario" / "invalid").glob("*.yaml")):
        try:
            document = keys_as_texts(yaml.load(file.read_text(), CoreLoader))
        except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError):
            continue  # no YAML for others either
        if validators[kind_of(document)].is_valid(document):
            accepted.add(file.stem)
        else:
            refused += 1
    for name in sorted(accepted - BEYOND_A_SCHEMA):
        faults.append(f"invalid/{name}.yaml is accepted")
    for name in sorted(BEYOND_A_SCHEMA - accepted):
        faults.append(f"invalid/{name}.yaml is refused: take it off the list")
    print("\n".join(faults))
    print(f"{refused} invalid files refused, {len(accepted)} beyond a schema, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
