//! The frontend on whole rules held in memory: verdicts against CPython's, refusals, outputs, documents.

mod scan;
mod shown;

use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Panther;
use crate::diagnostic::{Code, Diagnostics, Severity};
use crate::eval;
use crate::frontend::{Context, Frontend};
use crate::ir::Rule;
use crate::source::Sources;
use crate::{normalize, syntax::yaml};

const YAML: &str = "AnalysisType: rule\nRuleID: Test.Rule\nEnabled: true\nSeverity: Low\nLogTypes: [AWS.CloudTrail]\nFilename: rule.py\n";

const POLICY: &str = "AnalysisType: policy\nPolicyID: Test.Policy\nEnabled: true\nSeverity: Low\nResourceTypes: [AWS.S3.Bucket]\nFilename: rule.py\n";

fn import(files: &[(&str, &str)]) -> (Vec<Rule>, Diagnostics, Sources) {
    let mut loader: IndexMap<PathBuf, Vec<u8>> = IndexMap::new();
    for (path, text) in files {
        loader.insert(PathBuf::from(path), text.as_bytes().to_vec());
    }
    let (mut sources, mut diagnostics) = (Sources::new(), Diagnostics::new());
    let id = sources.add(Path::new(files[0].0), files[0].1);
    let mut context = Context {
        sources: &mut sources,
        loader: &loader,
        memory: &crate::frontend::Memory::default(),
        crosswalk: crate::schema::Crosswalk::builtin(),
        tuning: crate::frontend::Tuning::none(),
        diagnostics: &mut diagnostics,
        undecided: Vec::new(),
        accompanies: false,
    };
    let rules = Panther::new().import(id, &mut context);
    (rules, diagnostics, sources)
}

fn rule_of(yaml: &str, python: &str) -> Rule {
    let (rules, diagnostics, _) = import(&[("rules/rule.yml", yaml), ("rules/rule.py", python)]);
    let first: Vec<_> = diagnostics.iter().map(|d| d.message.clone()).collect();
    rules
        .into_iter()
        .next()
        .unwrap_or_else(|| panic!("{first:?}\n{python}"))
}

fn python(body: &str) -> Rule {
    rule_of(YAML, body)
}

/// The condition in normal form, on one line.
fn selection(body: &str) -> String {
    normalize::condition(python(body).selection).to_string()
}

#[derive(Deserialize)]
struct Verdicts {
    values: Vec<IndexMap<String, Value>>,
    few: Vec<IndexMap<String, Value>>,
    rules: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    python: String,
    verdicts: String,
}

impl Verdicts {
    fn events(&self, source: &str) -> Vec<Value> {
        let names: Vec<&str> = ["f1", "f2"]
            .into_iter()
            .filter(|name| {
                source.contains(&format!("\"{name}\"")) || source.contains(&format!("'{name}'"))
            })
            .collect();
        let values = if names.contains(&"f2") {
            &self.few
        } else {
            &self.values
        };
        let mut events = vec![json!({})];
        for name in names {
            events = events
                .iter()
                .flat_map(|event| {
                    values.iter().map(move |value| {
                        let mut event = event.clone();
                        if let Some(value) = value.get("is") {
                            event[name] = value.clone();
                        }
                        event
                    })
                })
                .collect();
        }
        events
    }
}

#[test]
fn functions_of_operators_are_the_operators() {
    let called = |call: &str| {
        selection(&format!(
            "import operator\n\n\ndef apply(operation, one, other):\n    return operation(one, other)\n\n\ndef rule(event):\n    return {call} > 3\n"
        ))
    };
    let written = |text: &str| selection(&format!("def rule(event):\n    return {text} > 3\n"));
    for (name, sign) in [("sub", "-"), ("truediv", "/"), ("and_", "&")] {
        let call = format!("apply(operator.{name}, event.get(\"a\"), 2)");
        let text = format!("event.get(\"a\") {sign} 2");
        assert_eq!(called(&call), written(&text), "{name}");
    }
    let (_, diagnostics, _) = import(&[
        ("rules/rule.yml", YAML),
        (
            "rules/rule.py",
            "import operator\n\n\ndef rule(event):\n    return operator.sub(event.get(\"a\")) > 3\n",
        ),
    ]);
    assert!(
        diagnostics
            .iter()
            .any(|said| said.severity == Severity::Error)
    );
}

/// `verdicts.yml` and the files of `verdicts/`, one for each topic.
#[allow(clippy::disallowed_methods, reason = "a test reads its own data")]
fn verdict_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/frontend/panther");
    let topics = std::fs::read_dir(folder.join("verdicts")).unwrap();
    let mut files: Vec<PathBuf> = topics.map(|entry| entry.unwrap().path()).collect();
    files.push(folder.join("verdicts.yml"));
    files.sort();
    files
}

#[test]
#[allow(clippy::disallowed_methods, reason = "a test reads its own data")]
fn verdicts_are_cpythons() {
    let (mut judged, mut wrong) = (0, Vec::new());
    for file in verdict_files() {
        let text = std::fs::read_to_string(&file).unwrap();
        let mut sources = Sources::new();
        sources.add(&file, text.as_str());
        let verdicts: Verdicts = yaml::data(&text).unwrap();
        judged += judge(&verdicts, &file, &mut wrong);
    }
    assert!(judged > 5_000, "{judged}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Compares the verdicts of every entry; how many there were.
fn judge(verdicts: &Verdicts, file: &Path, wrong: &mut Vec<String>) -> usize {
    let mut judged = 0;
    let name = file.file_stem().unwrap().to_string_lossy();
    for (number, entry) in verdicts.rules.iter().enumerate() {
        let lowered = if entry.python.contains("def policy(") {
            rule_of(POLICY, &entry.python).selection
        } else {
            python(&entry.python).selection
        };
        let normal = normalize::condition(lowered.clone());
        let letters: Vec<char> = entry
            .verdicts
            .chars()
            .filter(|c| !c.is_whitespace())
            .collect();
        let events = verdicts.events(&entry.python);
        assert_eq!(events.len(), letters.len(), "{}", entry.python);
        for (at, (event, letter)) in events.iter().zip(letters).enumerate() {
            let found = [&lowered, &normal].map(|condition| eval::holds(condition, event));
            if letter != '~' && found != [letter == 'T'; 2] {
                wrong.push(format!("{name} {number} {at} {event} {letter} {found:?}"));
            }
            judged += 1;
        }
    }
    judged
}

#[test]
fn guards_are_absorbed() {
    for (body, expected) in [
        (
            "def rule(event):\n    return event.get('a', {}).get('b', '').startswith('x')\n",
            "a.b starts_with \"x\"",
        ),
        (
            "def text(event, *path):\n    value = event.deep_get(*path)\n    return value if isinstance(value, str) else ''\n\n\ndef rule(event):\n    return text(event, 'a', 'b').startswith('x')\n",
            "a.b starts_with \"x\"",
        ),
        (
            "def rule(event):\n    return (event.get('a') or {}).get('b') in {'x', 'y'}\n",
            "a.b in [\"x\", \"y\"]",
        ),
        (
            "def rule(event):\n    return event.deep_get('a', 'b', default='').lower() == 'x'\n",
            "a.b eq \"x\" (any case)",
        ),
    ] {
        assert_eq!(selection(body), expected, "{body}");
    }
}

#[test]
fn what_cannot_be_expressed_is_refused_at_its_place() {
    for (code, at, body) in [
        (
            Code::PythonUnsupported,
            "hash(event.get('a'))",
            "def rule(event):\n    return hash(event.get('a')) == 1\n",
        ),
        (
            Code::PythonUnsupported,
            "re.search(r'(?=a)', event.get('a'))",
            "import re\ndef rule(event):\n    return bool(re.search(r'(?=a)', event.get('a')))\n",
        ),
        (
            Code::PythonUnsupported,
            "while event.get('a'):\n        pass",
            "def rule(event):\n    while event.get('a'):\n        pass\n    return True\n",
        ),
        (
            Code::PythonClock,
            "datetime.now()",
            "from datetime import datetime\ndef rule(event):\n    return str(datetime.now()) == 'x'\n",
        ),
        (
            Code::PythonStateful,
            "get_string_set('k')",
            "from panther_detection_helpers.caching import get_string_set\ndef rule(event):\n    return bool(get_string_set('k'))\n",
        ),
        (
            Code::PythonUnsupported,
            "helper(event)",
            "from not_there import helper\ndef rule(event):\n    return helper(event)\n",
        ),
        (
            Code::PythonMissingFunction,
            "",
            "def rules(event):\n    return True\n",
        ),
        (Code::PythonSyntax, "", "def rule(event):\n    return (\n"),
        (
            Code::PythonCarried,
            "event.get('a') in SEEN",
            "SEEN = []\ndef rule(event):\n    if event.get('a') in SEEN:\n        return True\n    SEEN.append(event.get('a'))\n    return False\n",
        ),
        (
            Code::PythonStateful,
            "get_string_set('k')",
            "import shlex\nfrom panther_detection_helpers.caching import get_string_set\ndef look(event):\n    return get_string_set('k')\ndef rule(event):\n    hash(event)\n    return bool(look(event))\n",
        ),
        (
            Code::PythonCarried,
            "LAST == event.get('a')",
            "LAST = None\ndef rule(event):\n    global LAST\n    same = LAST == event.get('a')\n    LAST = event.get('a')\n    return same\n",
        ),
        (
            Code::PythonUnsupported,
            "def __eq__",
            "class A:\n    @property\n    def x(self):\n        return 1\n    def __eq__(self, other):\n        return True\ndef rule(event):\n    return A().x == 1\n",
        ),
        (
            Code::PythonBudget,
            "",
            "def f(x):\n    return f(x)\ndef rule(event):\n    return f(event)\n",
        ),
    ] {
        let (rules, diagnostics, sources) = import(&[("rule.yml", YAML), ("rule.py", body)]);
        assert!(rules.is_empty(), "{body}");
        let error = diagnostics
            .iter()
            .find(|d| d.severity == Severity::Error)
            .unwrap();
        assert_eq!(error.code, code, "{body}: {}", error.message);
        let text = sources.text(error.labels[0].span);
        assert!(text.starts_with(at), "{body}: {text}");
    }
}

#[test]
fn documents() {
    for (yaml, codes) in [
        ("AnalysisType: global\nFilename: a.py\n", vec![]),
        ("AnalysisType: pack\n", vec![]),
        ("AnalysisType: policy\n", vec![Code::YamlShape; 2]),
        (
            "AnalysisType: correlation_rule\n",
            vec![Code::YamlShape, Code::YamlShape],
        ),
        ("AnalysisType: rule\nDetection: []\n", vec![Code::YamlShape]),
        ("AnalysisType: ruel\n", vec![Code::YamlShape]),
        (
            "AnalysisType: rule\n",
            vec![Code::YamlShape, Code::YamlShape],
        ),
        ("AnalysisType: [\n", vec![Code::YamlSyntax]),
        (YAML, vec![Code::MissingCompanion]),
    ] {
        let (rules, diagnostics, _) = import(&[("rule.yml", yaml)]);
        assert!(rules.is_empty(), "{yaml}");
        let found: Vec<Code> = diagnostics.iter().map(|d| d.code).collect();
        assert_eq!(found, codes, "{yaml}");
    }
    assert!(Panther::new().recognises(YAML));
    assert!(!Panther::new().recognises("title: x\ndetection: {}\n"));
}

#[test]
fn metadata_and_tests() {
    let yaml = format!(
        "{YAML}DisplayName: A rule\nReports:\n  MITRE ATT&CK:\n    - TA0007:T1526\n  CIS:\n    - \"1.2\"\nSummaryAttributes: [a]\nTests:\n  - Name: one\n    ExpectedResult: true\n    Log: {{a: 1}}\n  - Name: two\n    ExpectedResult: true\n"
    );
    let files = [
        ("x/rule.yml", yaml.as_str()),
        ("x/rule.py", "def rule(event):\n    return True\n"),
    ];
    let (rules, diagnostics, _) = import(&files);
    let rule = &rules[0];
    assert_eq!(rule.metadata.name, "A rule");
    assert_eq!(rule.metadata.attack[0].technique.as_deref(), Some("T1526"));
    assert_eq!(rule.preserved.keys["Reports"], json!({"CIS": ["1.2"]}));
    assert_eq!(rule.preserved.keys["SummaryAttributes"], json!(["a"]));
    let names: Vec<&str> = rule.tests.iter().map(|test| test.name.as_str()).collect();
    assert_eq!(names, ["one"]);
    let codes: Vec<Code> = diagnostics.iter().map(|d| d.code).collect();
    assert_eq!(codes, [Code::TestShape]);
    assert_eq!(rule.dedup_window, Some(3_600));
}

#[test]
fn outputs_thresholds_and_helpers() {
    let helper = "def who(event):\n    return event.deep_get('user', 'name', default='<nobody>')\n\n\ndef context(event):\n    return {'ip': event.get('ip'), 'user': event.get('user')}\n";
    let python = "from helper import who, context\n\n\ndef rule(event):\n    return event.get('a') == 1\n\n\ndef title(event):\n    return f'{who(event)} did {event.get(\"what\")}'\n\n\ndef dedup(event):\n    return f'{who(event)}:{event.get(\"ip\")}'\n\n\ndef unique(event):\n    return event.get('what')\n\n\ndef severity(event):\n    if event.get('bad'):\n        return 'HIGH'\n    return 'DEFAULT'\n\n\ndef alert_context(event):\n    found = context(event) | {'n': len(event.get('list', []))}\n    found['weird'] = hash(event)\n    if event.get('more'):\n        found['more'] = event.get('more')\n    return found\n";
    let yaml = format!("{YAML}Threshold: 5\nDedupPeriodMinutes: 10\n");
    let (rules, diagnostics, _) = import(&[
        ("a/b/rule.yml", &yaml),
        ("a/b/rule.py", python),
        ("a/global_helpers/helper.py", helper),
    ]);
    let rule = &rules[0];
    let text = rule.to_string();
    for line in [
        "count    distinct what >= 5 by user.name, ip within 10m (window from the first match)",
        "output   ip",
        "output   n = length(list) if list exists, else 0",
        "output   more, where more truthy",
        "title    display_event(coalesce(user.name, \"<nobody>\")) + \" did \" + display_event(what)",
        "severity \"high\" if bad truthy, else \"low\"",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let messages: Vec<&str> = diagnostics.iter().map(|d| d.message.as_str()).collect();
    assert_eq!(messages.len(), 1, "{messages:?}");
    assert!(
        messages[0].starts_with("`weird` cannot be expressed"),
        "{messages:?}"
    );
}

#[test]
fn a_threshold_without_its_group_is_refused() {
    let rule = "def rule(event):\n    return True\n";
    for (function, threshold, read) in
        [("dedup", 5, false), ("title", 5, false), ("dedup", 1, true)]
    {
        let python = format!("{rule}\n\ndef {function}(event):\n    return str(hash(event))\n");
        let yaml = format!("{YAML}Threshold: {threshold}\n");
        let (rules, diagnostics, _) = import(&[("rule.yml", &yaml), ("rule.py", &python)]);
        assert_eq!(rules.len(), usize::from(read), "{function} {threshold}");
        assert_eq!(diagnostics.has_errors(), !read, "{function} {threshold}");
    }
}

#[test]
fn no_python_exhausts_the_machine() {
    let get = "event.get('a')";
    let doubling: String = (0..60).fold(String::new(), |text, at| {
        text + &format!("    if event.get('k{at}'):\n        x = x + '{at}'\n")
    });
    for body in [
        format!("    return {}{get}{}\n", "bool(".repeat(70), ")".repeat(70)),
        format!("    x = 'a'\n{doubling}    return x == 'b'\n"),
        "    for a in range(5000):\n        for b in range(5000):\n            if event.get('x') == a * b:\n                return True\n    return False\n".to_owned(),
        format!("    x = ['ab']\n{}    return event.get('a') in x\n", "    x = [x, x]\n".repeat(60)),
        format!("    x = 'ab'\n{}    return event.get('a') == x\n", "    x = x + x\n".repeat(60)),
        format!("    x = 'ab'\n{}    return event.get('a') == x\n", "    x = x * 999\n".repeat(9)),
    ] {
        let body = format!("def rule(event):\n{body}");
        let _ = import(&[("rule.yml", YAML), ("rule.py", &body)]);
    }
}

#[test]
fn the_functions_of_an_alert_see_what_the_rule_left() {
    let python = r#"
KIND = "unknown"
SEEN = []


class Finding:
    def __init__(self):
        self.notes = {}

    def note(self, key, value):
        if value:
            self.notes[key] = value


FINDING = None


def rule(event):
    global KIND, FINDING
    FINDING = Finding()
    FINDING.note("user", event.get("user"))
    if event.get("a") == 1:
        KIND = "one"
        return True
    if event.get("a") == 2:
        KIND = event.get("kind")
        return True
    return False


def title(event):
    SEEN.append("title")
    return f"{KIND} found"


def dedup(event):
    return SEEN[0]


def alert_context(event):
    context = {"kind": KIND}
    context.update(FINDING.notes)
    other = context
    other["more"] = [event.get("x")]
    del other["kind"]
    return context
"#;
    let text = rule_of(YAML, python).to_string();
    for line in [
        "output   user, where user truthy",
        "output   more = list(x)",
        "title    ",
        "dedup    \"title\"",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(
        text.contains("\"one\" if") && text.contains("kind"),
        "{text}"
    );
    assert!(!text.contains("output   kind"), "{text}");
}

#[test]
fn tests_with_mocks_have_the_rule_as_it_is_then() {
    let python = "import json\nfrom unittest.mock import MagicMock\nALLOWED = []\ndef known(event):\n    return False\n\ndef rule(event):\n    global ALLOWED\n    if isinstance(ALLOWED, MagicMock):\n        ALLOWED = json.loads(ALLOWED())\n    return event.get('a') not in ALLOWED and not known(event)\n";
    let tests = "Tests:\n  - {Name: plain, ExpectedResult: true, Log: {a: x}}\n  - {Name: same, ExpectedResult: true, Log: {a: x}, Mocks: [{objectName: other, returnValue: y}]}\n  - {Name: allowed, ExpectedResult: false, Log: {a: x}, Mocks: [{objectName: ALLOWED, returnValue: '[\"x\"]'}]}\n  - {Name: known, ExpectedResult: false, Log: {a: x}, Mocks: [{objectName: known, returnValue: true}]}\n";
    let rule = rule_of(&format!("{YAML}{tests}"), python);
    let plain: Vec<&str> = rule.tests.iter().map(|test| test.name.as_str()).collect();
    assert_eq!(plain, ["plain", "same"]);
    assert!(
        rule.tests
            .iter()
            .all(|test| eval::matches(&rule, &test.event) == test.expected)
    );
    let names: Vec<&str> = rule
        .variants
        .iter()
        .map(|variant| variant.test.name.as_str())
        .collect();
    assert_eq!(names, ["allowed", "known"]);
    for variant in &rule.variants {
        assert!(!eval::matches(&rule.under(variant), &variant.test.event));
    }
}
