#!/usr/bin/env python3
"""Every kind of page opens in a browser without a network: all charts are drawn, no errors; also in
the dark, on a narrow screen, without scripts; the largest is below 3 MB.

Usage: report_in_browser.py CHOKEPOINT SCENARIOS [FOLDER_FOR_PICTURES]

Exits 77, skipped, where there is no Chromium.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
         "--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=20000",
         "--enable-logging=stderr"]


def pages(chokepoint: str, scenarios: Path, folder: Path) -> dict[str, Path]:
    first, rare = str(scenarios / "first_steps.yaml"), str(scenarios / "rare_earths.yaml")
    fund = str(scenarios / "portfolios/rare_earth_fund.yaml")
    policies = scenarios / "policies"
    commands = {
        "run": ["run", first, "--trials", "640", "--worst", "shortfall_share", "--attribute"],
        "portfolio": ["run", rare, "--trials", "640", "--portfolio", fund],
        "policy": ["run", rare, "--trials", "320", "--policy", str(policies / "magnet_recycling.yaml")],
        "compare": ["compare", rare, "--trials", "640", "--portfolio", fund, "--policy",
                    str(policies / "magnet_recycling.yaml"), str(policies / "ndpr_price_floor.yaml")],
        "attribute": ["attribute", first, "--trials", "320"],
        "stress": ["stress", fund, "--trials", "320", "--scenario", rare,
                   str(scenarios / "stress/drc_cobalt_suspension.yaml")],
        "experiment": ["experiment", str(scenarios / "experiments/first_sweep.yaml")],
        "hindcast": ["hindcast", str(scenarios / "rare_earths_2010.yaml"), "--trials", "640"],
    }
    found = {}
    for name, arguments in commands.items():
        out = folder / name
        subprocess.run([chokepoint, *arguments, "--quiet", "--out", str(out)], check=True,
                       stdout=subprocess.DEVNULL)
        found[name] = out / "rare_earths_2010" / "report.html" if name == "hindcast" else out / "report.html"
    return found


def dump_of(url: str, *flags: str) -> subprocess.CompletedProcess:
    return subprocess.run([BROWSER, *FLAGS, *flags, "--dump-dom", url], capture_output=True,
                          text=True, timeout=180)


def faults_of(page: Path, picture: Path | None) -> list[str]:
    url = page.as_uri()
    dump = dump_of(url)
    if picture is not None:
        subprocess.run([BROWSER, *FLAGS, "--window-size=1100,8000", f"--screenshot={picture}", url],
                       capture_output=True, timeout=180)
    charts = len(re.findall(r"<figure data-chart=", dump.stdout))
    drawn = len(re.findall(r'data-drawn="yes"', dump.stdout))
    marks = len(re.findall(r"<svg[^>]*>.*?<path", dump.stdout, re.DOTALL))
    faults = [line for line in dump.stderr.splitlines() if "CONSOLE" in line]
    if charts == 0 or drawn != charts:
        faults.append(f"{drawn} of {charts} charts are drawn")
    if marks < charts:
        faults.append(f"{marks} of {charts} charts have anything in them")
    if page.stat().st_size > 3_000_000:
        faults.append(f"{page.stat().st_size} bytes (at most 3,000,000)")
    return faults


def faults_of_views(page: Path, scratch: Path) -> list[str]:
    """In the dark, on a narrow screen, and where scripts do not run."""
    faults = []
    for view, flag in (("dark", "--force-dark-mode"), ("narrow", "--window-size=360,800")):
        dump = dump_of(page.as_uri(), flag)
        charts = len(re.findall(r"<figure data-chart=", dump.stdout))
        drawn = len(re.findall(r'data-drawn="yes"', dump.stdout))
        if view == "dark" and 'fill="#e6e6e6"' not in dump.stdout:
            faults.append("dark: charts have no light ink")
        if drawn != charts or "CONSOLE" in dump.stderr:
            faults.append(f"{view}: {drawn} of {charts} charts are drawn")
    # Chromium has no flag against scripts: a policy in the page does what a setting would.
    forbidden = scratch / "without_scripts.html"
    forbidden.write_text(page.read_text().replace(
        "<head>", "<head><meta http-equiv=\"Content-Security-Policy\" content=\"script-src 'none'\">", 1))
    text = dump_of(forbidden.as_uri()).stdout
    if "What happens</h2>" not in text or "<td" not in text or "<svg class=\"network\"" not in text:
        faults.append("without scripts: words, tables or the network are missing")
    if "data-drawn" in text.split("<script>")[0]:
        faults.append("without scripts: a script has run")
    return faults


def largest(chokepoint: str, scenarios: Path, folder: Path) -> list[str]:
    """The page of the largest shipped scenario: its size, and how long writing it takes."""
    out = folder / "largest"
    subprocess.run([chokepoint, "run", str(scenarios / "critical_minerals.yaml"), "--trials", "640",
                    "--quiet", "--out", str(out)], check=True, stdout=subprocess.DEVNULL)
    start = time.monotonic()
    subprocess.run([chokepoint, "report", str(out)], check=True, stdout=subprocess.DEVNULL)
    seconds = time.monotonic() - start
    page = out / "report.html"
    print(f"critical_minerals: {page.stat().st_size} bytes, written in {seconds:.2f} s")
    return faults_of(page, None)


def main() -> int:
    if BROWSER is None:
        print("skipped: there is no Chromium")
        return 77
    chokepoint, scenarios = sys.argv[1], Path(sys.argv[2])
    pictures = Path(sys.argv[3]) if len(sys.argv) > 3 else None
    status = 0
    with tempfile.TemporaryDirectory() as scratch:
        for name, page in pages(chokepoint, scenarios, Path(scratch)).items():
            if 'this page needs no network' in page.read_text() and "without charts" in page.read_text():
                print("skipped: the program was built without charts")
                return 77
            faults = faults_of(page, pictures / f"{name}.png" if pictures else None)
            if name == "portfolio":
                faults += faults_of_views(page, Path(scratch))
            print(f"{name}: {'ok' if not faults else '; '.join(faults)}")
            status = 1 if faults else status
        faults = largest(chokepoint, scenarios, Path(scratch))
        print(f"largest: {'ok' if not faults else '; '.join(faults)}")
        status = 1 if faults else status
    return status


if __name__ == "__main__":
    sys.exit(main())
