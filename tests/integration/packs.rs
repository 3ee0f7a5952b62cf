//! A whole pack as a zip archive, and test results as JUnit XML, through the binary.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const RULE: &str = "AnalysisType: rule\nRuleID: Lab.Login\nDisplayName: \"A & <b> \\x01\"\nSeverity: Low\nLogTypes: [Lab.Log]\nFilename: login.py\n\
    Tests:\n  - {Name: hit, ExpectedResult: true, Log: {kind: login}}\n  - {Name: \"wrong \\\"one\\\"\", ExpectedResult: true, Log: {kind: x}}\n";
const PYTHON: &str =
    "from lab_helpers import is_login\n\n\ndef rule(event):\n    return is_login(event)\n";
const HELPER: &str = "def is_login(event):\n    return event.get(\"kind\") == \"login\"\n";
const UNREAD: &str = "AnalysisType: rule\nRuleID: Lab.Clock\nSeverity: Low\nLogTypes: [Lab.Log]\nFilename: none.py\n";

fn pack(folder: &Path, files: &[(&str, &str)]) -> PathBuf {
    let path = folder.join("pack.zip");
    let mut writer = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    for (name, text) in files {
        let options = zip::write::SimpleFileOptions::default();
        writer.start_file(*name, options).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap();
    path
}

fn rulec(arguments: &[&str]) -> (String, String, i32) {
    let run: Output = Command::new(env!("CARGO_BIN_EXE_rulec"))
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let status = run.status.code().unwrap_or(-1);
    (text(run.stdout), text(run.stderr), status)
}

fn files() -> [(&'static str, &'static str); 5] {
    [
        ("lab/rules/login/login.yml", RULE),
        ("lab/rules/login/login.py", PYTHON),
        ("lab/global_helpers/lab_helpers.py", HELPER),
        (
            "lab/global_helpers/lab_helpers.yml",
            "AnalysisType: global\nGlobalID: lab_helpers\n",
        ),
        ("lab/packs/lab.yml", "AnalysisType: pack\nPackID: Lab\n"),
    ]
}

#[test]
fn a_pack_is_a_folder_in_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = pack(folder.path(), &files());
    let path = path.to_str().unwrap();
    let (out, err, status) = rulec(&["test", path]);
    assert_eq!(status, 1, "{err}");
    assert!(
        out.contains(&format!(
            "({path}/lab/rules/login/login.yml)\n  ok      hit\n  FAILED"
        )),
        "{out}"
    );
    assert!(err.contains("pack.zip/lab/rules/login/login.yml:"), "{err}");
    let (out, err, status) = rulec(&["convert", path, "--to", "native"]);
    assert_eq!(status, 0, "{err}");
    assert!(out.contains("pub fn matches"), "{out}");
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "nothing is unpacked to disk");
}

#[test]
fn an_archive_without_rules_or_that_is_none_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = pack(folder.path(), &[("README.md", "x")]);
    let (_, err, status) = rulec(&["test", path.to_str().unwrap()]);
    assert_eq!((status, err.contains("error[SRC005]")), (2, true), "{err}");
    std::fs::write(&path, "no archive").unwrap();
    let (_, err, status) = rulec(&["test", path.to_str().unwrap()]);
    assert_eq!((status, err.contains("error[SRC001]")), (2, true), "{err}");
}

#[test]
fn junit_says_what_passed_what_failed_and_what_could_not_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let untested = RULE
        .split("Tests:")
        .next()
        .unwrap()
        .replace("Lab.Login", "Lab.Other");
    let mut files = files().to_vec();
    files.push(("lab/rules/login/other.yml", &untested));
    files.push(("lab/rules/login/unread.yml", UNREAD));
    let path = pack(folder.path(), &files);
    let (out, _, status) = rulec(&["test", path.to_str().unwrap(), "--format", "junit"]);
    assert_eq!(status, 1);
    let plain = out.replace(folder.path().to_str().unwrap(), "");
    let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="rulec" tests="4" failures="1" errors="1" skipped="1">
  <testsuite name="A &amp; &lt;b&gt; \u{1}" file="/pack.zip/lab/rules/login/login.yml" tests="2" failures="1" errors="0" skipped="0">
    <testcase name="hit" classname="Lab.Login"/>
    <testcase name="wrong &quot;one&quot;" classname="Lab.Login">
      <failure message="the test `wrong &quot;one&quot;` expects a match, but the rule does not match">/pack.zip/lab/rules/login/login.yml:9:5</failure>
    </testcase>
  </testsuite>
  <testsuite name="A &amp; &lt;b&gt; \u{1}" file="/pack.zip/lab/rules/login/other.yml" tests="1" failures="0" errors="0" skipped="1">
    <testcase name="tests" classname="Lab.Other">
      <skipped message="the rule has no tests"></skipped>
    </testcase>
  </testsuite>
  <testsuite name="/pack.zip/lab/rules/login/unread.yml" file="/pack.zip/lab/rules/login/unread.yml" tests="1" failures="0" errors="1" skipped="0">
    <testcase name="the rule is read" classname="/pack.zip/lab/rules/login/unread.yml">
      <error message="SRC006: the Python file `none.py` must stand beside the rule">error[SRC006]: the Python file `none.py` must stand beside the rule
  --&gt; /pack.zip/lab/rules/login/unread.yml:5:11
   |
5 | Filename: none.py
  |           ^^^^^^^</error>
    </testcase>
  </testsuite>
</testsuites>
"#;
    assert_eq!(plain, expected.replace("yml:5:11\n   |", "yml:5:11\n  |"));
}
