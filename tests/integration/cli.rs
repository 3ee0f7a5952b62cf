//! The binary, from the outside: exit status, output and messages, on good input and on every kind of bad one.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use rulec::backend::TARGETS;

/// What a run of the binary printed and returned.
struct Run {
    out: String,
    err: String,
    status: i32,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let run = Self {
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
            status: output.status.code().unwrap_or(-1),
        };
        assert!(!run.err.contains("panicked"), "{}", run.err);
        assert!(!run.out.contains("panicked"), "{}", run.out);
        run
    }
}

fn rulec(arguments: &[&str]) -> Run {
    command(arguments).output().unwrap().into()
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rulec"));
    command
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

fn with_input(arguments: &[&str], input: &[u8]) -> Run {
    let mut child = command(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A run that fails early may close its input.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap().into()
}

/// A folder with these files.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, bytes) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    folder
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Any target that there is.
fn target() -> &'static str {
    TARGETS[0].name()
}

/// A Panther rule with this body of its `rule` function.
fn panther(folder: &Path, python: &str) -> PathBuf {
    let yaml = "AnalysisType: rule\nRuleID: Test.Rule\nDisplayName: Test\nFilename: test_rule.py\nEnabled: true\n\
        Severity: Low\nLogTypes: [AWS.CloudTrail]\n";
    std::fs::write(folder.join("test_rule.yml"), yaml).unwrap();
    std::fs::write(folder.join("test_rule.py"), python).unwrap();
    folder.join("test_rule.yml")
}

/// A Sentinel rule with this condition in its query.
fn sentinel(folder: &Path, condition: &str) -> PathBuf {
    let yaml = format!(
        "id: 0b1c2d3e-0000-4000-8000-000000000000\nname: Test\nseverity: Low\nkind: Scheduled\nqueryFrequency: 1h\n\
        queryPeriod: 1h\ntriggerOperator: gt\ntriggerThreshold: 0\nversion: 1.0.0\nquery: |\n  AWSCloudTrail\n  | where {condition}\n"
    );
    std::fs::write(folder.join("test.yaml"), yaml).unwrap();
    folder.join("test.yaml")
}

#[test]
fn the_main_job_translates_every_example() {
    for target in TARGETS {
        let run = rulec(&["convert", "rules", "--to", target.name()]);
        assert!(run.status <= 1, "{}: {}", target.name(), run.err);
        assert!(run.out.starts_with("━━ "), "{}: {}", target.name(), run.err);
        assert!(run.err.contains("exact "), "{}", run.err);
        let last = run.err.lines().last().unwrap();
        let numbers: Vec<usize> = last
            .split(|c: char| !c.is_ascii_digit())
            .filter_map(|number| number.parse().ok())
            .collect();
        assert_eq!(numbers[0], numbers[1] + numbers[2], "{last}");
        assert!(numbers[0] >= 3, "{last}");
    }
}

#[test]
fn files_are_whole_and_alone() {
    let out = tempfile::tempdir().unwrap();
    let names: Vec<&str> = TARGETS.iter().map(|target| target.name()).collect();
    let run = rulec(&[
        "convert",
        "rules",
        "--to",
        &names.join(","),
        "-o",
        text(out.path()),
    ]);
    assert!(run.status <= 1 && run.out.is_empty(), "{}", run.err);
    let mut pending = vec![out.path().to_owned()];
    let mut files = 0;
    while let Some(path) = pending.pop() {
        for entry in std::fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            assert!(
                !path.file_name().unwrap().to_str().unwrap().starts_with('.'),
                "{path:?}"
            );
            if path.is_dir() {
                pending.push(path);
            } else {
                files += 1;
                assert!(std::fs::read_to_string(path).unwrap().ends_with('\n'));
            }
        }
    }
    assert!(files >= 3 * names.len());
}

#[test]
fn json_reports_are_json() {
    let run = rulec(&["convert", "rules", "--to", target(), "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(
        usize::try_from(json["summary"]["rules"].as_u64().unwrap()).unwrap(),
        json["rules"].as_array().unwrap().len()
    );
    for arguments in [
        &["targets", "--format", "json"][..],
        &["tables", "rules", "--format", "json"],
    ] {
        let run = rulec(arguments);
        assert_eq!(run.status, 0, "{}", run.err);
        serde_json::from_str::<serde_json::Value>(&run.out).unwrap();
    }
}

#[test]
fn the_same_input_gives_the_same_output() {
    let arguments = ["convert", "rules", "--to", target()];
    assert_eq!(rulec(&arguments).out, rulec(&arguments).out);
}

#[test]
fn the_examples_pass_their_own_tests() {
    let run = rulec(&["test", "rules"]);
    assert_eq!(run.status, 0, "{}{}", run.out, run.err);
    assert!(!run.out.contains("no tests"), "{}", run.out);
}

#[test]
fn usage_and_version() {
    assert_eq!(rulec(&[]).status, 2);
    assert_eq!(rulec(&["convert"]).status, 2);
    assert_eq!(rulec(&["convert", "rules", "--to", "nothing"]).status, 2);
    assert_eq!(
        rulec(&["convert", "rules", "--to", target(), "--deny", "all"]).status,
        2
    );
    let help = rulec(&["--help"]);
    assert_eq!(help.status, 0);
    assert!(help.out.contains("Exit status"), "{}", help.out);
    let version = rulec(&["--version"]);
    assert_eq!(version.status, 0);
    assert!(version.out.contains(env!("CARGO_PKG_VERSION")) && version.out.contains("ATT&CK"));
}

#[test]
fn every_code_is_explained() {
    for info in rulec::diagnostic::CODES {
        let run = rulec(&["explain", info.name]);
        assert_eq!(run.status, 0);
        assert!(run.out.starts_with(info.name));
    }
    assert_eq!(rulec(&["explain", "XYZ999"]).status, 2);
}

#[test]
fn input_that_cannot_be_read() {
    let root = folder(&[
        ("latin.yml", b"name: caf\xe9\n"),
        ("note.yml", b"a: 1\n"),
        ("empty.yml", b""),
        ("zero.yml", b"\0\0"),
        ("nothing/readme.txt", b"hello"),
    ]);
    std::fs::write(root.path().join("big.yml"), vec![b'#'; 10 << 20]).unwrap();
    for (name, code) in [
        ("none.yml", "SRC001"),
        ("latin.yml", "SRC002"),
        ("big.yml", "SRC003"),
        ("note.yml", "SRC004"),
        ("empty.yml", "SRC004"),
        ("nothing", "SRC005"),
    ] {
        let path = root.path().join(name);
        let run = rulec(&["convert", text(&path), "--to", target()]);
        assert_eq!(run.status, 2, "{name}: {}", run.err);
        assert!(run.err.contains(code), "{name}: {}", run.err);
        assert!(
            run.err.contains("\n0 rules: 0 translated, 0 refused"),
            "{}",
            run.err
        );
    }
    assert!(
        rulec(&[
            "convert",
            text(&root.path().join("latin.yml")),
            "--to",
            target()
        ])
        .err
        .contains("offset 9")
    );
    let zero = rulec(&[
        "convert",
        text(&root.path().join("zero.yml")),
        "--to",
        target(),
    ]);
    assert_ne!(zero.status, 0);
}

#[test]
fn output_that_cannot_be_written() {
    let root = folder(&[("file", b"kept")]);
    // Below a regular file not even the superuser can make a folder.
    let below = root.path().join("file/out");
    let run = rulec(&["convert", "rules", "--to", target(), "-o", text(&below)]);
    assert_eq!(run.status, 2, "{}", run.err);
    assert!(run.err.contains("SRC007"), "{}", run.err);
    assert_eq!(std::fs::read(root.path().join("file")).unwrap(), b"kept");
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let mut child = command(&["convert", "rules", "--to", target()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let run: Run = child.wait_with_output().unwrap().into();
    assert!(run.status <= 1, "{}", run.err);
}

#[test]
fn standard_input_is_a_rule() {
    let rule =
        std::fs::read("rules/sentinel/aws_iam_enumeration/aws_iam_enumeration.yaml").unwrap();
    let run = with_input(&["convert", "-", "--to", target()], &rule);
    assert_eq!(run.status, 0, "{}", run.err);
    assert!(
        run.err.ends_with("1 rule: 1 translated, 0 refused\n"),
        "{}",
        run.err
    );
    let marked = [b"\xef\xbb\xbf".as_slice(), &rule].concat();
    assert_eq!(
        with_input(&["convert", "-", "--to", target()], &marked).out,
        run.out
    );
    assert_eq!(
        with_input(&["convert", "-", "--to", target()], b"").status,
        2
    );
}

#[test]
fn errors_in_a_rule_have_code_and_place() {
    let root = tempfile::tempdir().unwrap();
    let path = panther(
        root.path(),
        "def rule(event):\n    return event.get('a') ==\n",
    );
    let check = |path: &Path, code: &str, place: &str| {
        let run = rulec(&["convert", text(path), "--to", target()]);
        assert_eq!(run.status, 1, "{code}: {}", run.err);
        assert!(
            run.err.contains(&format!("error[{code}]")),
            "{code}: {}",
            run.err
        );
        assert!(run.err.contains(place), "{code}: {}", run.err);
        assert!(
            run.err.ends_with("1 rule: 0 translated, 1 refused\n"),
            "{}",
            run.err
        );
    };
    check(&path, "PY001", "test_rule.py:2:");
    std::fs::remove_file(root.path().join("test_rule.py")).unwrap();
    check(&path, "SRC006", "test_rule.yml:");
    check(
        &sentinel(root.path(), "EventName == (\"a\""),
        "KQL001",
        "test.yaml:",
    );
    let broken = root.path().join("broken.yml");
    std::fs::write(&broken, "AnalysisType: rule\nTags: [a\nSeverity: Low\n").unwrap();
    check(&broken, "YML001", "broken.yml:");
}

#[test]
fn one_bad_rule_does_not_stop_the_others() {
    let root = tempfile::tempdir().unwrap();
    panther(root.path(), "def rule(event):\n    return (\n");
    sentinel(root.path(), "EventName == \"a\"");
    let run = rulec(&["convert", text(root.path()), "--to", target()]);
    assert_eq!(run.status, 1, "{}", run.err);
    assert!(
        run.err.ends_with("2 rules: 1 translated, 1 refused\n"),
        "{}",
        run.err
    );
}

/// A rule of Sigma with this title, id and condition.
fn sigma(title: &str, id: u32, detection: &str) -> String {
    format!(
        "title: {title}\nid: 5f1c3a10-0000-4000-8000-{id:012}\nlogsource: {{product: aws, service: cloudtrail}}\ndetection:\n  {detection}\nlevel: low\n"
    )
}

#[test]
fn every_rule_of_a_batch_has_one_result() {
    let good = sigma("Good", 1, "s: {eventName: a}\n  condition: s");
    let nowhere = "s: {eventName: a}\n  condition: other";
    let several = [
        sigma("First", 2, nowhere),
        sigma("Second", 3, "s: {eventName: b}\n  condition: s"),
        sigma("Third", 4, nowhere),
    ];
    let input = folder(&[
        ("broken.yml", b"a: [1\n"),
        ("data.yml", b"just: data\n"),
        ("good.yml", good.as_bytes()),
        ("notes.txt", b"nothing"),
        ("other_bytes.yml", b"\xff\xfe\x00"),
        (
            "refused.yml",
            sigma("Refused", 5, "s: {nothing.known: a}\n  condition: s").as_bytes(),
        ),
        ("twice/good.yml", good.as_bytes()),
        ("several.yml", several.join("---\n").as_bytes()),
    ]);
    let out = tempfile::tempdir().unwrap();
    let run = rulec(&[
        "convert",
        text(input.path()),
        "--to",
        "sentinel",
        "-o",
        text(out.path()),
    ]);
    let last = run.err.lines().last().unwrap();
    // `broken`, `refused`, the second `Good` and two of `several` are refused.
    assert_eq!(
        last, "7 rules: 2 translated, 5 refused; 1 file cannot be read",
        "{}",
        run.err
    );
    let results =
        |line: &&str| line.contains(" → sentinel: ") || line.ends_with(": a rule was not read");
    assert_eq!(run.err.lines().filter(results).count(), 7, "{}", run.err);
    assert!(
        run.err.contains("several.yml:17: a rule was not read"),
        "{}",
        run.err
    );
    // What cannot be read at all fails the run.
    assert_eq!(run.status, 2, "{}", run.err);
    let json = rulec(&[
        "convert",
        text(input.path()),
        "--to",
        "sentinel,native",
        "--format",
        "json",
    ]);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    let summary = &json["summary"];
    assert_eq!(json["rules"].as_array().unwrap().len(), 7, "{summary}");
    assert_eq!(summary["rules"], 7);
    assert_eq!(summary["unreadable"], 1);
    let sum = summary["translated"].as_u64().unwrap() + summary["refused"].as_u64().unwrap();
    assert_eq!(sum, 7, "{summary}");
    let refused = json["rules"].as_array().unwrap().iter().filter(|rule| {
        let made = rule["translations"].as_array().unwrap();
        made.is_empty() || made.iter().any(|one| one["translated"] == false)
    });
    for rule in refused.clone() {
        assert!(rule.to_string().contains("\"error\""), "no reason: {rule}");
    }
    assert_eq!(refused.count() as u64, summary["refused"].as_u64().unwrap());
}

#[test]
fn deep_nesting_ends_in_a_message() {
    let root = tempfile::tempdir().unwrap();
    let deep = format!("{}1 == 1{}", "(".repeat(10_000), ")".repeat(10_000));
    let query = sentinel(root.path(), &deep);
    let run = rulec(&["convert", text(&query), "--to", target()]);
    assert_eq!(
        run.status,
        1,
        "{}",
        run.err.chars().take(2000).collect::<String>()
    );
    assert!(run.err.contains("error[KQL003]"));
    let python = panther(
        root.path(),
        &format!("def rule(event):\n    return {deep}\n"),
    );
    let run = rulec(&["convert", text(&python), "--to", target()]);
    assert_eq!(
        run.status,
        1,
        "{}",
        run.err.chars().take(2000).collect::<String>()
    );
    assert!(run.err.contains("error[PY"));
    let flow = root.path().join("deep.yml");
    std::fs::write(&flow, "[".repeat(10_000)).unwrap();
    let run = rulec(&["convert", text(&flow), "--to", target()]);
    assert!(run.err.contains("error[YML001]"), "{}", run.err);
}

/// A login that no ticket explains, and the rules for both.
const UNEXPLAINED: [(&str, &[u8]); 3] = [
    (
        "unexplained.yml",
        b"AnalysisType: correlation_rule
RuleID: Box.Unexplained
Severity: High
Detection:
  - Group:
      - {ID: login, RuleID: Box.Login}
      - {ID: ticket, RuleID: Box.Ticket, Absence: true}
    LookbackWindowMinutes: 60
    Schedule: {RateMinutes: 60, TimeoutMinutes: 2}
Tests:
  - Name: no ticket
    ExpectedResult: true
    RuleOutputs:
      - {ID: login, Matches: {any: {of: [0]}}}
",
    ),
    (
        "login.yml",
        b"AnalysisType: rule
RuleID: Box.Login
Severity: Info
LogTypes: [Box.Event]
Detection:
  - {Key: event_type, Condition: Equals, Value: LOGIN}
",
    ),
    (
        "ticket.yml",
        b"AnalysisType: rule
RuleID: Box.Ticket
Severity: Info
LogTypes: [Box.Event]
Detection:
  - {Key: event_type, Condition: Equals, Value: ITEM_CREATE}
",
    ),
];

#[test]
fn matches_of_other_rules_are_no_events_that_a_query_is_asked_about() {
    let folder = folder(&UNEXPLAINED);
    let path = folder.path().to_str().unwrap();
    let to = "sentinel,native,panther";
    let run = rulec(&["verify", path, "--to", to, "--format", "json"]);
    let lines = run.out.lines().map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
        (
            text("rule"),
            text("target"),
            text("outcome"),
            line["tests"]["of"].clone(),
            line["same"].clone(),
        )
    });
    let found: Vec<_> = lines.filter(|line| line.0 == "Box.Unexplained").collect();
    let outcome = |target: &str, outcome: &str, tests: usize, same: Option<bool>| {
        let words = ["Box.Unexplained", target, outcome].map(str::to_owned);
        let [rule, target, outcome] = words;
        let [tests, same] = [serde_json::json!(tests), serde_json::json!(same)];
        (rule, target, outcome, tests, same)
    };
    // A run of Panther's also sees what comes after the last match, so that the query is not said to be the same.
    assert_eq!(
        found,
        [
            outcome("sentinel", "unproven", 0, None),
            outcome("native", "verified", 1, Some(true)),
            outcome("panther", "verified", 1, Some(true)),
        ]
    );
}
