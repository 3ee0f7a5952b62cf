//! What README.md shows is what rulec does.

use std::path::Path;
use std::process::Command;

/// The first fenced block of the language.
fn block<'r>(readme: &'r str, language: &str, containing: &str) -> &'r str {
    readme
        .split("\n```")
        .filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n'))
        .find(|block| block.contains(containing))
        .unwrap_or_else(|| panic!("no {language} block"))
}

#[test]
fn the_first_screen_is_true() {
    let readme = include_str!("../../README.md");
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), format!("{text}\n")).unwrap();
    };
    write("root_sign_in.yml", block(readme, "yaml", "RuleID"));
    write("root_sign_in.py", block(readme, "python", "def rule"));
    let rulec = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_rulec"))
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (text(output.stdout), text(output.stderr))
    };
    let (artifact, report) = rulec(&["convert", "root_sign_in.yml", "--to", "kql"]);
    let query: Vec<&str> = artifact.trim_end().lines().skip(1).collect();
    assert_eq!(query.join("\n"), block(readme, "kusto", "where"));
    assert_eq!(report.trim_end(), block(readme, "text", "translated"));
    let (meaning, _) = rulec(&["explain", "root_sign_in.yml"]);
    assert_eq!(meaning.trim_end(), block(readme, "text", "select"));
    let snapshot = [
        "snapshot",
        "root_sign_in.yml",
        "--to",
        "kql",
        "--approximate",
        "wider",
    ];
    assert!(block(readme, "sh", "snapshot").contains("--to kql --approximate wider"));
    rulec(&snapshot);
    let python = block(readme, "python", "def rule").replace(
        "\"additionalEventData\", \"MFAUsed\") != \"Yes\"",
        "\"device\", \"kind\") == \"phone\"",
    );
    write("root_sign_in.py", &python);
    let (report, _) = rulec(&["snapshot", "--check"]);
    assert_eq!(
        report.trim_end(),
        block(readme, "text", "fidelity changed").replace("rules/", "")
    );
    for path in [
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "SECURITY.md",
    ] {
        assert!(
            Path::new(env!("CARGO_MANIFEST_DIR")).join(path).is_file(),
            "{path}"
        );
    }
}
