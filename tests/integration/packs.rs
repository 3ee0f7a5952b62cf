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

/// A rule that imports a package, with relative imports within it, from a folder that is nowhere near.
#[test]
fn helpers_stand_in_further_folders() {
    let python = "import lab.logs.kinds\nfrom lab import names\n\n\ndef rule(event):\n    \
        return lab.logs.kinds.is_login(event) or event.get(\"kind\") == names.OTHER\n";
    let rule = RULE.replace(
        "\"wrong \\\"one\\\"\", ExpectedResult: true",
        "miss, ExpectedResult: false",
    );
    let helpers = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = helpers.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("lab/__init__.py", "");
    write("lab/names.py", "LOGIN = \"login\"\nOTHER = \"other\"\n");
    write("lab/logs/__init__.py", "from . import kinds\n");
    write(
        "lab/logs/kinds.py",
        "from ..names import LOGIN\n\n\ndef is_login(event):\n    return event.get(\"kind\") == LOGIN\n",
    );
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("rules/login.yml", rule.as_str()),
        ("rules/login.py", python),
    ];
    let zip = pack(folder.path(), &files);
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let own = folder.path().join("rules");
    let (zip, own) = (zip.to_str().unwrap(), own.to_str().unwrap());
    let further = helpers.path().to_str().unwrap();
    for path in [zip, own] {
        let (_, err, status) = rulec(&["test", path]);
        assert_eq!(status, 1);
        assert!(err.contains("`--helpers DIR`"), "{err}");
        for command in ["test", "explain", "tables"] {
            let (out, err, status) =
                rulec(&[command, path, "--helpers", own, "--helpers", further]);
            assert_eq!(status, 0, "{command} {path}: {out}{err}");
        }
    }
    let (_, err, status) = rulec(&["test", own, "--helpers", "/no/such/folder"]);
    assert_eq!(status, 2);
    assert!(err.contains("must be a folder"), "{err}");
}

/// What a rule asks of a package that rulec ships needs nothing installed; what is left out of it is said so.
#[test]
fn a_shipped_package_needs_nothing_installed() {
    let folder = tempfile::tempdir().unwrap();
    let rule = "AnalysisType: rule\nRuleID: Lab.Open\nSeverity: Low\nLogTypes: [Lab.Log]\nFilename: open.py\n\
        Tests:\n  - {Name: hit, ExpectedResult: true, Log: {policy: '{\"Statement\": {\"Effect\": \"Allow\", \"Principal\": \"*\"}}'}}\n";
    let python = |asked: &str| {
        format!(
            "import json\n\nfrom policyuniverse.policy import Policy\n\n\ndef rule(event):\n    \
            return {asked}\n"
        )
    };
    let judge = |asked: &str| {
        let python = python(asked);
        let path = pack(folder.path(), &[("open.yml", rule), ("open.py", &python)]);
        rulec(&["test", path.to_str().unwrap()])
    };
    let policy = "Policy(json.loads(event.get(\"policy\")))";
    let (out, err, status) = judge(&format!("{policy}.is_internet_accessible()"));
    assert_eq!(status, 0, "{out}{err}");
    let (_, err, status) = judge(&format!("\"s3\" in {policy}.action_summary()"));
    assert_eq!(status, 1);
    assert!(err.contains("needs a table of all AWS actions"), "{err}");
}

#[test]
fn tests_that_do_not_ask_the_store_are_judged() {
    let python = "from panther_detection_helpers.caching import get_string_set\n\n\ndef seen(name):\n    if name == \"\":\n        raise ValueError(name)\n    return get_string_set(name)\n\n\ndef rule(event):\n    if event.get(\"kind\") != \"login\":\n        return False\n    for name in event.get(\"names\", []):\n        try:\n            if seen(name):\n                return True\n        except Exception:\n            return False\n    return event.get(\"sure\") == \"yes\"\n";
    let tests = "AnalysisType: rule\nRuleID: Lab.Seen\nSeverity: Low\nLogTypes: [Lab.Log]\nFilename: login.py\nTests:\n\
        - {Name: other, ExpectedResult: false, Log: {kind: x, names: [a]}}\n\
        - {Name: nobody, ExpectedResult: true, Log: {kind: login, names: [], sure: \"yes\"}}\n\
        - {Name: asked, ExpectedResult: true, Log: {kind: login, names: [a]}}\n\
        - {Name: raised, ExpectedResult: false, Log: {kind: login, names: [\"\", a]}}\n";
    let folder = tempfile::tempdir().unwrap();
    let path = pack(
        folder.path(),
        &[("lab/seen.yml", tests), ("lab/login.py", python)],
    );
    let path = path.to_str().unwrap();
    let (out, err, status) = rulec(&["test", path]);
    assert_eq!(status, 1, "{err}");
    assert!(err.contains("error[PY005]"), "{err}");
    let judged: Vec<&str> = out.lines().filter(|line| line.starts_with("  ")).collect();
    assert_eq!(
        judged,
        ["  ok      other", "  ok      nobody", "  ok      raised"],
        "{out}"
    );
    let (out, _, status) = rulec(&["convert", path, "--to", "native"]);
    assert_eq!((out.as_str(), status), ("", 1));
}

#[test]
fn a_tuned_rule_is_judged_with_its_filters_or_as_it_was_shipped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tuned.yml");
    let rule = "AnalysisType: rule\nRuleID: Lab.Tuned\nSeverity: Low\nLogTypes: [Lab.Log]\n\
        Detection: [{Key: kind, Condition: Equals, Value: login}]\nInlineFilters: [{KeyPath: user, Condition: Equals, Value: ann}]\n\
        Tests:\n  - {Name: hit, ExpectedResult: true, Log: {kind: login, user: bob}}\n";
    std::fs::write(&path, rule).unwrap();
    let path = path.to_str().unwrap();
    let (out, _, status) = rulec(&["test", path]);
    assert!(out.contains("0 passed, 1 failed") && status == 1, "{out}");
    let (out, _, status) = rulec(&["test", path, "--without-filters"]);
    assert!(out.contains("1 passed, 0 failed") && status == 0, "{out}");
}
