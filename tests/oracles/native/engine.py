"""Emitted Rust modules, compiled with warnings denied and run over the events; rustc is the target's tool.

Modules are compiled in batches, each into one program that reads events and writes what their modules say.
"""

import json
import os
import re
import subprocess

from corpus import Answer, Unasked

TEXTS = ("title", "dedup", "severity", "description", "runbook", "reference")
FUNCTIONS = ("matches", *TEXTS, "measured", "group", "outputs")
# 2026-01-01, in microseconds: when rulec judges events.
NOW = 1_767_225_600_000_000
PROGRAM = """use serde_json::{{json, Value}};

{modules}
fn said(module: usize, event: &Value) -> Value {{
    match module {{
{arms}
        _ => Value::Null,
    }}
}}

fn main() {{
    for line in std::io::stdin().lines() {{
        let (module, event): (usize, Value) = serde_json::from_str(&line.unwrap()).unwrap();
        println!("{{}}", said(module, &event));
    }}
}}
"""


def text_of(line):
    """The module, or nothing."""
    return next((one["text"] for one in line["artifacts"] if one["path"].endswith(".rs")), None)


def arm(at, text):
    """What a module says of an event, as Rust writes it."""
    entries = []
    for name in FUNCTIONS:
        head = re.search(rf"\npub fn {name}\(([^)]*)\)", text)
        if head:
            time = f", Some({NOW})" if "scan_time" in head[1] else ""
            entries.append(f'"{name}": m{at}::{name}(event{time})')
    return f"        {at} => json!({{{', '.join(entries)}}}),"


class Engine:
    NAME, TOOL, BATCH = "native", "rustc, warnings denied", 40

    def __init__(self, cases, tools):
        self.crate = tools / "native"
        self.refused = []

    def complaints(self, line):
        return [] if text_of(line) else ["no module"]

    def finish(self):
        return self.refused

    def known(self, line, case, what, wanted):
        return None

    def answers(self, lines):
        """Those of the modules together, or of halves of them where they do not compile."""
        program = self.program(lines)
        if program is None and len(lines) == 1:
            return [[Unasked("it does not compile")] * len(lines[0]["cases"])]
        if program is None:
            half = len(lines) // 2
            return self.answers(lines[:half]) + self.answers(lines[half:])
        asked = [json.dumps([at, case["event"]]) for at, line in enumerate(lines) for case in line["cases"] if "event" in case]
        done = subprocess.run([program], input="".join(f"{one}\n" for one in asked), capture_output=True, text=True)
        said = iter(done.stdout.splitlines())
        return [[self.answer(line, case, said, done.stderr) for case in line["cases"]] for line in lines]

    def answer(self, line, case, said, error):
        if "events" in case:
            return Unasked("who runs a module counts")
        told = next(said, None)
        if told is None:
            return Answer(f"the program ended: {error[:200]}")
        found = json.loads(told)
        shown = self.shown(line, case["shown"], found) if case["shown"] else []
        return Answer(found["matches"], shown)

    def shown(self, line, wanted, found):
        lost = line["lost"]
        for name in TEXTS:
            if name not in found or name in lost:
                continue
            own = found[name]
            # What has no value falls back to what stands in the rule.
            falls = own is None and (name == "dedup" or wanted[name] == line["severity"])
            empty = name == "dedup" and not own and not wanted[name]
            yield name, wanted[name], wanted[name] if falls or empty else own
        for name in ("measured", "group"):
            # A key of the group without a name is left out, and told.
            if name in found and not (name == "group" and any(one.startswith("group by ") for one in lost)):
                yield name, wanted[name], found[name]
        for name, value in wanted["outputs"].items():
            if "outputs" in found and f"output {name}" not in lost:
                yield f"output {name}", value, found["outputs"].get(name, "(none)")

    def program(self, lines):
        """The compiled program of the modules; nothing where one of them does not compile."""
        source = self.crate / "src"
        for old in source.glob("m*.rs"):
            old.unlink()
        for at, line in enumerate(lines):
            (source / f"m{at}.rs").write_text(text_of(line), encoding="utf-8")
        modules = "".join(f"#[allow(dead_code)]\nmod m{at};\n" for at in range(len(lines)))
        arms = "\n".join(arm(at, text_of(line)) for at, line in enumerate(lines))
        (source / "proof.rs").write_text(PROGRAM.format(modules=modules, arms=arms), encoding="utf-8")
        (source / "lib.rs").write_text("", encoding="utf-8")
        target = os.environ.get("RULEC_NATIVE_TARGET") or str(self.crate / "target")
        settings = {"RUSTFLAGS": "-D warnings", "CARGO_TARGET_DIR": target, "CARGO_PROFILE_DEV_DEBUG": "0"}
        command = ["cargo", "build", "--quiet", "--bin", "proof"]
        done = subprocess.run(command, cwd=self.crate, env={**os.environ, **settings}, capture_output=True, text=True)
        if done.returncode != 0 and len(lines) == 1:
            errors = [one for one in done.stderr.splitlines() if one.startswith(("error", "warning"))]
            self.refused.append(f"{lines[0]['rule']}: {errors[0] if errors else done.stderr[:200]}")
        return os.path.join(target, "debug/proof") if done.returncode == 0 else None
