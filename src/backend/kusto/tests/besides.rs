//! A table that holds the devices of every system is asked for the paths of the rule's own.

use super::*;

/// The query of a rule on processes of a system, and what its condition is there.
fn on(source: &str, selection: Condition) -> (String, Fidelity) {
    let mut rule = rule(selection);
    rule.log_sources = vec![LogSource::known(source)];
    let (text, report) = query(&rule);
    (text.unwrap(), report.condition())
}

fn text(field: &str, operator: Operator, texts: &[&str]) -> Condition {
    let object = Object::Texts(texts.iter().map(|text| (*text).to_owned()).collect());
    Predicate::new(Term::field([field]), operator, object).into()
}

#[test]
fn a_path_of_another_system_is_left_out() {
    let line = text("CommandLine", Operator::Contains, &["-enc"]);
    let (windows, fidelity) = on("windows.process_creation", line.clone());
    assert!(
        windows.ends_with("| where FolderPath !contains \"/\"\n"),
        "{windows}"
    );
    assert_eq!(fidelity, Fidelity::Exact);
    let (linux, fidelity) = on("linux.process_creation", line);
    assert!(
        linux.ends_with("| where FolderPath !contains @\"\\\"\n"),
        "{linux}"
    );
    assert_eq!(fidelity, Fidelity::Wider);
}

#[test]
fn what_the_condition_says_by_itself_is_not_asked_again() {
    let told = [
        text("Image", Operator::EndsWith, &["\\a.exe", "\\b.exe"]),
        text("ParentImage", Operator::Wildcard, &["*\\\\a?.exe"]),
        text("OriginalFileName", Operator::Contains, &["a"]),
        text("Image", Operator::Contains, &["/"]).negate(),
    ];
    for condition in told {
        let (query, _) = on("windows.process_creation", condition.clone());
        assert_eq!(query.lines().count(), 3, "{condition}: {query}");
    }
    let open = [
        text("Image", Operator::EndsWith, &["\\a.exe", "b.exe"]),
        text("Image", Operator::EndsWith, &["\\a.exe"]).negate(),
        text("Image", Operator::EndsWith, &["\\a.exe"]).or(text(
            "CommandLine",
            Operator::Contains,
            &["x"],
        )),
    ];
    for condition in open {
        let (query, _) = on("windows.process_creation", condition.clone());
        assert!(query.contains("!contains \"/\""), "{condition}: {query}");
    }
}

#[test]
fn a_rule_of_the_table_means_all_of_its_events() {
    let mut own = rule(text("CommandLine", Operator::Contains, &["-enc"]));
    own.log_sources = vec![LogSource::known("windows.process_creation")];
    super::super::OWN_FORMAT.clone_into(&mut own.preserved.format);
    let (text, report) = query(&own);
    assert!(!text.unwrap().contains('/'));
    assert_eq!(report.condition(), Fidelity::Exact);
}
