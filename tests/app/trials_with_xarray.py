#!/usr/bin/env python3
"""xarray opens trials.nc, and its trials give the figures of metrics.csv.

Usage: trials_with_xarray.py PROGRAM SCENARIO
"""

import csv
import hashlib
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
import xarray as xr

PROGRAM, SCENARIO = sys.argv[1], sys.argv[2]
TRIALS = 3000
LEVELS = {"p5": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95, "var95": 0.95}


def quantile(values: np.ndarray, level: float) -> float:
    """The smallest x of which F(x) >= level."""
    return np.quantile(values, level, method="inverted_cdf")


class TrialsWithXarray(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = tempfile.TemporaryDirectory()
        cls.out = Path(cls.folder.name) / "out"
        subprocess.run(
            [PROGRAM, "run", SCENARIO, "--trials", str(TRIALS), "--keep-trials", "metrics",
             "--quiet", "--out", cls.out],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        cls.trials = xr.open_dataset(cls.out / "trials.nc")

    @classmethod
    def tearDownClass(cls) -> None:
        cls.trials.close()
        cls.folder.cleanup()

    def test_gives_the_figures_of_the_table(self) -> None:
        compared = 0
        with open(self.out / "metrics.csv", newline="", encoding="utf-8") as table:
            for row in csv.DictReader(table):
                statistic = row["statistic"]
                if statistic != "mean" and statistic not in LEVELS:
                    continue
                values = self.trials[row["metric"]].sel(
                    commodity=row["commodity"], region=row["region"]).values
                found = values.mean() if statistic == "mean" else quantile(values, LEVELS[statistic])
                if found != float(row["value"]):  # infinities too
                    self.assertAlmostEqual(found / float(row["value"]), 1, delta=1e-12, msg=str(row))
                compared += 1
        self.assertGreater(compared, 100)

    def test_reads_as_the_tutorial_says(self) -> None:
        share = self.trials.shortfall_share.sel(commodity="all", region="world")
        self.assertEqual(share.dims, ("trial",))
        self.assertEqual(share.dtype, np.float64)
        self.assertGreater(float(share.mean()), 0)
        np.testing.assert_array_equal(self.trials.trial.values, np.arange(TRIALS))
        self.assertIn("all", self.trials.commodity.values)
        self.assertIn("world", self.trials.region.values)

    def test_has_a_unit_and_a_name_for_each_metric(self) -> None:
        for name, metric in self.trials.data_vars.items():
            self.assertEqual(metric.dims, ("trial", "commodity", "region"), name)
            self.assertTrue(metric.attrs["units"], name)
            self.assertTrue(metric.attrs["long_name"], name)
            self.assertTrue(np.isnan(metric.encoding["_FillValue"]), name)
        self.assertIn("not within the horizon", self.trials.recovery_months.attrs["infinity"])

    def test_names_its_run(self) -> None:
        manifest = json.loads((self.out / "manifest.json").read_text(encoding="utf-8"))
        attributes = self.trials.attrs
        self.assertEqual(attributes["scenario"], manifest["scenario"]["name"])
        self.assertEqual(attributes["scenario_sha256"], manifest["scenario"]["resolved_sha256"])
        self.assertEqual(attributes["seed"], manifest["seed"])
        digest = hashlib.sha256((self.out / "trials.nc").read_bytes()).hexdigest()
        self.assertEqual(digest, manifest["sha256"]["trials.nc"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
