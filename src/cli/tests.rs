//! The commands over a made-up format and two made-up targets, so that they can be tested without any real one.
//!
//! A `fake:` file holds a rule per line: `name=value` selects events whose field `name` has the value, and `bad` is an error.

use std::fs;
use std::path::Path;

use clap::FromArgMatches;

use super::console::Console;
use super::{Exit, Registry};
use crate::analysis::{Fidelity, Report};
use crate::backend::notation::Support;
use crate::backend::{Artifact, Backend, Context as BackendContext, Translation};
use crate::diagnostic::{Code, Diagnostic};
use crate::frontend::{Context, Frontend};
use crate::ir::{Literal, Metadata, OPERATORS, Object, Operator, Predicate, Rule, Term};
use crate::source::{SourceId, Span, TextRange};

pub(super) struct Fake;

/// The made-up format.
pub(super) const FAKE: Fake = Fake;

impl Frontend for Fake {
    fn name(&self) -> &'static str {
        "fake"
    }

    fn recognises(&self, text: &str) -> bool {
        text.starts_with("fake:")
    }

    fn import(&self, id: SourceId, context: &mut Context<'_>) -> Vec<Rule> {
        let text = context
            .sources
            .get(id)
            .map_or("", |source| source.text())
            .to_owned();
        let mut rules = Vec::new();
        for line in text.lines().skip(1) {
            let Some((field, value)) = line.split_once('=') else {
                let at = text.find(line).unwrap();
                let span = Span::new(id, TextRange::new(at, at + line.len()));
                context
                    .diagnostics
                    .push(Diagnostic::error(Code::YamlShape, "a rule requires `=`").at(span));
                continue;
            };
            let mut rule = Rule::new(Metadata {
                id: field.to_owned(),
                name: field.to_owned(),
                ..Metadata::default()
            });
            let object = Object::Literal(Literal::text(value));
            rule.selection = Predicate::new(Term::field([field]), Operator::Equals, object).into();
            rules.push(rule);
        }
        rules
    }
}

/// Keeps everything, unless the field is `wide` (kept wider) or `alien` (refused).
struct Plain(&'static str);

impl Backend for Plain {
    fn name(&self) -> &'static str {
        self.0
    }

    fn description(&self) -> &'static str {
        "the text form"
    }

    fn emit(&self, rule: &Rule, _: &BackendContext<'_>) -> Translation {
        let mut report = Report::new();
        let (what, origin) = (rule.selection.to_string(), rule.origin);
        match rule.metadata.name.as_str() {
            "wide" => report.record(Fidelity::Wider, what, origin, "it has no case"),
            "alien" => {
                report.refuse(what, origin, "it has no such field");
                return Translation {
                    artifacts: Vec::new(),
                    report,
                };
            }
            _ => report.exact(what, origin),
        }
        Translation {
            artifacts: vec![Artifact {
                path: "rule.txt".into(),
                text: format!("{}\n", rule.selection),
            }],
            report,
        }
    }

    fn support(&self) -> Vec<Support> {
        OPERATORS
            .iter()
            .map(|info| Support {
                operator: info.operator,
                fidelity: Fidelity::Exact,
                example: info.name.to_owned(),
            })
            .collect()
    }
}

const REGISTRY: Registry<'static> = Registry {
    frontends: &[&Fake],
    targets: &[&Plain("one"), &Plain("two")],
};

/// What a run printed, reported and returned.
pub(super) struct Run {
    pub(super) out: String,
    pub(super) err: String,
    pub(super) exit: Exit,
}

pub(super) fn command<C: clap::Args + FromArgMatches>(
    arguments: &[&str],
    run: impl Fn(&C, &mut Console<'_>) -> std::io::Result<Exit>,
) -> Run {
    let parser = C::augment_args(clap::Command::new("rulec"))
        .mut_args(|argument| match argument.get_id().as_str() {
            // The values of these two are the real formats and targets.
            "to" | "from" => argument.value_parser(clap::builder::NonEmptyStringValueParser::new()),
            _ => argument,
        })
        .no_binary_name(true);
    let parsed = C::from_arg_matches(&parser.try_get_matches_from(arguments).unwrap()).unwrap();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let exit = run(&parsed, &mut Console::to(&mut out, &mut err)).unwrap();
    Run {
        out: String::from_utf8(out).unwrap(),
        err: String::from_utf8(err).unwrap(),
        exit,
    }
}

fn convert(arguments: &[&str]) -> Run {
    command::<super::convert::Convert>(arguments, |convert, console| convert.run(REGISTRY, console))
}

pub(super) fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

pub(super) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn one_bad_rule_does_not_stop_the_others() {
    let folder = folder(&[
        ("a.yml", "fake:\nuser=x"),
        ("b.yml", "fake:\nbad"),
        ("c.yml", "fake:\nalien=x"),
        ("d.yml", "other: 1"),
        ("e.yml", "broken: [1"),
    ]);
    let run = convert(&[text(folder.path()), "--to", "one"]);
    assert_eq!(run.exit, Exit::Refused);
    let header = format!("━━ a/rule.txt {}\n", "━".repeat(66));
    assert_eq!(run.out, format!("{header}user eq \"x\"\n\n"));
    assert!(
        run.err
            .contains("a → one: exact 1 · wider 0 · unsupported 0\n"),
        "{}",
        run.err
    );
    assert!(run.err.contains("b.yml:2:1"), "{}", run.err);
    assert!(
        run.err
            .contains("c → one: exact 0 · wider 0 · unsupported 1 (refused)"),
        "{}",
        run.err
    );
    assert!(run.err.contains("error[YML001]"), "{}", run.err);
    assert!(
        run.err.ends_with("4 rules: 1 translated, 3 refused\n"),
        "{}",
        run.err
    );
}

#[test]
fn files_get_a_folder_per_target_and_rule() {
    let (input, output) = (
        folder(&[("a.yml", "fake:\nuser=x\nhost=y")]),
        tempfile::tempdir().unwrap(),
    );
    let out = output.path().join("new");
    let run = convert(&[text(input.path()), "--to", "one,two,one", "-o", text(&out)]);
    assert_eq!((run.exit, run.out.as_str()), (Exit::Success, ""));
    for path in [
        "one/user/rule.txt",
        "one/host/rule.txt",
        "two/user/rule.txt",
        "two/host/rule.txt",
    ] {
        assert!(out.join(path).is_file(), "{path}");
    }
    assert!(run.err.ends_with("2 rules: 2 translated, 0 refused\n"));
}

#[test]
fn two_rules_never_share_a_folder() {
    let input = folder(&[("a/r.yml", "fake:\nuser=x"), ("b/r.yml", "fake:\nuser=y")]);
    let out = input.path().join("out");
    let run = convert(&[text(input.path()), "--to", "one", "-o", text(&out)]);
    assert_eq!(run.exit, Exit::Refused);
    assert!(run.err.contains("error[SRC008]"), "{}", run.err);
    assert!(run.err.ends_with("2 rules: 1 translated, 1 refused\n"));
    assert_eq!(
        fs::read_to_string(out.join("r/rule.txt")).unwrap(),
        "user eq \"x\"\n"
    );
}

#[test]
fn a_denied_rule_is_not_written() {
    let input = folder(&[("w.yml", "fake:\nwide=x")]);
    let path = input.path().join("w.yml");
    let allowed = convert(&[text(&path), "--to", "one"]);
    assert_eq!(allowed.exit, Exit::Success);
    assert!(allowed.err.contains("warning[FID001]"));
    let denied = convert(&[text(&path), "--to", "one", "--deny", "wider"]);
    assert_eq!((denied.exit, denied.out.as_str()), (Exit::Refused, ""));
    assert!(denied.err.contains("error[FID001]"), "{}", denied.err);
    assert!(denied.err.contains("refused by `--deny wider`"));
}

#[test]
fn what_was_named_must_be_a_rule() {
    let input = folder(&[("a.txt", "text"), ("empty/x.py", "")]);
    for (name, code) in [
        ("a.txt", "SRC004"),
        ("empty", "SRC005"),
        ("none.yml", "SRC001"),
    ] {
        let run = convert(&[text(&input.path().join(name)), "--to", "one"]);
        assert_eq!(run.exit, Exit::Failure, "{name}");
        assert!(run.err.contains(code), "{name}: {}", run.err);
        let last = run.err.lines().last().unwrap_or_default();
        assert!(
            last.starts_with("0 rules: 0 translated, 0 refused"),
            "{last}"
        );
    }
}

#[test]
fn json_is_one_document() {
    let input = folder(&[("a.yml", "fake:\nwide=x\nbad"), ("b.yml", "fake:\nuser=x")]);
    let run = convert(&[
        text(input.path()),
        "none",
        "--to",
        "one",
        "--format",
        "json",
    ]);
    let json: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(
        json["summary"],
        serde_json::json!({"rules": 3, "translated": 2, "refused": 1, "unreadable": 0})
    );
    let wide = &json["rules"][0]["translations"][0];
    assert_eq!(wide["fidelity"]["wider"], 1);
    assert_eq!(wide["constructs"][0]["reason"], "it has no case");
    assert_eq!(wide["artifacts"][0]["text"], "wide eq \"x\"\n");
    assert!(json["rules"][1]["id"].is_null());
    assert_eq!(json["rules"][1]["diagnostics"][0]["code"], "YML002");
    assert_eq!(json["diagnostics"][0]["code"], "SRC001");
    assert_eq!(run.exit, Exit::Failure);
}

#[test]
fn many_files_keep_their_order() {
    let files: Vec<(String, String)> = (0..60)
        .map(|at| (format!("r{at:02}.yml"), format!("fake:\nf{at}=x")))
        .collect();
    let borrowed: Vec<(&str, &str)> = files
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    let input = folder(&borrowed);
    let run = convert(&[text(input.path()), "--to", "one"]);
    let headers: Vec<&str> = run
        .out
        .lines()
        .filter(|line| line.starts_with("━━"))
        .collect();
    assert_eq!(headers.len(), 60);
    assert!(headers.is_sorted());
}

#[test]
fn tests_are_run_and_their_absence_is_said() {
    let test = |path: &Path| {
        command::<super::test::Test>(&[text(path)], |test, console| test.run(REGISTRY, console))
    };
    let events = r#"[{"name": "hit", "event": {"user": "x"}, "expected": true},
        {"name": "wrong", "event": {"user": "y"}, "expected": true}]"#;
    let input = folder(&[
        ("a/a.yml", "fake:\nuser=x"),
        ("a/events.json", events),
        ("b/b.yml", "fake:\nhost=x"),
    ]);
    let run = test(input.path());
    assert_eq!(run.exit, Exit::Refused);
    assert!(
        run.out.contains("  ok      hit\n  FAILED  wrong\n"),
        "{}",
        run.out
    );
    assert!(run.out.contains("  no tests\n"));
    assert!(
        run.out
            .ends_with("\n2 rules, 2 tests: 1 passed, 1 failed; 1 without tests\n"),
        "{}",
        run.out
    );
    assert!(run.err.contains("error[TST001]"), "{}", run.err);
    fs::write(input.path().join("a/events.json"), "{").unwrap();
    assert!(test(input.path()).err.contains("warning[RUL002]"));
}

#[test]
fn test_results_are_json_lines() {
    let events = r#"[{"name": "hit", "event": {"user": "x"}, "expected": true},
        {"name": "wrong", "event": {"user": "x"}, "expected": false},
        {"name": "miss", "event": {}, "expected": false}]"#;
    let input = folder(&[
        ("a/a.yml", "fake:\nuser=x"),
        ("a/events.json", events),
        ("b/b.yml", "fake:\nbad"),
        ("c.yml", "other: 1"),
    ]);
    let run = command::<super::test::Test>(
        &[text(input.path()), "--format", "json"],
        |test, console| test.run(REGISTRY, console),
    );
    assert_eq!(run.exit, Exit::Refused);
    let lines: Vec<serde_json::Value> = run
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 5, "{}", run.out);
    assert_eq!(lines[0]["rules"][0], "user");
    assert_eq!(lines[1]["alert"]["severity"], "medium");
    assert_eq!(lines[2]["passed"], false);
    assert_eq!(lines[3]["verdict"], false);
    assert!(lines[3].get("alert").is_none());
    assert_eq!(lines[4]["rules"], serde_json::json!([]));
    assert_eq!(lines[4]["diagnostics"][0]["code"], "YML002");
}

#[test]
fn events_are_matched() {
    let run = |arguments: &[&str]| {
        command::<super::matching::Match>(arguments, |matching, console| {
            matching.run(REGISTRY, console)
        })
    };
    let input = folder(&[
        ("a.yml", "fake:\nuser=x\nhost=y"),
        (
            "log",
            "{\"user\": \"x\", \"host\": \"y\"}\n\n{\"user\": \"y\"}\n{\"host\": \"y\"}\n",
        ),
        ("bad", "{\"user\": \"x\"}\n[1]\n{\"user\"\n"),
        ("many", &"{\"user\": \"x\"}\n".repeat(5_000)),
    ]);
    let at = |name: &str| input.path().join(name);
    let (rules, log) = (at("a.yml"), at("log"));
    let seen = run(&[text(&rules), "--events", text(&log)]);
    assert_eq!(seen.exit, Exit::Success);
    assert_eq!(seen.out, "1: user, host\n3: host\n");
    assert_eq!(seen.err, "2 rules, 3 events: 2 matched\n");
    let json = run(&[text(&rules), "--events", text(&log), "--format", "json"]);
    let second: serde_json::Value = serde_json::from_str(json.out.lines().nth(1).unwrap()).unwrap();
    assert_eq!(second, serde_json::json!({"event": 2, "rules": []}));
    let bad = run(&[text(&rules), "--events", text(&at("bad"))]);
    assert_eq!((bad.exit, bad.out.as_str()), (Exit::Failure, "1: user\n"));
    assert!(bad.err.contains("bad:2: an event must be"), "{}", bad.err);
    assert!(bad.err.contains("bad:3:"), "{}", bad.err);
    let many = run(&[text(&rules), "--events", text(&at("many"))]);
    let numbers = many.out.lines().map(|line| line.split(':').next().unwrap());
    assert!(numbers.eq((1..=5_000).map(|at| at.to_string())), "in order");
    let none = run(&[text(&rules), "--events", "none"]);
    assert_eq!(none.exit, Exit::Failure);
    assert!(none.err.contains("SRC001"), "{}", none.err);
    let both = run(&["-", "--events", "-"]);
    assert!(both.err.contains("CLI001"), "{}", both.err);
}

#[test]
fn codes_and_rules_are_explained() {
    let explain = |arguments: &[&str]| {
        command::<super::explain::Explain>(arguments, |explain, console| {
            explain.run(REGISTRY, console)
        })
    };
    assert!(
        explain(&["fid001"])
            .out
            .starts_with("FID001: the translation is wider")
    );
    assert_eq!(explain(&["FID999"]).exit, Exit::Failure);
    assert!(explain(&["FID999"]).err.contains("CLI001"));
    assert!(explain(&["none.yml"]).err.contains("SRC001"));
    let input = folder(&[("a.yml", "fake:\nuser=x")]);
    let path = input.path().join("a.yml");
    assert!(
        explain(&[text(&path)])
            .out
            .contains("select   user eq \"x\"\n")
    );
    let json: serde_json::Value =
        serde_json::from_str(&explain(&[text(&path), "--format", "json"]).out).unwrap();
    assert_eq!(json["rule"]["metadata"]["id"], "user");
}

#[test]
fn tables_and_targets_have_their_forms() {
    let tables = |arguments: &[&str]| {
        command::<super::tables::Tables>(arguments, |tables, console| tables.run(REGISTRY, console))
    };
    let input = folder(&[("a.yml", "fake:\nuser=x\nhost=y")]);
    let path = input.path().join("a.yml");
    let page = tables(&[text(&path)]).out;
    assert!(page.contains("| `user` | eq | `x` |"), "{page}");
    let csv = tables(&[text(&path), "--format", "csv", "--table", "indicators"]).out;
    assert_eq!(
        csv,
        "Rule,Field,Kind,Values\r\nuser,user,eq,x\r\nhost,host,eq,y\r\n"
    );
    let json = tables(&[text(&path), "--format", "json", "--table", "indicators"]).out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json[1]["indicators"][0]["field"], "host");
    assert!(json[1].get("outputs").is_none());
    let targets =
        command::<super::targets::Targets>(&["--format", "markdown"], |targets, console| {
            targets.run(REGISTRY, console)
        });
    assert!(
        targets
            .out
            .starts_with("| operator | one | two |\n|---|---|---|\n| eq | exact | exact |\n")
    );
}
