//! `docs/panther-python.md` says what of Python is read, as importing an example of each construct finds out.
//!
//! With `INSTA_UPDATE=always` the page is written anew; otherwise it must be up to date.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use rulec::diagnostic::{Diagnostics, Severity};
use rulec::frontend::Panther;
use rulec::source::Sources;
use serde::Deserialize;

const RULE: &str = "AnalysisType: rule\nRuleID: Page.Example\nEnabled: true\nSeverity: Low\nLogTypes: [Example.Log]\nFilename: rule.py\n";

#[derive(Deserialize)]
struct Section {
    section: String,
    constructs: IndexMap<String, String>,
}

/// Whether a rule of this Python is read, and what else there is to say.
fn reading(example: &str) -> (bool, String) {
    let python = if example.contains("def rule") {
        example.to_owned()
    } else {
        format!("def rule(event):\n    return bool({example})\n")
    };
    let loader = IndexMap::from([(PathBuf::from("rules/rule.py"), python.into_bytes())]);
    let (mut sources, mut diagnostics) = (Sources::new(), Diagnostics::new());
    let id = sources.add("rules/rule.yml", RULE);
    let rules = rulec::import(
        id,
        Some(&Panther::new()),
        &mut sources,
        &loader,
        &mut diagnostics,
    );
    let notes: Vec<String> = diagnostics
        .iter()
        .filter(|diagnostic| rules.is_empty() || diagnostic.severity != Severity::Error)
        .map(|diagnostic| format!("{}: {}", diagnostic.code.name(), diagnostic.message))
        .collect();
    (!rules.is_empty(), notes.join("; "))
}

fn page() -> String {
    let sections: Vec<Section> =
        serde_yaml::from_str(include_str!("../../docs/panther-python.yml")).unwrap();
    let mut page = String::from(
        "# What rulec reads of Python\n\n\
         <!-- Generated from docs/panther-python.yml by tests/integration/python_page.rs; do not edit. -->\n\n\
         A Panther rule's Python is executed symbolically: every construct that is read means in the compiled rule what CPython\n\
         makes of it, and everything else is refused at its place. Each row was found out by importing an example; `rulec explain\n\
         CODE` tells more about a refusal.\n",
    );
    for section in sections {
        write!(
            page,
            "\n## {}\n\n| construct | read | what rulec says |\n|---|---|---|\n",
            section.section
        )
        .unwrap();
        for (construct, example) in section.constructs {
            let (read, notes) = reading(&example);
            let read = if read { "yes" } else { "refused" };
            writeln!(
                page,
                "| {construct} | {read} | {} |",
                notes.replace('|', "\\|")
            )
            .unwrap();
        }
    }
    page
}

#[test]
fn the_page_about_python_is_true() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/panther-python.md");
    let page = page();
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/panther-python.md is out of date; `INSTA_UPDATE=always cargo test` writes it"
    );
}
