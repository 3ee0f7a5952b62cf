//! Fields that a target has no name for: refused alike by every target, and told with a file that is good for `--schema` once the
//! missing name is filled in.

use std::path::PathBuf;

use indexmap::IndexMap;
use rulec::analysis::Fidelity;
use rulec::backend::{self, Approximate, Context, Templates, Translation, Unmapped};
use rulec::diagnostic::{Code, Diagnostics, Severity};
use rulec::eval;
use rulec::frontend::{Memory, Tuning};
use rulec::ir::{Function, Output, Rule, Stage, Term};
use rulec::normalize::normalize;
use rulec::schema::Crosswalk;
use rulec::source::Sources;
use rulec::{Environment, export_with, import_with};
use serde_json::json;

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
fn text_of(translation: &Translation) -> String {
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
        assert_eq!(text_of(&refused), "", "{target}: {rule}{python}");
        let file = stanza(&refused);
        assert!(file.contains(placeholder), "{file}");
        let own = overlaid(&file.replace(placeholder, name));
        let written = write(&read(rule, &python, &own), target, &own, Unmapped::Refuse);
        assert!(
            text_of(&written).contains(expected),
            "{file}\n{}",
            text_of(&written)
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
    assert!(text_of(&write(&rule, "sigma", builtin, Unmapped::Refuse)).contains("oddName"));
    assert_eq!(
        text_of(&write(&rule, "native", builtin, Unmapped::Refuse)),
        ""
    );
    let (yaml, python) = panther("event.get('oddName') == 'x'");
    let rule = read(yaml, &python, builtin);
    for target in ["panther", "native", "sigma"] {
        let written = write(&rule, target, builtin, Unmapped::Refuse);
        assert!(text_of(&written).contains("oddName"), "{target}");
    }
    let query = "AWSCloudTrail\n| where OperationName == \"x\"\n| where Own_CF has \"y\"\n";
    let rule = read(query, "", builtin);
    assert!(text_of(&write(&rule, "kql", builtin, Unmapped::Refuse)).contains("Own_CF has \"y\""));
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
            assert!(
                text_of(&written).contains(expected),
                "{}",
                text_of(&written)
            );
            let warnings = written.report.diagnostics.iter();
            let warnings = warnings.filter(|one| one.code == Code::UnmappedField);
            assert_eq!(warnings.count(), told, "{body}");
        }
    }
    let rule = read(SIGMA, "", builtin);
    for target in ["panther", "native"] {
        let written = write(&rule, target, builtin, Unmapped::PassThrough);
        assert!(text_of(&written).contains("oddName"), "{target}");
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
            text_of(&written).contains(expected),
            "{body}\n{}",
            text_of(&written)
        );
        assert_eq!(text_of(&written).is_empty(), expected.is_empty(), "{body}");
        if !expected.is_empty() {
            let said = written.report.diagnostics.iter();
            assert!(said.clone().any(|one| one.code == Code::Wider), "{body}");
        }
    }
    let written = text_of(&wider(&read(SIGMA, "", builtin), "panther"));
    assert!(
        written.contains("eventName") && !written.contains("oddName"),
        "{written}"
    );
}

#[test]
fn what_is_shown_keeps_what_has_a_name() {
    let builtin = Crosswalk::builtin();
    let mut rule = read(&SIGMA.replace(", oddName: b", ""), "", builtin);
    let (odd, known) = (Term::field(["oddName"]), Term::field(["eventName"]));
    let title = [odd.clone(), Term::text(" did "), known.clone()];
    rule.alert.title = Some(Term::call(Function::Concat, title));
    rule.alert.description = Some(odd.clone());
    let output = |name: &str, source: Term| Output {
        name: name.to_owned(),
        source,
        when: None,
        stage: Stage::Fields,
        origin: rule.origin,
    };
    let either = Term::call(Function::Coalesce, [odd.clone(), known.clone()]);
    rule.outputs = vec![output("odd", odd), output("either", either)];
    for target in ["panther", "native"] {
        let translation = write(&rule, target, builtin, Unmapped::Refuse);
        for what in ["title", "description", "output odd", "output either"] {
            let constructs = translation.report.constructs.iter();
            let told: Vec<_> = constructs.filter(|one| one.what == what).collect();
            assert_eq!(told.len(), 1, "{target}: {what}");
            assert_eq!(told[0].fidelity, Fidelity::Narrower, "{target}: {what}");
            assert_eq!(told[0].code, Some(Code::ShownWithout), "{target}: {what}");
        }
        let written = text_of(&translation);
        assert!(written.contains(" did "), "{target}: {written}");
        assert!(written.contains("either"), "{target}: {written}");
        assert!(!written.contains("oddName"), "{target}: {written}");
        let own = write(&rule, target, builtin, Unmapped::PassThrough);
        assert!(text_of(&own).contains("oddName"), "{target}");
    }
    let event = json!({"eventName": "a"});
    let shown = eval::shown(&rule, &event);
    let translation = write(&rule, "panther", builtin, Unmapped::Refuse);
    let files: IndexMap<PathBuf, Vec<u8>> = translation
        .artifacts
        .iter()
        .map(|one| (one.path.clone(), one.text.clone().into_bytes()))
        .collect();
    let yaml = translation.artifacts.iter();
    let mut yaml = yaml.filter(|one| one.path.extension().is_some_and(|end| end == "yml"));
    let yaml = yaml.next().unwrap();
    let (mut sources, mut diagnostics) = (Sources::new(), Diagnostics::new());
    let id = sources.add(&yaml.path, yaml.text.as_str());
    let environment = Environment {
        loader: &files,
        memory: &Memory::default(),
        crosswalk: builtin,
        tuning: Tuning::none(),
    };
    let back = import_with(id, None, &mut sources, &environment, &mut diagnostics);
    let again = eval::shown(&back.rules[0], &event);
    assert_eq!(again.title, shown.title);
    assert_eq!(again.title.as_deref(), Some(" did a"));
}
