//! Fields that a target has no name for: refused alike by every target, and told with a file that is good for `--schema` once the
//! missing name is filled in.

use std::path::PathBuf;

use indexmap::IndexMap;
use rulec::backend::{self, Approximate, Context, Templates, Translation, Unmapped};
use rulec::diagnostic::{Code, Diagnostics, Severity};
use rulec::frontend::{Memory, Tuning};
use rulec::ir::Rule;
use rulec::normalize::normalize;
use rulec::schema::Crosswalk;
use rulec::source::Sources;
use rulec::{Environment, export_with, import_with};

const PANTHER: &str = "AnalysisType: rule\nRuleID: A.B\nFilename: a.py\nEnabled: true\nLogTypes: [AWS.CloudTrail]\nSeverity: Low\n";
const SIGMA: &str = "title: T\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n  s: {eventName: a, oddName: b}\n  condition: s\n";

fn panther(body: &str) -> (&'static str, String) {
    (PANTHER, format!("def rule(event):\n    return {body}\n"))
}

/// The one rule of a text; the second is the Python beside it.
fn read(text: &str, python: &str, crosswalk: &Crosswalk) -> Rule {
    let files: IndexMap<PathBuf, Vec<u8>> =
        [(PathBuf::from("a.py"), python.as_bytes().to_vec())].into();
    let (mut sources, mut diagnostics) = (Sources::new(), Diagnostics::new());
    let id = sources.add("rule.yml", text);
    let environment = Environment {
        loader: &files,
        memory: &Memory::default(),
        crosswalk,
        tuning: Tuning::none(),
    };
    let found = import_with(id, None, &mut sources, &environment, &mut diagnostics);
    assert!(!diagnostics.has_errors(), "{text}");
    normalize(found.rules.into_iter().next().unwrap())
}

fn write(rule: &Rule, target: &str, crosswalk: &Crosswalk, unmapped: Unmapped) -> Translation {
    let templates = Templates::builtin();
    let context = Context {
        unmapped,
        ..Context::new(crosswalk, &templates)
    };
    export_with(rule, backend::target(target).unwrap(), &context)
}

/// The texts of all files; empty where the rule is refused.
fn text(translation: &Translation) -> String {
    let texts = translation.artifacts.iter();
    texts.map(|artifact| artifact.text.as_str()).collect()
}

/// The file that the help of the error gives.
fn stanza(translation: &Translation) -> String {
    let errors = translation.report.diagnostics.iter();
    let mut errors = errors.filter(|one| one.severity == Severity::Error);
    let error = errors.next().unwrap();
    assert_eq!(error.code, Code::UnmappedField, "{}", error.message);
    let help = error.help.clone().unwrap();
    help[help.find("schema_version").unwrap()..].to_owned()
}

fn overlaid(file: &str) -> Crosswalk {
    let mut sources = Sources::new();
    let id = sources.add("own.yml", file);
    let (crosswalk, found) = Crosswalk::with_files([(id, file)]);
    let said: Vec<&str> = found.iter().map(|one| one.message.as_str()).collect();
    assert!(said.is_empty(), "{file}\n{said:?}");
    crosswalk
}

#[test]
fn the_help_is_a_file_that_makes_the_rule_translatable() {
    let nested = panther("event.deep_get('oddThing', 'deep') == 'x'");
    let known = panther("event.get('sessionCredentialFromConsole') == 'true'");
    let query = "AWSCloudTrail\n| where OperationName == \"x\"\n".to_owned();
    for ((rule, python), target, placeholder, name, expected) in [
        (
            panther("event.get('oddName') == 'x'"),
            "kql",
            "COLUMN",
            "OperationName",
            "OperationName == \"x\"",
        ),
        (
            nested,
            "sentinel",
            "COLUMN",
            "OperationName",
            "OperationName == \"x\"",
        ),
        (known, "kql", "COLUMN", "OperationName", "OperationName"),
        (
            (query.as_str(), String::new()),
            "panther",
            "FIELD",
            "ownName",
            "event.get(\"ownName\")",
        ),
        (
            (query.as_str(), String::new()),
            "sigma",
            "FIELD",
            "ownName",
            "ownName",
        ),
        (
            (SIGMA, String::new()),
            "panther",
            "FIELD",
            "ownName",
            "event.get(\"ownName\")",
        ),
        (
            (SIGMA, String::new()),
            "kql",
            "COLUMN",
            "OperationName",
            "OperationName =~ \"b\"",
        ),
    ] {
        let builtin = Crosswalk::builtin();
        let refused = write(
            &read(rule, &python, builtin),
            target,
            builtin,
            Unmapped::Refuse,
        );
        assert_eq!(text(&refused), "", "{target}: {rule}{python}");
        let file = stanza(&refused);
        assert!(file.contains(placeholder), "{file}");
        let own = overlaid(&file.replace(placeholder, name));
        let written = write(&read(rule, &python, &own), target, &own, Unmapped::Refuse);
        assert!(
            text(&written).contains(expected),
            "{file}\n{}",
            text(&written)
        );
    }
}

#[test]
fn the_diagnostic_names_rule_field_and_what_comes_close() {
    let builtin = Crosswalk::builtin();
    let (rule, python) = panther("event.get('awsRegin') == 'x'");
    let refused = write(
        &read(rule, &python, builtin),
        "kql",
        builtin,
        Unmapped::Refuse,
    );
    let error = refused.report.diagnostics.iter().next().unwrap();
    for part in ["`A.B`", "`awsRegin`", "`AWSCloudTrail`", "`AWSRegion`"] {
        assert!(error.message.contains(part), "{}", error.message);
    }
    assert!(!error.labels.is_empty());
}

#[test]
fn a_rule_goes_back_to_its_own_format() {
    let builtin = Crosswalk::builtin();
    let rule = read(SIGMA, "", builtin);
    assert!(text(&write(&rule, "sigma", builtin, Unmapped::Refuse)).contains("oddName"));
    assert_eq!(text(&write(&rule, "native", builtin, Unmapped::Refuse)), "");
    let (yaml, python) = panther("event.get('oddName') == 'x'");
    let rule = read(yaml, &python, builtin);
    for target in ["panther", "native", "sigma"] {
        let written = write(&rule, target, builtin, Unmapped::Refuse);
        assert!(text(&written).contains("oddName"), "{target}");
    }
    let query = "AWSCloudTrail\n| where OperationName == \"x\"\n| where Own_CF has \"y\"\n";
    let rule = read(query, "", builtin);
    assert!(text(&write(&rule, "kql", builtin, Unmapped::Refuse)).contains("Own_CF has \"y\""));
}

#[test]
fn what_passes_through_is_a_valid_access() {
    let builtin = Crosswalk::builtin();
    for (body, expected) in [
        (
            "event.get('oddName') == 'x'",
            "column_ifexists(\"oddName\", \"\")",
        ),
        (
            "event.deep_get('odd', 'name') == 'x'",
            "parse_json(column_ifexists(\"odd\", \"\")).name",
        ),
    ] {
        let (yaml, python) = panther(body);
        let rule = read(yaml, &python, builtin);
        for (unmapped, told) in [(Unmapped::PassThrough, 0), (Unmapped::Warn, 1)] {
            let written = write(&rule, "kql", builtin, unmapped);
            assert!(text(&written).contains(expected), "{}", text(&written));
            let warnings = written.report.diagnostics.iter();
            let warnings = warnings.filter(|one| one.code == Code::UnmappedField);
            assert_eq!(warnings.count(), told, "{body}");
        }
    }
    let rule = read(SIGMA, "", builtin);
    for target in ["panther", "native"] {
        let written = write(&rule, target, builtin, Unmapped::PassThrough);
        assert!(text(&written).contains("oddName"), "{target}");
    }
}

#[test]
fn an_unmapped_atom_is_replaced_only_where_that_matches_more() {
    let builtin = Crosswalk::builtin();
    let wider = |rule: &Rule, target: &str| {
        let templates = Templates::builtin();
        let context = Context {
            approximate: Approximate::Wider,
            ..Context::new(builtin, &templates)
        };
        export_with(rule, backend::target(target).unwrap(), &context)
    };
    for (body, expected) in [
        (
            "event.get('eventName') == 'a' and event.get('odd') == 'x'",
            "AWSCloudTrail\n| where EventName == \"a\"\n",
        ),
        (
            "event.get('eventName') == 'a' and event.get('odd') != 'x'",
            "AWSCloudTrail\n| where EventName == \"a\"\n",
        ),
        (
            "event.get('eventName') == 'a' and not (event.get('odd') == 'x' and event.get('awsRegion') == 'b')",
            "AWSCloudTrail\n| where EventName == \"a\"\n",
        ),
        (
            "event.get('eventName') == 'a' and not (event.get('odd') == 'x' or event.get('awsRegion') == 'b')",
            "AWSCloudTrail\n| where EventName == \"a\"\n| where AWSRegion != \"b\"\n",
        ),
        ("event.get('odd') == 'x'", ""),
    ] {
        let (yaml, python) = panther(body);
        let written = wider(&read(yaml, &python, builtin), "kql");
        assert!(
            text(&written).contains(expected),
            "{body}\n{}",
            text(&written)
        );
        assert_eq!(text(&written).is_empty(), expected.is_empty(), "{body}");
        if !expected.is_empty() {
            let said = written.report.diagnostics.iter();
            assert!(said.clone().any(|one| one.code == Code::Wider), "{body}");
        }
    }
    let written = text(&wider(&read(SIGMA, "", builtin), "panther"));
    assert!(
        written.contains("eventName") && !written.contains("oddName"),
        "{written}"
    );
}
