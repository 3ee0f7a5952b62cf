//! The reports of `rulec snapshot --check` for tools, read by parsers that are not ours.
//!
//! The JSON Schema of SARIF is not ours to keep: where `RULEC_SARIF_SCHEMA` names the published file, the log is validated
//! against it; `tests/oracles/run reports` does so with a copy that a package brings.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

const RULE: &str = "title: A & B <\u{e9}>\nid: 11111111-2222-4333-8444-555555555555\nlogsource: {product: aws, service: cloudtrail}\n\
    detection:\n  a: {eventName: VALUE}\n  condition: a\n";

/// A snapshot of three rules, of which then one has another value, one cannot be read, one is gone and one is new; and a file of
/// nobody.
fn changed() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    for name in ["a b", "broken", "gone", "same"] {
        write(&format!("rules/{name}.yml"), &RULE.replace("VALUE", "x"));
    }
    assert_eq!(run(folder.path(), &["rules", "--to", "kql,panther"]).1, 0);
    write("rules/a b.yml", &RULE.replace("VALUE", "'<&]]>\"'"));
    write("rules/broken.yml", "title: [\n");
    write("rules/new.yml", &RULE.replace("VALUE", "x"));
    fs::remove_file(folder.path().join("rules/gone.yml")).unwrap();
    write("translations/left.txt", "");
    folder
}

/// Standard output and status.
fn run(folder: &Path, arguments: &[&str]) -> (String, i32) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rulec"));
    let output = command
        .arg("snapshot")
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    (
        String::from_utf8(output.stdout).unwrap(),
        output.status.code().unwrap_or(-1),
    )
}

fn check(format: &str) -> String {
    let folder = changed();
    let (out, status) = run(folder.path(), &["--check", "--format", format]);
    assert_eq!(status, 1, "{out}");
    out
}

/// By file and target what became of it, as the formats are to say it.
const CHANGES: [(&str, &str, &str); 8] = [
    ("rules/broken.yml", "SNP003", "kql"),
    ("rules/broken.yml", "SNP003", "panther"),
    ("rules/a b.yml", "SNP002", "kql"),
    ("rules/a b.yml", "SNP002", "panther"),
    ("rules/new.yml", "SNP006", "kql"),
    ("rules/new.yml", "SNP006", "panther"),
    ("rules/gone.yml", "SNP007", "kql"),
    ("rules/gone.yml", "SNP007", "panther"),
];

#[test]
fn json_says_all_of_it() {
    let json: Value = serde_json::from_str(&check("json")).unwrap();
    let of = |value: &Value| {
        (
            value["path"].as_str().unwrap().to_owned(),
            value["target"].as_str().unwrap().to_owned(),
        )
    };
    let changes: Vec<_> = json["changes"].as_array().unwrap().iter().map(of).collect();
    let expected: Vec<_> = CHANGES
        .iter()
        .map(|(path, _, target)| ((*path).to_owned(), (*target).to_owned()))
        .collect();
    assert_eq!(changes, expected);
    let codes: Vec<&str> = json["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["code"].as_str().unwrap())
        .collect();
    let expected: Vec<&str> = CHANGES
        .iter()
        .map(|(_, code, _)| *code)
        .chain(["SNP008"])
        .collect();
    assert_eq!(codes, expected);
    assert_eq!(json["unreferenced"], serde_json::json!(["left.txt"]));
    let summary = serde_json::json!({
        "rules": 5, "unchanged": 1, "changed": 2, "new": 1, "vanished": 1, "unreferenced": 1,
    });
    assert_eq!(json["summary"], summary);
}

#[test]
fn sarif_has_a_result_at_each_rule() {
    let log: Value = serde_json::from_str(&check("sarif")).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let place = |result: &Value| {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let found: Vec<_> = results
        .iter()
        .map(|result| (place(result), result["ruleId"].as_str().unwrap()))
        .collect();
    let expected = CHANGES
        .iter()
        .map(|(path, code, _)| (path.replace(' ', "%20"), *code));
    let expected: Vec<_> = expected
        .chain([("translations/left.txt".to_owned(), "SNP008")])
        .collect();
    assert_eq!(found, expected);
    let message = results[2]["message"]["text"].as_str().unwrap();
    assert!(
        message.contains("-| where EventName =~ \"x\"\n+| where EventName == '<&]]>\"'"),
        "{message}"
    );
    let Ok(path) = std::env::var("RULEC_SARIF_SCHEMA") else {
        eprintln!("skipped: RULEC_SARIF_SCHEMA names no schema to validate against");
        return;
    };
    // The published pattern of a language has a bracket too many, which strict readers take for no regular expression.
    let text = fs::read_to_string(path)
        .unwrap()
        .replace("{2}]?$", r"{2}\\]?$");
    let schema: Value = serde_json::from_str(&text).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&log)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert!(!validator.is_valid(&serde_json::json!({"version": "2.1.0"})));
}

#[test]
fn junit_opens_in_another_parser() {
    let text = check("junit");
    let document = roxmltree::Document::parse(&text).unwrap();
    let root = document.root_element();
    let cases = || {
        document
            .descendants()
            .filter(|node| node.has_tag_name("testcase"))
    };
    let failed =
        |case: &roxmltree::Node<'_, '_>| case.children().any(|child| child.has_tag_name("failure"));
    // Five rules for two targets, and a file.
    assert_eq!(cases().count(), 11);
    assert_eq!(cases().filter(failed).count(), 9);
    assert_eq!(
        (root.attribute("tests"), root.attribute("failures")),
        (Some("11"), Some("9"))
    );
    let suite = |path: &str| {
        let mut suites = document
            .descendants()
            .filter(|node| node.has_tag_name("testsuite"));
        suites
            .find(|suite| suite.attribute("file") == Some(path))
            .unwrap()
    };
    let same: Vec<_> = suite("rules/same.yml")
        .children()
        .filter(roxmltree::Node::is_element)
        .collect();
    let names: Vec<_> = same.iter().map(|case| case.attribute("name")).collect();
    assert_eq!(names, [Some("kql"), Some("panther")]);
    assert!(!same.iter().any(failed));
    // A rule that cannot be read is the case that it was.
    assert_eq!(
        suite("rules/broken.yml").attribute("name"),
        Some("A & B <\u{e9}>")
    );
    let failure = suite("rules/a b.yml")
        .descendants()
        .find(|node| node.has_tag_name("failure"))
        .unwrap();
    assert_eq!(
        failure.attribute("message"),
        Some("rules/a b.yml → kql: changed")
    );
    assert!(
        failure
            .text()
            .unwrap()
            .contains("+| where EventName == '<&]]>\"'"),
        "{failure:?}"
    );
}

#[test]
fn github_has_a_line_for_each() {
    let out = check("github");
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 9, "{out}");
    for (line, (path, code, target)) in lines.iter().zip(CHANGES) {
        assert!(
            line.starts_with(&format!("::error file={path},line=")),
            "{line}"
        );
        assert!(
            line.contains(&format!("title={code}::")) && line.contains(&format!("→ {target}: ")),
            "{line}"
        );
    }
}
