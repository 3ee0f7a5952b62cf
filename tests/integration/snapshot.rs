//! `rulec snapshot`, from the outside: what it writes, and what a check says of every way in which rules and snapshot can differ.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::folder::files;

/// What a run printed and returned.
#[derive(Debug)]
struct Run {
    out: String,
    err: String,
    status: i32,
}

/// A folder with rules, in which the binary runs.
struct Home(tempfile::TempDir);

impl Home {
    /// With one Panther rule, `rules/login.yml`.
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        home.panther("login", "event.get(\"eventName\") == \"ConsoleLogin\"");
        home
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap()
    }

    /// A rule with this condition.
    fn panther(&self, name: &str, condition: &str) {
        let yaml = format!(
            "AnalysisType: rule\nRuleID: Test.{name}\nDisplayName: Test {name}\nFilename: {name}.py\nEnabled: true\n\
            Severity: Low\nLogTypes: [AWS.CloudTrail]\n"
        );
        self.write(&format!("rules/{name}.yml"), &yaml);
        self.write(
            &format!("rules/{name}.py"),
            &format!("def rule(event):\n    return {condition}\n"),
        );
    }

    fn run_in(&self, folder: &str, arguments: &[&str]) -> Run {
        let output = Command::new(env!("CARGO_BIN_EXE_rulec"))
            .arg("snapshot")
            .args(arguments)
            .current_dir(self.path().join(folder))
            .output()
            .unwrap();
        let run = Run {
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
            status: output.status.code().unwrap_or(-1),
        };
        assert!(!run.err.contains("panicked"), "{run:?}");
        run
    }

    fn run(&self, arguments: &[&str]) -> Run {
        self.run_in(".", arguments)
    }

    /// Takes a snapshot for KQL and Sigma.
    fn taken(self) -> Self {
        let run = self.run(&["rules", "--to", "kql,sigma"]);
        assert_eq!((run.status, run.out.as_str()), (0, ""), "{run:?}");
        self
    }

    fn check(&self) -> Run {
        self.run(&["--check"])
    }

    fn is_clean(&self) {
        let run = self.check();
        assert_eq!((run.status, run.out.as_str()), (0, ""), "{run:?}");
    }

    /// The check fails with this headline and last counts.
    fn differs(&self, headline: &str, counts: &str) -> Run {
        let run = self.check();
        assert_eq!(run.status, 1, "{run:?}");
        assert!(run.out.contains(headline), "{}", run.out);
        assert_eq!(run.err.lines().next(), Some(counts), "{}", run.err);
        run
    }

    /// Every file of the snapshot, with its text.
    fn snapshot(&self) -> Vec<(String, String)> {
        let root = self.path().join("translations");
        let name = |path: &Path| {
            path.strip_prefix(&root)
                .unwrap()
                .to_str()
                .unwrap()
                .replace('\\', "/")
        };
        files(&root)
            .iter()
            .map(|path| (name(path), fs::read_to_string(path).unwrap()))
            .collect()
    }

    /// Changes the manifest's text.
    fn damage(&self, change: impl FnOnce(String) -> String) {
        let path = "translations/manifest.json";
        self.write(path, &change(self.read(path)));
    }
}

#[test]
fn what_was_written_is_clean() {
    let home = Home::new().taken();
    home.is_clean();
    let names: Vec<String> = home.snapshot().into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "kql/rules/login/login.kql",
            "manifest.json",
            "sigma/rules/login/sigma_login.yml"
        ]
    );
    // The same from anywhere, and with the arguments said again.
    assert_eq!(
        home.run_in("translations", &["--check", "--dir", "."])
            .status,
        0
    );
    assert_eq!(
        home.run_in("rules", &["--check", "--dir", "../translations"])
            .status,
        0
    );
    assert_eq!(
        home.run(&["--check", "./rules", "--to", "sigma,kql"])
            .status,
        0
    );
    let below = home.run_in(
        "rules",
        &[
            "--check",
            "--dir",
            "../translations",
            ".",
            "--to",
            "kql,sigma",
        ],
    );
    assert_eq!(below.status, 0, "{below:?}");
}

#[test]
fn a_snapshot_is_the_same_wherever_it_is_taken() {
    let (one, other) = (Home::new(), Home::new());
    one.panther("b", "event.get(\"eventName\") == \"x\"");
    other.panther("b", "event.get(\"eventName\") == \"x\"");
    let one = one.taken();
    let whole = other.path().join("rules");
    let dir = other.path().join("translations");
    let arguments = [whole.join("b.yml"), whole.join("login.yml")]
        .map(|path| path.to_str().unwrap().to_owned());
    let run = other.run(&[
        &arguments[0],
        &arguments[1],
        "--to",
        "sigma,kql",
        "--dir",
        dir.to_str().unwrap(),
    ]);
    assert_eq!(run.status, 0, "{run:?}");
    let without = |files: Vec<(String, String)>| {
        files
            .into_iter()
            .filter(|(name, _)| name != "manifest.json")
            .collect::<Vec<_>>()
    };
    assert_eq!(without(one.snapshot()), without(other.snapshot()));
    let manifest = other.read("translations/manifest.json");
    assert!(
        !manifest.contains(other.path().to_str().unwrap()),
        "{manifest}"
    );
    let again = other.run(&["rules", "--to", "kql,sigma"]);
    assert_eq!(again.status, 0, "{again:?}");
    assert_eq!(one.snapshot(), other.snapshot());
}

#[test]
fn a_changed_value_is_all_that_the_diff_shows() {
    let home = Home::new();
    home.panther("other", "event.get(\"eventName\") == \"Other\"");
    let home = home.taken();
    home.panther("login", "event.get(\"eventName\") == \"AssumeRole\"");
    let run = home.differs(
        "rules/login.yml → kql: changed",
        "2 rules: 1 unchanged, 1 changed, 0 new, 0 vanished",
    );
    let changed = |sign: char| {
        let headers = ["--- ", "+++ "];
        let lines = run.out.lines().filter(move |line| {
            line.starts_with(sign) && !headers.iter().any(|head| line.starts_with(head))
        });
        lines.collect::<Vec<_>>()
    };
    assert_eq!(
        changed('-'),
        [
            "-| where EventName == \"ConsoleLogin\"",
            "-        eventName|cased: ConsoleLogin"
        ]
    );
    assert_eq!(
        changed('+'),
        [
            "+| where EventName == \"AssumeRole\"",
            "+        eventName|cased: AssumeRole"
        ]
    );
    assert!(
        run.out.contains("because `rules/login.py` changed\n"),
        "{}",
        run.out
    );
    assert!(!run.out.contains("other"), "{}", run.out);
    assert!(!run.out.contains('\x1b'));
    let colour = home.run(&["--check", "--color", "always"]).out;
    assert!(
        colour.contains("\x1b[32m+| where EventName == \"AssumeRole\"\x1b[0m\n"),
        "{colour}"
    );
}

#[test]
fn fidelity_comes_first() {
    let home = Home::new();
    assert_eq!(
        home.run(&["rules", "--to", "kql", "--approximate", "wider"])
            .status,
        0
    );
    home.panther(
        "login",
        "event.get(\"eventName\") == \"AssumeRole\" and event.get(\"nosuch\") == \"x\"",
    );
    let run = home.differs(
        "rules/login.yml → kql: fidelity changed\n  condition exact → wider; exact 1 · wider 0 → 1 · unsupported 0\n  \
        wider: `nosuch eq \"x\"`: ",
        "1 rule: 0 unchanged, 1 changed, 0 new, 0 vanished",
    );
    let place = |text: &str| run.out.find(text).unwrap();
    assert!(place("exact → wider") < place("because") && place("because") < place("@@"));
    assert_eq!(home.run(&["--accept"]).status, 0);
    home.is_clean();
    home.panther("login", "event.get(\"eventName\") == \"AssumeRole\"");
    home.differs(
        "condition wider → exact",
        "1 rule: 0 unchanged, 1 changed, 0 new, 0 vanished",
    );
    assert!(
        home.check()
            .out
            .contains("no longer wider: `nosuch eq \"x\"`")
    );
}

#[test]
fn a_refusal_is_part_of_a_snapshot() {
    let home = Home::new().taken();
    home.panther("login", "event.get(\"nosuch\") == \"x\"");
    let run = home.differs(
        "rules/login.yml → kql: now refused\n  refused: MAP002: ",
        "1 rule: 0 unchanged, 1 changed, 0 new, 0 vanished",
    );
    assert!(
        run.out
            .contains("removes translations/kql/rules/login/login.kql"),
        "{}",
        run.out
    );
    assert_eq!(home.run(&["--accept"]).status, 0);
    home.is_clean();
    assert!(!home.path().join("translations/kql").exists());
    // Refused for the same reason is the same, whatever the message names.
    home.panther("login", "event.get(\"other\") == \"x\"");
    let run = home.differs(
        "rules/login.yml → sigma: changed",
        "1 rule: 0 unchanged, 1 changed, 0 new, 0 vanished",
    );
    assert!(!run.out.contains("→ kql"), "{}", run.out);
    // A rule that cannot be read keeps its name, and is refused for another reason or anew.
    home.panther("login", "(");
    let run = home.differs(
        "rules/login.yml → kql: refused for another reason",
        "1 rule: 0 unchanged, 1 changed, 0 new, 0 vanished",
    );
    assert!(
        run.out
            .contains("rules/login.yml → sigma: now refused\n  refused: PY001: "),
        "{}",
        run.out
    );
    assert_eq!(home.run(&["--accept"]).status, 0);
    home.panther("login", "event.get(\"eventName\") == \"ConsoleLogin\"");
    let run = home.differs(
        "rules/login.yml → kql: now translated",
        "1 rule: 0 unchanged, 1 changed, 0 new, 0 vanished",
    );
    assert!(
        run.out.contains("no longer refused: PY001") && run.out.contains("+++ translations/kql"),
        "{}",
        run.out
    );
}

#[test]
fn rules_come_and_go() {
    let home = Home::new().taken();
    home.panther("new", "event.get(\"eventName\") == \"x\"");
    home.differs(
        "rules/new.yml → kql: new\n  exact 1 · wider 0 · unsupported 0\n",
        "2 rules: 1 unchanged, 0 changed, 1 new, 0 vanished",
    );
    assert_eq!(home.run(&["--accept"]).status, 0);
    home.is_clean();
    for ending in ["yml", "py"] {
        fs::remove_file(home.path().join(format!("rules/login.{ending}"))).unwrap();
    }
    let run = home.differs(
        "rules/login.yml → sigma: vanished",
        "2 rules: 1 unchanged, 0 changed, 0 new, 1 vanished",
    );
    assert!(
        run.out
            .contains("because `rules/login.py` is gone; `rules/login.yml` is gone"),
        "{}",
        run.out
    );
    assert_eq!(home.run(&["--accept"]).status, 0);
    home.is_clean();
    assert!(!home.path().join("translations/kql/rules/login").exists());
}

#[test]
fn files_of_nobody_are_told_and_kept() {
    let home = Home::new().taken();
    home.write("translations/kql/left.kql", "T\n");
    home.write("translations/.gitattributes", "* text=auto\n");
    let run = home.differs(
        "translations/kql/left.kql: in no manifest",
        "1 rule: 1 unchanged, 0 changed, 0 new, 0 vanished; 1 unreferenced file",
    );
    assert!(!run.out.contains("gitattributes"), "{}", run.out);
    assert_eq!(home.run(&["--accept"]).status, 0);
    assert_eq!(home.read("translations/kql/left.kql"), "T\n");
}

#[test]
fn the_snapshot_itself_may_be_changed() {
    let home = Home::new().taken();
    let path = "translations/kql/rules/login/login.kql";
    let text = home.read(path);
    home.write(path, &text.replace("ConsoleLogin", "Nothing"));
    home.differs(
        &format!("because `{path}` was changed by hand"),
        "1 rule: 0 unchanged, 1 changed, 0 new, 0 vanished",
    );
    fs::remove_file(home.path().join(path)).unwrap();
    home.differs(
        &format!("because `{path}` is missing"),
        "1 rule: 0 unchanged, 1 changed, 0 new, 0 vanished",
    );
    assert_eq!(home.run(&["--accept"]).status, 0);
    assert_eq!(home.read(path), text);
}

#[test]
fn a_change_without_effect_is_told_and_no_failure() {
    let home = Home::new().taken();
    let python = home.read("rules/login.py");
    home.write("rules/login.py", &format!("# why\n{python}"));
    let run = home.check();
    assert_eq!(run.status, 0, "{run:?}");
    assert!(
        run.out.contains("no translation changed") && run.out.contains("`rules/login.py` changed"),
        "{}",
        run.out
    );
    let json: serde_json::Value =
        serde_json::from_str(&home.run(&["--check", "--format", "json"]).out).unwrap();
    assert_eq!(json["diagnostics"][0]["code"], "SNP009");
    assert_eq!(home.run(&["--accept"]).status, 0);
    home.is_clean();
}

#[test]
fn another_rulec_is_a_cause_and_no_failure_of_its_own() {
    let home = Home::new().taken();
    home.damage(|text| {
        text.replace(
            &format!("\"rulec\": \"{}\"", env!("CARGO_PKG_VERSION")),
            "\"rulec\": \"0.0.1\"",
        )
    });
    let run = home.check();
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.out.contains("rulec was 0.0.1, is "), "{}", run.out);
    home.write(
        "translations/kql/rules/login/login.kql",
        "// what that version wrote\n",
    );
    let run = home.check();
    assert_eq!(run.status, 1);
    assert!(
        run.out.contains("because rulec was 0.0.1, is "),
        "{}",
        run.out
    );
}

#[test]
fn an_overlay_is_a_cause() {
    let home = Home::new();
    let overlay = |column: &str| {
        format!(
            "schema_version: 1\nextends: builtin\nid: aws.cloudtrail\nsentinel:\n- {{table: Own_CL, schema: listed, like: AWSCloudTrail}}\n\
            fields:\n- {{field: eventName, sentinel: {{Own_CL: {{column: {column}, type: string}}}}}}\n"
        )
    };
    home.write("own.yml", &overlay("Verb"));
    let run = home.run(&["rules", "--to", "kql", "--schema", "own.yml"]);
    assert_eq!(run.status, 0, "{run:?}");
    home.write("own.yml", &overlay("Noun"));
    let run = home.differs(
        "because `own.yml` changed",
        "1 rule: 0 unchanged, 1 changed, 0 new, 0 vanished",
    );
    assert!(
        run.out
            .contains("-| where Verb == \"ConsoleLogin\"\n+| where Noun == \"ConsoleLogin\"\n"),
        "{}",
        run.out
    );
}

#[test]
fn options_are_a_cause() {
    let home = Home::new().taken();
    let run = home.run(&["--check", "rules", "--to", "kql"]);
    assert_eq!(run.status, 1);
    assert!(
        run.out
            .contains("→ sigma: vanished\n  because `--to` was `kql,sigma`, is `kql`"),
        "{}",
        run.out
    );
    assert_eq!(home.run(&["--check", "rules"]).status, 2);
    assert_eq!(home.run(&["--check", "--deny", "wider"]).status, 2);
    assert_eq!(home.run(&["rules"]).status, 2);
    assert_eq!(home.run(&[]).status, 2);
    assert_eq!(home.run(&["-", "--to", "kql"]).status, 2);
    assert_eq!(home.run(&["--check", "--accept"]).status, 2);
    home.is_clean();
}

#[test]
fn a_manifest_that_cannot_be_used_is_an_error() {
    let home = Home::new();
    let absent = home.check();
    assert_eq!(absent.status, 2, "{absent:?}");
    assert!(
        absent
            .err
            .contains("error[SNP010]: `translations/manifest.json` is not there"),
        "{}",
        absent.err
    );
    let home = home.taken();
    let whole = home.read("translations/manifest.json");
    let cases = [
        ("", "EOF"),
        (&whole[..whole.len() / 2], "EOF"),
        (
            &whole.replace("\"version\": 1", "\"version\": 99"),
            "it has form 99, and this rulec reads form 1",
        ),
        (
            &whole.replace("\"kql/rules/", "\"../kql/rules/"),
            "leads out of the folder",
        ),
        (
            &whole.replace("\"sigma\"\n", "\"nosuch\"\n"),
            "`nosuch` is no value of `--to`",
        ),
        (
            &whole.replacen('{', "{\n<<<<<<< HEAD", 1),
            "line 2 begins a conflict of a merge",
        ),
        ("[]", "cannot be used"),
    ];
    for (text, reason) in cases {
        home.write("translations/manifest.json", text);
        for command in ["--check", "--accept"] {
            let run = home.run(&[command]);
            assert_eq!(run.status, 2, "{reason}: {run:?}");
            assert!(
                run.err.contains("error[SNP010]") && run.err.contains(reason),
                "{reason}: {}",
                run.err
            );
        }
        assert_eq!(home.read("translations/manifest.json"), text);
    }
    let home = home.taken_again();
    home.is_clean();
}

impl Home {
    fn taken_again(self) -> Self {
        let run = self.run(&["rules", "--to", "kql,sigma"]);
        assert_eq!(run.status, 0, "{run:?}");
        self
    }
}

#[test]
fn line_ends_do_not_count() {
    let home = Home::new();
    home.write(
        "rules/q.kql",
        "// a comment\nAWSCloudTrail\n| where EventName == \"x\"\n",
    );
    let home = home.taken_again();
    let unix = home.snapshot();
    for path in files(home.path()) {
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace('\n', "\r\n")).unwrap();
    }
    home.is_clean();
    let home = home.taken_again();
    for (name, text) in home.snapshot() {
        // What differs in nothing but line ends is not written again.
        assert!(
            unix.contains(&(name.clone(), text.replace("\r\n", "\n"))),
            "{name}: {text}"
        );
    }
    fs::remove_dir_all(home.path().join("translations")).unwrap();
    let home = home.taken_again();
    assert_eq!(home.snapshot(), unix);
}

#[test]
fn rules_with_one_name_do_not_meet() {
    let home = Home::new();
    let sigma = |value: &str| {
        format!(
            "title: Same\nlogsource: {{product: aws, service: cloudtrail}}\ndetection:\n  a: {{eventName: {value}}}\n  condition: a\n"
        )
    };
    home.write("rules/a/same.yml", &sigma("x"));
    home.write("rules/b/same.yml", &sigma("y"));
    home.write(
        "rules/many.yml",
        &format!("{}---\n{}", sigma("x"), sigma("y")),
    );
    let home = home.taken_again();
    home.is_clean();
    let names: Vec<String> = home
        .snapshot()
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| name.starts_with("kql/"))
        .collect();
    assert_eq!(names.len(), 5, "{names:?}");
    home.write(
        "rules/many.yml",
        &format!("{}---\n{}", sigma("x"), sigma("z")),
    );
    let run = home.differs(
        "rules/many.yml (Same) → kql: changed",
        "5 rules: 4 unchanged, 1 changed, 0 new, 0 vanished",
    );
    assert!(
        run.out.contains("\"y\"\n+| where EventName =~ \"z\""),
        "{}",
        run.out
    );
}

#[test]
fn a_snapshot_in_the_folder_of_the_rules_is_none_of_them() {
    let home = Home::new();
    let run = home.run(&[".", "--to", "sigma,sentinel"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(home.run(&[".", "--to", "sigma,sentinel"]).status, 0);
    home.is_clean();
    for (path, dir) in [(".", "."), ("rules", "."), ("rules", "rules")] {
        let run = home.run(&[path, "--to", "sigma", "--dir", dir]);
        assert_eq!(run.status, 2, "{run:?}");
        assert!(
            run.err.contains("is in the snapshot's folder"),
            "{}",
            run.err
        );
    }
}

#[test]
fn some_changes_are_accepted() {
    let home = Home::new();
    home.panther("b", "event.get(\"eventName\") == \"x\"");
    home.panther("c", "event.get(\"eventName\") == \"x\"");
    let home = home.taken();
    for name in ["login", "b", "c"] {
        home.panther(name, "event.get(\"eventName\") == \"y\"");
    }
    let run = home.run(&["--accept", "Test.b", "rules/c.yml"]);
    assert_eq!(run.status, 0, "{run:?}");
    home.differs(
        "rules/login.yml → kql: changed",
        "3 rules: 2 unchanged, 1 changed, 0 new, 0 vanished",
    );
    let nobody = home.run(&["--accept", "Test.nobody"]);
    assert_eq!(nobody.status, 2, "{nobody:?}");
    home.write("rules/new.kql", "SecurityEvent\n| where EventID == 1\n");
    assert_eq!(home.run(&["--accept", "rules"]).status, 0);
    home.is_clean();
    for ending in ["yml", "py"] {
        fs::remove_file(home.path().join(format!("rules/b.{ending}"))).unwrap();
    }
    assert_eq!(home.run(&["--accept", "Test.b"]).status, 0);
    home.is_clean();
}

#[test]
fn input_that_leads_nowhere_ends_the_run() {
    let home = Home::new().taken();
    let before = home.snapshot();
    fs::rename(home.path().join("rules"), home.path().join("moved")).unwrap();
    for command in ["--check", "--accept"] {
        let run = home.run(&[command]);
        assert_eq!(run.status, 2, "{run:?}");
        assert!(run.err.contains("SRC001"), "{}", run.err);
    }
    assert_eq!(home.snapshot(), before);
    fs::create_dir(home.path().join("rules")).unwrap();
    assert_eq!(home.check().status, 2);
}

#[test]
fn a_folder_that_cannot_be_written_keeps_what_it_has() {
    let home = Home::new();
    home.write("translations/kql", "a file where a folder belongs");
    let run = home.run(&["rules", "--to", "kql,sigma"]);
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.err.contains("error[SRC007]"), "{}", run.err);
    let names: Vec<String> = home.snapshot().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["kql"]);
    fs::remove_file(home.path().join("translations/kql")).unwrap();
    let home = home.taken_again();
    home.panther("login", "event.get(\"eventName\") == \"y\"");
    let before = home.snapshot();
    if read_only(
        home.path().join("translations/kql/rules/login").as_path(),
        true,
    ) {
        assert_eq!(home.run(&["--accept"]).status, 2);
        assert_eq!(home.snapshot(), before);
        assert_eq!(home.check().status, 1);
        read_only(
            home.path().join("translations/kql/rules/login").as_path(),
            false,
        );
    }
    assert_eq!(home.run(&["--accept"]).status, 0);
    home.is_clean();
}

/// Makes the folder read-only or not; whether that keeps this user from writing, as it does not the superuser.
fn read_only(folder: &Path, on: bool) -> bool {
    let mut permissions = fs::metadata(folder).unwrap().permissions();
    permissions.set_readonly(on);
    fs::set_permissions(folder, permissions).unwrap();
    let probe = folder.join(".probe");
    let kept = fs::write(&probe, "").is_err();
    let _ = fs::remove_file(probe);
    kept
}
