//! Reading what a backend emitted, from memory.

use std::path::PathBuf;
use std::sync::OnceLock;

use indexmap::IndexMap;
use rulec::backend::{Artifact, Backend, Templates, Translation};
use rulec::diagnostic::render::{Colour, render};
use rulec::diagnostic::{Diagnostics, Severity};
use rulec::frontend;
use rulec::ir::Rule;
use rulec::normalize::normalize;
use rulec::source::{NoFiles, Sources};

/// What became of one rule on its way through a target and back.
pub struct ReadBack {
    pub translation: Translation,
    /// The rule that was read, in normal form; `None` where the target refused it.
    pub rule: Option<Rule>,
}

/// Emits the rule with templates that are read once.
pub fn export(rule: &Rule, target: &dyn Backend) -> Translation {
    static TEMPLATES: OnceLock<Templates> = OnceLock::new();
    let context = rulec::backend::Context::new(
        rulec::schema::Crosswalk::builtin(),
        TEMPLATES.get_or_init(Templates::builtin),
    );
    rulec::export_with(rule, target, &context)
}

/// Emits the rule for the target and reads the artifacts back with the frontend that recognises them.
pub fn through(rule: &Rule, target: &dyn Backend) -> ReadBack {
    let translation = export(rule, target);
    if translation.artifacts.is_empty() {
        return ReadBack {
            translation,
            rule: None,
        };
    }
    let files: IndexMap<PathBuf, Vec<u8>> = translation
        .artifacts
        .iter()
        .map(|artifact| (artifact.path.clone(), artifact.text.clone().into_bytes()))
        .collect();
    let mut recognised = translation
        .artifacts
        .iter()
        .filter(|artifact| frontend::recognise(&artifact.text).is_some());
    let document = recognised
        .next()
        .unwrap_or_else(|| panic!("{}: no artifact is recognised as a rule", target.name()));
    let rule = read(document, &files);
    ReadBack {
        translation,
        rule: Some(normalize(rule)),
    }
}

/// The rule of a query, as one that Sentinel runs every hour over the last fourteen days; nothing where it is none.
pub fn query(text: &str) -> Option<Rule> {
    let text = format!(
        "id: case\nname: case\nkind: Scheduled\nseverity: Low\nqueryFrequency: 1h\nqueryPeriod: 14d\n\
         triggerOperator: gt\ntriggerThreshold: 0\nquery: {}\n",
        serde_json::Value::from(text)
    );
    let mut sources = Sources::new();
    let id = sources.add("case.yaml", text.as_str());
    let format = frontend::format("sentinel");
    let mut diagnostics = Diagnostics::new();
    rulec::import(id, format, &mut sources, &NoFiles, &mut diagnostics).pop()
}

/// The rules of all artifacts, in normal form; nothing where one of them is not read.
pub fn rules(artifacts: &[Artifact]) -> Option<Vec<Rule>> {
    let files: IndexMap<PathBuf, Vec<u8>> = artifacts
        .iter()
        .map(|artifact| (artifact.path.clone(), artifact.text.clone().into_bytes()))
        .collect();
    let mut rules = Vec::new();
    for artifact in artifacts {
        if frontend::recognise(&artifact.text).is_none() {
            continue;
        }
        let mut sources = Sources::new();
        let mut diagnostics = Diagnostics::new();
        let id = sources.add(&artifact.path, artifact.text.clone());
        let read = rulec::import(id, None, &mut sources, &files, &mut diagnostics);
        if diagnostics.has_errors() {
            return None;
        }
        rules.extend(read.into_iter().map(normalize));
    }
    (!rules.is_empty()).then_some(rules)
}

fn read(document: &Artifact, files: &IndexMap<PathBuf, Vec<u8>>) -> Rule {
    let mut sources = Sources::new();
    let mut diagnostics = Diagnostics::new();
    let id = sources.add(&document.path, document.text.clone());
    let mut rules = rulec::import(id, None, &mut sources, files, &mut diagnostics);
    let errors = diagnostics
        .iter()
        .any(|diagnostic| diagnostic.severity == Severity::Error);
    assert!(
        !errors && rules.len() == 1,
        "{}\n{}",
        render(&diagnostics, &sources, Colour::Never),
        document.text
    );
    rules.remove(0)
}
