//! Every example rule, in its text form, its tables and for every target, as snapshots to be read: the fidelity line, the
//! diagnostics, then each artifact.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use rulec::backend::TARGETS;
use rulec::diagnostic::render::{Colour, render};
use rulec::normalize::normalize;

use crate::folder::files;
use crate::rules::{self, Example};

fn snapshot(example: &Example, name: &str, body: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("snapshots")
        .join(&example.format)
        .join(&example.name);
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, body));
}

#[test]
fn text_form() {
    for example in rules::examples() {
        let mut body = render(&example.diagnostics, &example.sources, Colour::Never);
        let _ = write!(body, "{}", normalize(example.rule.clone()));
        snapshot(&example, "ir", &body);
    }
}

#[test]
fn tables() {
    let attack = rulec::schema::AttackTable::builtin();
    for example in rules::examples() {
        let rule = normalize(example.rule.clone());
        let page = rulec::analysis::tables::markdown::render(
            &rulec::analysis::tables::tables(&rule, attack),
            &[],
        );
        snapshot(&example, "tables", &page);
    }
}

#[test]
fn targets() {
    for example in rules::examples() {
        let mut rule = normalize(example.rule.clone());
        // Two tests show how they are written; `meaning` checks that all of them travel.
        rule.tests.to_mut().truncate(2);
        for target in TARGETS {
            let translation = crate::read_back::export(&rule, *target);
            let mut body = format!("{}\n", translation.report);
            body.push_str(&render(
                &translation.report.diagnostics,
                &example.sources,
                Colour::Never,
            ));
            for artifact in &translation.artifacts {
                let name = artifact.path.display().to_string();
                let _ = write!(
                    body,
                    "━━ {name} {}\n{}",
                    "━".repeat(60_usize.saturating_sub(name.len())),
                    artifact.text
                );
            }
            snapshot(&example, target.name(), &body);
        }
    }
}

/// What each target keeps of each operator, as `rulec targets` prints it.
#[test]
fn support_matrix() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_rulec"))
        .args(["targets", "--format", "markdown"])
        .output()
        .unwrap();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let matrix = String::from_utf8(output.stdout).unwrap();
    settings.bind(|| insta::assert_snapshot!("support", matrix));
}

#[test]
fn no_snapshot_is_left_over() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots");
    let mut expected: Vec<PathBuf> = Vec::new();
    for example in rules::examples() {
        let folder = root.join(&example.format).join(&example.name);
        let names = TARGETS
            .iter()
            .map(|target| target.name())
            .chain(["ir", "tables"]);
        expected.extend(names.map(|name| folder.join(format!("{name}.snap"))));
    }
    expected.push(root.join("support.snap"));
    let snapshots = files(&root).into_iter();
    let snapshots = snapshots.filter(|path| path.extension().is_some_and(|end| end == "snap"));
    let left_over: Vec<PathBuf> = snapshots.filter(|path| !expected.contains(path)).collect();
    assert!(left_over.is_empty(), "no test writes these: {left_over:?}");
}
