"""How long rulec and sigma-cli take to translate rules, from files to files, on one core.

    python tests/oracles/sigma/speed.py RULEC RULES --sigma SIGMA [--panther FOLDER] [--runs N]

RULEC and SIGMA are the programs (`pip install sigma-cli -r tests/oracles/requirements-sigma.txt` installs the other one), RULES is
a folder of Sigma rules. rulec writes them for Sentinel, a file each, with what it kept of them; sigma-cli writes them with its SQLite
backend into one file, without a pipeline, since that of its Kusto backend ends the run at the first rule which it does not know. A
rule that one of them refuses is passed over. With FOLDER, rulec also translates that folder's Panther rules to all four
targets, and sigma-cli as many Sigma rules as that makes translations asked for. Runs take turns, and the shortest time counts: that
which the process itself took, user and system, since a machine does other things besides. The start is the time for one rule.
"""

import argparse
import os
import resource
import subprocess
import tempfile
from pathlib import Path

TARGETS = "sentinel,native,panther,sigma"


def spent(command):
    """The seconds of processor time that the command takes, on the first core that there is."""

    def pinned():
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=pinned)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1, 2):
        raise SystemExit(f"{command[0]} ended with {done.returncode}: {done.stderr[-2000:]}")
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, done


def rulec(program, rules, targets):
    with tempfile.TemporaryDirectory() as folder:
        seconds, done = spent([program, "convert", rules, "--to", targets, "-o", folder])
        written = sum(len(files) for _, _, files in os.walk(folder))
    if not written:
        raise SystemExit(f"rulec wrote nothing: {done.stderr[-2000:]}")
    return seconds, done.stderr.strip().splitlines()[-1]


def sigma(program, rules):
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "queries"
        options = ["-t", "sqlite", "--without-pipeline", "--skip-unsupported", "-o", result]
        seconds, done = spent([program, "convert", *options, *rules])
        if not result.exists() or not result.stat().st_size:
            raise SystemExit(f"sigma-cli wrote nothing: {done.stderr[-2000:]}")
        return seconds, f"{len(result.read_text().splitlines())} lines of queries"


def shortest(runs, *works):
    """The shortest time of each, with what it said; they take turns."""
    found = [[work() for work in works] for _ in range(runs)]
    return [min(times, key=lambda time: time[0]) for times in zip(*found)]


def show(what, ours, theirs):
    print(f"{what}: rulec {ours[0]:.3f} s ({ours[1]}), sigma-cli {theirs[0]:.2f} s ({theirs[1]}): {theirs[0] / ours[0]:.0f} times")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("rulec")
    parser.add_argument("rules")
    parser.add_argument("--sigma", required=True)
    parser.add_argument("--panther")
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    files = sorted(str(path) for path in Path(given.rules).rglob("*.yml"))
    if not files:
        raise SystemExit(f"no rules in {given.rules}")
    # A rule on a log source that both know.
    one = [path for path in files if "process_creation" in path][:1] or files[:1]
    ours, theirs = shortest(
        given.runs,
        lambda: rulec(given.rulec, one[0], "sentinel"),
        lambda: sigma(given.sigma, one),
    )
    show("one rule", ours, theirs)
    ours, theirs = shortest(
        given.runs,
        lambda: rulec(given.rulec, given.rules, "sentinel"),
        lambda: sigma(given.sigma, [given.rules]),
    )
    show(f"{len(files)} Sigma rules", ours, theirs)
    if given.panther:
        rules = [path for path in Path(given.panther).rglob("*.yml") if path.with_suffix(".py").exists()]
        wanted = len(rules) * len(TARGETS.split(","))
        # Where there are fewer Sigma rules than that, the ones there are count for as many.
        taken = files[:wanted]
        ours, theirs = shortest(
            given.runs,
            lambda: rulec(given.rulec, given.panther, TARGETS),
            lambda: sigma(given.sigma, taken),
        )
        theirs = (theirs[0] * wanted / len(taken), f"{theirs[1]} of {len(taken)} rules, scaled to {wanted}")
        show(f"{len(rules)} Panther rules to {TARGETS}", ours, theirs)


if __name__ == "__main__":
    main()
