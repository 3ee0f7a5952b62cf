//! The report's second place: where a construct stands in what was emitted of it.

use std::fmt::Write;
use std::process::Command;

use serde_json::Value;

const RULE: &str = "AnalysisType: rule
RuleID: Own.Login
Filename: login.py
LogTypes: [AWS.CloudTrail]
Severity: Low
Enabled: true
Threshold: 3
DedupPeriodMinutes: 15
";

const PYTHON: &str = r#"def rule(event):
    if event.get("eventName") != "ConsoleLogin":
        return False
    if event.deep_get("userIdentity", "type") in ("Root", "IAMUser"):
        return not event.get("userAgent", "").startswith("terraform")
    return False


def title(event):
    return f"Login from {event.get('sourceIPAddress')}"


def dedup(event):
    return event.get("recipientAccountId")


def alert_context(event):
    context = {"region": event.get("awsRegion")}
    context["who"] = event.deep_get("userIdentity", "arn")
    return context
"#;

/// `construct ← text from its place in the source → text from its place in the artifact`, for every construct.
fn places(target: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let rule = folder.path().join("login.yml");
    std::fs::write(&rule, RULE).unwrap();
    std::fs::write(folder.path().join("login.py"), PYTHON).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_rulec"))
        .args(["convert", "--format", "json", "--to", target])
        .arg(&rule)
        .output()
        .unwrap();
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let made = &told["rules"][0]["translations"][0];
    let artifact = |path: &Value| {
        let artifacts = made["artifacts"].as_array().unwrap();
        let found = artifacts.iter().find(|one| one["path"] == *path).unwrap();
        found["text"].as_str().unwrap().to_owned()
    };
    let source = |path: &Value| std::fs::read_to_string(path.as_str().unwrap()).unwrap();
    let mut lines = String::new();
    for construct in made["constructs"].as_array().unwrap() {
        let from = at(&construct["place"], source);
        let to = at(&construct["written"], artifact);
        let what = construct["what"].as_str().unwrap();
        writeln!(lines, "{what}\n    ← {from}\n    → {to}").unwrap();
    }
    lines
}

/// What stands at a place, up to the end of its line.
fn at(place: &Value, text: impl Fn(&Value) -> String) -> String {
    if place.is_null() {
        return "nowhere".to_owned();
    }
    let number = |key: &str| usize::try_from(place[key].as_u64().unwrap()).unwrap();
    let text = text(&place["path"]);
    let line = text.lines().nth(number("line") - 1).unwrap();
    line.chars().skip(number("column") - 1).collect()
}

#[test]
fn constructs_have_a_place_in_the_source_and_in_the_artifact() {
    let mut told = String::new();
    for target in ["sentinel", "panther", "sigma"] {
        writeln!(told, "# {target}\n{}", places(target)).unwrap();
    }
    insta::assert_snapshot!(told);
}
