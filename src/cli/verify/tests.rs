//! `rulec verify` over a made-up format and a target that is right, wrong, refusing or unreadable by the name of the rule.

use serde_json::{Value, json};

use super::Verify;
use crate::analysis::Report;
use crate::backend::notation::Support;
use crate::backend::{Artifact, Backend, Context, Translation};
use crate::cli::tests::{FAKE, Run, command, folder, text};
use crate::cli::{Exit, Registry};
use crate::ir::Rule;

/// Writes every rule as one of Sigma that asks for the value `x`; refuses `alien`, and writes `lost` so that nobody reads it.
struct Careless;

impl Backend for Careless {
    fn name(&self) -> &'static str {
        "careless"
    }

    fn description(&self) -> &'static str {
        "whatever was asked for, it is x"
    }

    fn emit(&self, rule: &Rule, _: &Context<'_>) -> Translation {
        let mut report = Report::new();
        let name = &rule.metadata.name;
        if name == "alien" {
            report.refuse(name, rule.origin, "it has no such field");
            return Translation {
                artifacts: Vec::new(),
                report,
            };
        }
        report.record_predicate(crate::analysis::Fidelity::Exact, name, rule.origin, "");
        let text = match name.as_str() {
            "lost" => "nothing\n".to_owned(),
            name => format!(
                "title: {name}\nlogsource: {{product: acme}}\ndetection:\n  s:\n    {name}|cased: x\n  condition: s\n"
            ),
        };
        Translation {
            artifacts: vec![Artifact {
                path: "rule.yml".into(),
                text,
            }],
            report,
        }
    }

    fn support(&self) -> Vec<Support> {
        Vec::new()
    }
}

const REGISTRY: Registry<'static> = Registry {
    frontends: &[&FAKE],
    targets: &[&Careless],
};

fn verify(files: &[(&str, &str)], arguments: &[&str]) -> Run {
    let folder = folder(files);
    let mut all = vec![text(folder.path()), "--to", "careless"];
    all.extend(arguments);
    command::<Verify>(&all, |verify, console| verify.run(REGISTRY, console))
}

const ALL: &[(&str, &str)] = &[
    ("a.yml", "fake:\nuser=x"),
    ("b.yml", "fake:\nwrong=y"),
    ("c.yml", "fake:\nalien=x"),
    ("d.yml", "fake:\nlost=x"),
    ("e.yml", "fake:\nbad"),
];

#[test]
fn every_translation_has_a_line_and_is_counted_once() {
    let run = verify(ALL, &[]);
    assert_eq!(run.exit, Exit::Refused);
    let line = |start: &str| run.out.lines().any(|line| line.starts_with(start));
    assert!(line("a → careless: verified, exact;"), "{}", run.out);
    assert!(line("b → careless: disagrees, exact;"), "{}", run.out);
    assert!(
        line("c → careless: refused, `alien`: it has no such field"),
        "{}",
        run.out
    );
    assert!(line("d → careless: not proven, "), "{}", run.out);
    let counts =
        "4 rules, 4 translations: 1 verified, 1 disagree, 1 not proven, 1 refused; 1 not read\n";
    assert!(run.out.contains(counts), "{}", run.out);
    // The message shows the smallest event, and who says what of it.
    let message = "`wrong` in careless does not match, but the rule matches, and the translation is said to be exact";
    assert!(run.err.contains(message), "{}", run.err);
    assert!(
        run.err.contains("the event is {\"wrong\":\"y\"}"),
        "{}",
        run.err
    );
}

#[test]
fn what_is_refused_or_not_proven_fails_no_run() {
    let good = verify(&ALL[..1], &[]);
    assert_eq!(good.exit, Exit::Success, "{}", good.err);
    let refused = verify(&ALL[2..4], &[]);
    assert_eq!(refused.exit, Exit::Success, "{}", refused.err);
    let unread = verify(&ALL[4..], &[]);
    assert_eq!(unread.exit, Exit::Refused, "{}", unread.err);
    let nothing = verify(&[("a.txt", "")], &[]);
    assert_eq!(nothing.exit, Exit::Failure, "{}", nothing.err);
}

#[test]
fn json_lines_say_the_same() {
    let run = verify(ALL, &["--format", "json"]);
    assert_eq!(run.exit, Exit::Refused);
    let lines: Vec<Value> = run
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let outcomes: Vec<&Value> = lines.iter().map(|line| &line["outcome"]).collect();
    assert_eq!(
        outcomes,
        [
            &json!("verified"),
            &json!("disagrees"),
            &json!("refused"),
            &json!("unproven"),
            &Value::Null
        ]
    );
    assert_eq!(lines[0]["fidelity"], "exact");
    assert_eq!(lines[0]["events"]["of"], lines[0]["events"]["right"]);
    let found = &lines[1]["disagreement"];
    assert_eq!(found["event"], json!({"wrong": "y"}));
    assert_eq!(
        (&found["source"], &found["target"]),
        (&json!(true), &json!(false))
    );
    assert!(
        lines[2]["reason"]
            .as_str()
            .unwrap()
            .contains("no such field")
    );
    let counts = &lines[4]["counts"];
    assert_eq!(
        (&counts["rules"], &counts["unread"]),
        (&json!(4), &json!(1))
    );
    let sum = ["verified", "disagree", "unproven", "refused"]
        .iter()
        .filter_map(|name| counts[name].as_u64())
        .sum::<u64>();
    assert_eq!(counts["translations"], sum);
}

#[test]
fn junit_fails_what_disagrees() {
    let run = verify(ALL, &["--format", "junit"]);
    assert_eq!(run.exit, Exit::Refused);
    assert!(run.out.starts_with("<?xml"), "{}", run.out);
    // A refused rule has no translation to be wrong; what is not proven is no success.
    assert_eq!(run.out.matches("<failure").count(), 2, "{}", run.out);
    assert_eq!(run.out.matches("<error").count(), 1, "{}", run.out);
    assert!(!run.out.contains("alien"), "{}", run.out);
}

#[test]
fn a_limit_is_told() {
    let run = verify(&ALL[..1], &["--most-events", "3"]);
    assert_eq!(run.exit, Exit::Success);
    assert!(
        run.out
            .contains("; not every event was made, as a limit was reached"),
        "{}",
        run.out
    );
    assert!(
        run.out.contains("; 1 reached a limit of events"),
        "{}",
        run.out
    );
}

#[test]
fn what_was_asked_is_written_for_engines() {
    let folder = folder(ALL);
    let file = folder.path().join("cases.jsonl");
    let arguments = [
        text(folder.path()),
        "--to",
        "careless",
        "--cases",
        text(&file),
    ];
    let run = command::<Verify>(&arguments, |verify, console| verify.run(REGISTRY, console));
    assert_eq!(run.exit, Exit::Refused);
    let written = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<Value> = written
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        lines.len(),
        4,
        "a line for each translation, refused or not"
    );
    let right = &lines[0];
    assert_eq!(right["outcome"], "verified");
    assert_eq!(right["artifacts"][0]["path"], "rule.yml");
    let cases = right["cases"].as_array().unwrap();
    let says = |matches: bool| cases.iter().filter(move |case| case["matches"] == matches);
    let hit = says(true).next().unwrap();
    assert_eq!(hit["event"]["user"], "x");
    assert_eq!(hit["shown"]["outputs"], json!({}), "{hit}");
    assert!(says(false).all(|case| case["event"]["user"] != "x" && case["shown"].is_null()));
    // The verdicts are the rule's, whatever the translation makes of it.
    let wrong = lines[1]["cases"].as_array().unwrap();
    assert!(
        wrong
            .iter()
            .any(|case| case["event"] == json!({"wrong": "y"}) && case["matches"] == true)
    );
    assert_eq!(lines[2]["artifacts"], json!([]));
    assert_eq!(lines[2]["cases"], json!([]));
}

#[test]
fn a_file_that_cannot_be_written_is_named() {
    let folder = folder(&ALL[..1]);
    let file = folder.path().join("none/cases.jsonl");
    let arguments = [
        text(folder.path()),
        "--to",
        "careless",
        "--cases",
        text(&file),
    ];
    let run = command::<Verify>(&arguments, |verify, console| verify.run(REGISTRY, console));
    assert_eq!(run.exit, Exit::Failure);
    assert!(
        run.err.contains("cases.jsonl cannot be written: "),
        "{}",
        run.err
    );
}
