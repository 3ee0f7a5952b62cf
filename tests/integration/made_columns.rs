//! Columns that a table makes of fields, and columns that hold the same as another one: a rule that asks for such a column is
//! about the fields, and is written with the column that it came with.

use rulec::backend;
use rulec::eval;
use rulec::ir::{FieldPath, LogSource, Rule};
use rulec::normalize::normalize;
use rulec::schema::{Crosswalk, Made, TableMap};
use serde_json::{Value, json};

use crate::read_back;

fn read(query: &str) -> Rule {
    let rule = read_back::query(query).unwrap_or_else(|| panic!("{query}"));
    assert!(rule.residue.is_empty(), "{query}: {:?}", rule.residue);
    normalize(rule)
}

/// The query that the rule becomes where nothing is known of the one that it came with.
fn written(rule: &Rule) -> String {
    let target = backend::target("kql").unwrap();
    let translation = read_back::export(rule, target);
    let artifact = translation.artifacts.first();
    artifact.unwrap_or_else(|| panic!("{rule:?}")).text.clone()
}

fn asks_for(rule: &Rule, name: &str) -> bool {
    let own = FieldPath::keys([name]);
    rule.selection.fields().into_iter().any(|path| *path == own)
}

/// A query about the events for which the column is made so.
fn about(table: &TableMap, made: &Made, test: &str) -> String {
    let told = table.only.iter().chain(&made.only);
    let filters = told.map(|(name, values)| {
        let values: Vec<String> = values
            .iter()
            .map(|value| value.to_json().to_string())
            .collect();
        format!("| where {name} in ({})\n", values.join(", "))
    });
    format!(
        "{}\n{}| where {test}",
        table.name,
        filters.collect::<String>()
    )
}

#[test]
fn every_made_column_is_read_as_its_fields_and_comes_back() {
    let mut count = 0;
    for source in Crosswalk::builtin().sources() {
        for table in source.tables() {
            for made in &table.made {
                let column = &made.column;
                for test in [
                    format!("{column} == 'a'"),
                    format!("{column} !in~ ('a', 'b')"),
                    format!("{column} has_any ('a', 'b') and isnotempty({column})"),
                    format!("{column} !contains 'a' and not({column} endswith '$')"),
                ] {
                    let rule = read(&about(table, made, &test));
                    // What several sources claim of a table is read as none of theirs.
                    if !matches!(&rule.log_sources[0], LogSource::Known(name) if name.id == source.id)
                    {
                        continue;
                    }
                    assert!(!asks_for(&rule, column), "{test}: {:?}", rule.selection);
                    let fields = rule.selection.fields();
                    let reads = |field: &&FieldPath| fields.contains(field);
                    assert!(made.term.fields().iter().any(reads), "{test}");
                    let text = written(&rule);
                    assert!(text.contains(&format!("{column} ")), "{test}\n{text}");
                    let back = read(&text);
                    assert_eq!(back.selection, rule.selection, "{text}");
                    assert_eq!(back.log_sources, rule.log_sources, "{text}");
                    count += 1;
                }
            }
        }
    }
    assert!(count > 100, "{count}");
}

fn says(query: &str, event: &Value) -> bool {
    let rule = read(query);
    eval::matches(&rule, event)
}

#[test]
fn a_made_column_is_what_the_table_shows() {
    let created = json!({"EventID": 4688, "NewProcessName": r"C:\Windows\System32\cmd.exe", "SubjectDomainName": "CONTOSO",
        "SubjectUserName": "WS-17$", "SubjectUserSid": "S-1-5-21-1", "TargetUserName": "alice", "TargetDomainName": "CONTOSO"});
    let opened = json!({"EventID": 4663, "ProcessName": r"C:\Tools\a.exe", "SubjectUserSid": "S-1-5-18", "SubjectUserName": "x"});
    let logon = json!({"EventID": 4624, "TargetDomainName": "CONTOSO", "TargetUserName": "alice", "TargetUserSid": "S-1-5-21-7",
        "SubjectUserName": "WS-17$", "SubjectDomainName": "CONTOSO", "SubjectUserSid": "S-1-5-18"});
    let nobody = json!({"EventID": 4624, "TargetDomainName": "", "TargetUserName": ""});
    for (test, event, expected) in [
        ("Process == 'cmd.exe'", &created, true),
        ("Process == 'System32'", &created, false),
        ("Process =~ 'A.EXE'", &opened, true),
        ("isempty(Process)", &logon, true),
        (
            "EventID == 4688 and Account == @'CONTOSO\\WS-17$'",
            &created,
            true,
        ),
        (
            "EventID == 4688 and AccountType == 'Machine'",
            &created,
            true,
        ),
        ("EventID == 4688 and AccountType != 'User'", &created, true),
        (
            "EventID == 4663 and AccountType == 'Machine'",
            &opened,
            true,
        ),
        (
            "EventID == 4624 and Account == @'CONTOSO\\alice'",
            &logon,
            true,
        ),
        ("EventID == 4624 and AccountType == 'User'", &logon, true),
        (
            "EventID == 4624 and AccountType == 'Machine'",
            &logon,
            false,
        ),
        ("EventID == 4624 and Account == @'\\'", &nobody, true),
        ("EventID == 4624 and isempty(AccountType)", &nobody, true),
        ("TargetAccount == @'CONTOSO\\alice'", &created, true),
        ("SubjectAccount startswith 'contoso'", &created, true),
    ] {
        let query = format!("SecurityEvent | where {test}");
        assert_eq!(says(&query, event), expected, "{test}: {event}");
    }
    let loaded = json!({"Image": r"C:\Windows\cmd.exe", "ImageLoaded": r"C:\Tools\b.dll", "User": r"CONTOSO\alice",
        "Hashes": "SHA1=AB,MD5=CD,SHA256=EF0"});
    for (test, expected) in [
        ("FileName == 'b.dll'", true),
        ("InitiatingProcessFileName == 'cmd.exe'", true),
        ("InitiatingProcessAccountName == 'alice'", true),
        ("InitiatingProcessAccountDomain == 'CONTOSO'", true),
        ("MD5 == 'cd'", true),
        ("SHA1 == 'ab'", true),
        ("SHA256 in ('ef0')", true),
        ("SHA256 == 'ef'", false),
    ] {
        let query =
            format!("DeviceImageLoadEvents | where ActionType == 'ImageLoaded' | where {test}");
        assert_eq!(says(&query, &loaded), expected, "{test}");
    }
}

#[test]
fn what_is_made_differently_stays_a_column_of_its_own() {
    for filter in [
        "EventID in (4624, 4688)",
        "EventID == 4776",
        "Computer == 'a'",
    ] {
        let rule = read(&format!(
            "SecurityEvent | where {filter} | where Account == 'a'"
        ));
        assert!(asks_for(&rule, "Account"), "{filter}");
        assert!(written(&rule).contains("Account == \"a\""), "{filter}");
    }
    // Each use of the table has to ask for the same.
    let query = "SecurityEvent | where EventID == 4624 and Account == 'a' \
        | join kind=inner (SecurityEvent | where EventID == 4688 and Account == 'b') on Computer";
    assert!(asks_for(&read(query), "Account"));
}

#[test]
fn a_rule_keeps_which_of_several_columns_it_reads() {
    for (own, other) in [
        ("Properties", "Properties_d"),
        ("Authorization", "Authorization_d"),
        ("Claims", "Claims_d"),
        ("ResourceId", "_ResourceId"),
    ] {
        for (read_in, not) in [(own, other), (other, own)] {
            let rule = read(&format!(
                "AzureActivity | where tostring({read_in}) has 'a'"
            ));
            assert!(!asks_for(&rule, read_in));
            let text = written(&rule);
            let words = || text.split(|letter: char| !(letter.is_alphanumeric() || letter == '_'));
            assert!(words().any(|word| word == read_in), "{read_in}\n{text}");
            assert!(!words().any(|word| word == not), "{read_in}\n{text}");
            let back = read(&text);
            assert_eq!(
                (&back.selection, &back.log_sources),
                (&rule.selection, &rule.log_sources)
            );
        }
    }
    // A text of JSON that is taken apart is the same field.
    let rule = read("AzureActivity | where parse_json(Properties).entity == 'a'");
    assert!(written(&rule).contains("parse_json(Properties).entity"));
}
