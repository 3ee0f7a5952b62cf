//! Verification finds what is wrong with a translation: every artifact is changed in many small ways, and each change of what it
//! means has to be found.
//!
//! A change is one of the text, as a careless hand or a faulty backend would make it: a value, the case of a value, a word `and`
//! or `or`, a sign of comparison, a number, a line. Changes after which the same rule is read, and those that leave nothing to
//! read, are no mutants. Of the others nearly all have to be found; those that are not are printed. Only exact
//! translations are changed: of a wider one a change that makes it wider still is none that its report rules out.

use std::collections::BTreeMap;

use rulec::analysis::Fidelity;
use rulec::backend::{Artifact, Backend, Translation};
use rulec::diagnostic::Diagnostics;
use rulec::ir::{CaseSensitivity, Condition, Literal, Object, Rule};
use rulec::normalize::normalize;
use rulec::schema::Crosswalk;
use rulec::source::{NoFiles, Sources};
use rulec::verify::{Example, Limits, Outcome, Verified, verify};
use rulec::{backend, frontend};
use serde_json::json;

use crate::read_back;
use crate::rules;

const TARGETS: [&str; 5] = ["panther", "sentinel", "kql", "sigma", "native"];

/// How many values of a rule are changed.
const VALUES: usize = 6;

/// Rules with operators and shapes of many kinds.
const RULES: &[(&str, &str)] = &[
    (
        "sigma",
        "title: One
id: 11111111-1111-4111-8111-111111111111
logsource: {product: aws, service: cloudtrail}
detection:
  selection:
    eventSource: iam.amazonaws.com
    eventName|startswith: [Create, Attach]
    userIdentity.arn|contains|cased: ':user/'
  filter_main_admin:
    userIdentity.userName|endswith: '-admin'
  filter_main_net:
    sourceIPAddress|cidr: 10.0.0.0/8
  condition: selection and not 1 of filter_*
level: high
",
    ),
    (
        "sigma",
        "title: Two
id: 22222222-2222-4222-8222-222222222222
logsource: {product: aws, service: cloudtrail}
detection:
  root:
    userIdentity.type: Root
    userIdentity.invokedBy: null
  failed:
    eventName: ConsoleLogin
    errorMessage|re: 'Failed.*auth[0-9]+'
  other:
    eventType: AwsServiceEvent
  condition: (root and not other) or failed
level: low
",
    ),
    (
        "sentinel",
        "id: 33333333-3333-4333-8333-333333333333
name: Three
kind: Scheduled
severity: Medium
queryFrequency: 1h
queryPeriod: 1h
triggerOperator: gt
triggerThreshold: 0
query: |
  AWSCloudTrail
  | where EventName in ('GetObject', 'PutObject') and ErrorCode == 'AccessDenied'
  | where UserAgent contains 'boto' or UserAgent startswith_cs 'aws-cli'
  | summarize count() by UserIdentityArn, bin(TimeGenerated, 10m)
  | where count_ > 4
",
    ),
];

fn read(format: &str, text: &str) -> Rule {
    let mut sources = Sources::new();
    let id = sources.add("rule.yml", text);
    let mut diagnostics = Diagnostics::new();
    let format = frontend::format(format);
    let mut rules = rulec::import(id, format, &mut sources, &NoFiles, &mut diagnostics);
    let rule = rules.pop();
    normalize(rule.unwrap_or_else(|| panic!("{text}: {diagnostics:?}")))
}

fn all() -> Vec<Rule> {
    let examples = rules::examples().into_iter();
    let mut all: Vec<Rule> = examples.map(|example| normalize(example.rule)).collect();
    all.extend(RULES.iter().map(|(format, text)| read(format, text)));
    for rule in &mut all {
        // Proof by events alone: the rule's own tests would find some of the faults.
        rule.tests.to_mut().clear();
    }
    all
}

fn verified(rule: &Rule, target: &dyn Backend, translation: &Translation) -> Verified {
    let limits = Limits { events: 400 };
    verify(rule, target, translation, Crosswalk::builtin(), limits)
}

#[test]
fn what_is_emitted_is_verified() {
    for rule in all() {
        for target in TARGETS {
            let target = backend::target(target).unwrap();
            let translation = read_back::export(&rule, target);
            let found = verified(&rule, target, &translation);
            let name = format!("{} {}", rule.metadata.name, target.name());
            assert_eq!(found.outcome, Outcome::Verified, "{name}: {found:?}");
            assert!(found.events.of > 10, "{name}: {found:?}");
            assert!(
                found.atoms.right * 10 >= found.atoms.of * 9,
                "{name}: {found:?}"
            );
            assert_eq!(found.counts.of > 0, rule.threshold.is_some(), "{name}");
        }
    }
}

/// A list of the event's texts that several questions ask is gone through by each of them.
#[test]
fn keywords_are_the_same_in_python() {
    let text = "title: Three
id: 33333333-3333-4333-8333-333333333333
logsource: {product: windows, service: msexchange-management}
detection:
  one:
    '|all': [New-MailboxExportRequest, ' -Mailbox ']
  second: [aspx, php]
  other: [clear]
  condition: one and second or not other and one
level: high
";
    let rule = read("sigma", text);
    let target = backend::target("panther").unwrap();
    let translation = read_back::export(&rule, target);
    let found = verified(&rule, target, &translation);
    assert_eq!(found.outcome, Outcome::Verified, "{found:?}");
    assert_eq!(found.same, Some(true), "{:?}", found.difference);
}

/// A list that a query spreads is gone through by loops in loops, and its values are compared in the case of letters they have.
#[test]
fn what_a_query_asks_of_the_items_of_lists_is_the_same_in_python() {
    let rule = read_back::query(
        "AuditLogs
| where OperationName has_any ('Update user', 'Add user') and InitiatedBy.user.userPrincipalName has '@'
| mv-expand TargetResources
| mv-expand changed = TargetResources.modifiedProperties
| where changed.displayName =~ 'UserPrincipalName'
| where tostring(changed.newValue) has '#EXT' and not(tostring(changed.oldValue) has '#EXT')
| extend named = tolower(tostring(parse_json(ResultDescription).name))
| where isnotempty(named) and named has 'group'",
    )
    .unwrap();
    let rule = normalize(rule);
    let target = backend::target("panther").unwrap();
    let translation = read_back::export(&rule, target);
    let found = verified(&rule, target, &translation);
    assert_eq!(found.outcome, Outcome::Verified, "{found:?}");
    assert_eq!(found.same, Some(true), "{:?}", found.difference);
    // Another reading of the same: the letters, the term, the list.
    for (old, new) in [
        ("update user", "update users"),
        ("\"modifiedProperties\"", "\"ModifiedProperties\""),
        ("@", "#"),
    ] {
        let mut other = translation.clone();
        let mut artifacts = other.artifacts.iter_mut();
        assert!(
            artifacts.any(|artifact| artifact.text.contains(old)),
            "{old}: {translation:?}"
        );
        for artifact in &mut other.artifacts {
            artifact.text = artifact.text.replace(old, new);
        }
        assert_ne!(verified(&rule, target, &other).same, Some(true), "{old}");
    }
}

/// A key of the groups that a target has no name for, where one event is enough, is left out and told; the others are compared.
#[test]
fn a_group_without_a_key_that_is_told_is_the_same() {
    let rule = read_back::query(
        "SecurityEvent | where EventID == 1102 | summarize count() by Computer, EventID, Activity",
    )
    .unwrap();
    let rule = normalize(rule);
    let target = backend::target("native").unwrap();
    let translation = read_back::export(&rule, target);
    let found = verified(&rule, target, &translation);
    assert_eq!(found.outcome, Outcome::Verified, "{found:?}");
    assert_eq!(found.same, Some(true), "{:?}", found.difference);
    let mut other = rule.clone();
    other.threshold.as_mut().unwrap().group_by.swap(0, 1);
    assert_eq!(verified(&other, target, &translation).same, Some(false));
}

/// The texts that the condition compares with; those alone whose case counts, where only they are asked for.
fn texts(condition: &Condition, sensitive: bool) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for (predicate, _) in condition.predicates() {
        if sensitive && predicate.case == CaseSensitivity::Insensitive {
            continue;
        }
        match &predicate.object {
            Object::Literal(Literal::Text(text)) => texts.push(text.clone()),
            Object::List(list) => texts.extend(list.iter().filter_map(|literal| match literal {
                Literal::Text(text) => Some(text.clone()),
                _ => None,
            })),
            Object::Texts(list) => texts.extend(list.iter().cloned()),
            _ => {}
        }
    }
    texts.sort();
    texts.dedup();
    texts.retain(|text| !text.is_empty());
    if !sensitive {
        texts.truncate(VALUES);
    }
    texts
}

/// The text with each occurrence of `old` replaced, one at a time.
fn replaced(text: &str, old: &str, new: &str) -> Vec<String> {
    let places = text.match_indices(old);
    places
        .map(|(at, _)| [&text[..at], new, &text[at + old.len()..]].concat())
        .collect()
}

/// The changes of an artifact: the kind, and the text.
fn mutants(rule: &Rule, text: &str) -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    let mut add = |kind: &'static str, texts: Vec<String>| {
        all.extend(texts.into_iter().map(|text| (kind, text)));
    };
    let sensitive = texts(&rule.selection, true);
    for value in texts(&rule.selection, false) {
        add("value", replaced(text, &value, &format!("{value}x")));
        add("value", replaced(text, &value, &value[..value.len() - 1]));
        let mut swapped = value.to_uppercase();
        if swapped == value {
            swapped = value.to_lowercase();
        }
        if sensitive.contains(&value) {
            add("case", replaced(text, &value, &swapped));
        }
    }
    for (old, new) in [
        (" and ", " or "),
        (" or ", " and "),
        ("\"all\"", "\"any\""),
        ("\"any\"", "\"all\""),
    ] {
        add("and, or", replaced(text, old, new));
    }
    for (old, new) in [
        ("not ", ""),
        ("!=", "=="),
        ("==", "!="),
        (">=", ">"),
        (">", ">="),
        ("=~", "=="),
        ("startswith", "endswith"),
        ("endswith", "contains"),
        ("has", "contains"),
        ("\"equals\"", "\"starts_with\""),
    ] {
        add("sign", replaced(text, old, new));
    }
    if let Some(threshold) = &rule.threshold {
        for (from, to) in [(0.0, 1.0), (0.0, -1.0), (-1.0, 0.0), (-1.0, -2.0)] {
            let (from, to) = (threshold.count + from, threshold.count + to);
            add("count", replaced(text, &from.to_string(), &to.to_string()));
        }
    }
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    // Of a document most lines say nothing of the condition.
    let words = [
        "if ",
        "return",
        "where",
        "filter",
        "contains",
        "with",
        "eventName",
    ];
    let says = |at: &usize| words.iter().any(|word| lines[*at].contains(word));
    let without = |at: usize| [&lines[..at], &lines[at + 1..]].concat().concat();
    add("line", (0..lines.len()).filter(says).map(without).collect());
    // A statement of two lines.
    let pair = |at: usize| [&lines[..at], &lines[at + 2..]].concat().concat();
    let guards = (0..lines.len().saturating_sub(1)).filter(|at| lines[*at].contains("if "));
    add("line", guards.map(pair).collect());
    all
}

/// The rules of artifacts, without what does not bear on verdicts; nothing where they are not read.
fn meaning(rule: &Rule, translation: &Translation) -> Option<String> {
    let read = read_back::rules(&translation.artifacts)?;
    let shown = read.iter().map(|read| {
        let mut bare = Rule::new(rule.metadata.clone());
        bare.selection = read.selection.clone();
        bare.threshold.clone_from(&read.threshold);
        bare.log_sources.clone_from(&read.log_sources);
        bare.residue.clone_from(&read.residue);
        json!(bare).to_string()
    });
    Some(shown.collect::<Vec<_>>().join("\n"))
}

#[derive(Default)]
struct Killed {
    of: usize,
    found: usize,
    left: Vec<String>,
}

fn mutate(rule: &Rule, target: &dyn Backend, killed: &mut BTreeMap<&'static str, Killed>) {
    let translation = read_back::export(rule, target);
    if translation.report.condition() != Fidelity::Exact {
        return;
    }
    let own = meaning(rule, &translation);
    for at in 0..translation.artifacts.len() {
        let artifact = &translation.artifacts[at];
        if artifact
            .path
            .extension()
            .is_some_and(|ending| ending == "rs")
        {
            continue;
        }
        for (kind, text) in mutants(rule, &artifact.text) {
            let mut changed = translation.clone();
            changed.artifacts[at] = Artifact {
                path: artifact.path.clone(),
                text: text.clone(),
            };
            let read = meaning(rule, &changed);
            if read.is_none() || read == own {
                continue;
            }
            let found = verified(rule, target, &changed);
            let is_proved = found.outcome == Outcome::Disagrees && found.same == Some(true);
            assert!(!is_proved, "proved equal, and disagrees:\n{text}");
            let count = killed.entry(kind).or_default();
            count.of += 1;
            if found.outcome == Outcome::Verified {
                let diff =
                    similar::TextDiff::from_lines(&artifact.text, &changed.artifacts[at].text);
                let name = &rule.metadata.name;
                let diff = diff.unified_diff().context_radius(0).to_string();
                count
                    .left
                    .push(format!("{name} {} {kind}\n{diff}", target.name()));
            } else {
                count.found += 1;
            }
        }
    }
}

#[test]
fn nearly_every_fault_of_an_artifact_is_found() {
    let mut killed = BTreeMap::new();
    for rule in all() {
        for target in TARGETS {
            mutate(&rule, backend::target(target).unwrap(), &mut killed);
        }
    }
    let (mut of, mut found) = (0, 0);
    for (kind, count) in &killed {
        println!("{kind}: {} of {} found", count.found, count.of);
        for left in &count.left {
            println!("{left}");
        }
        assert!(count.of >= 5, "{kind}: {}", count.of);
        of += count.of;
        found += count.found;
    }
    println!("{found} of {of} mutants found");
    assert!(found * 100 >= of * 90, "{found} of {of}");
}

/// Rules on tables that have the events of several sources, whose columns have other names than the fields that they hold.
const ON_COLUMNS: [&str; 3] = [
    "title: Process
id: 44444444-4444-4444-8444-444444444444
logsource: {product: windows, category: process_creation}
detection:
  selection:
    ParentImage|endswith: '\\services.exe'
    Image|endswith: ['\\cmd.exe', '\\sh.exe']
    CommandLine|contains: ' /c '
  filter_main_product:
    Product: Tool
  condition: selection and not 1 of filter_*
level: high
",
    "title: Registry
id: 55555555-5555-4555-8555-555555555555
logsource: {product: windows, category: registry_set}
detection:
  selection:
    TargetObject|contains: '\\Run\\'
    Details|startswith: 'C:'
    Image|endswith: '\\reg.exe'
  condition: selection
level: high
",
    "title: Logon
id: 66666666-6666-4666-8666-666666666666
logsource: {product: windows, service: system}
detection:
  selection:
    Provider_Name: Service
    EventID: [7045, 7036]
    ServiceName|contains: update
    param1|startswith: stop
  condition: selection
level: high
",
];

/// Each pair of different words of the query that are names of columns, exchanged one place at a time.
fn misread(query: &str, names: &[&str]) -> Vec<String> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut all = Vec::new();
    for name in names {
        for (at, _) in query.match_indices(name) {
            let (before, behind) = (&query[..at], &query[at + name.len()..]);
            if before.ends_with(is_name) || behind.starts_with(is_name) {
                continue;
            }
            let others = names.iter().filter(|other| *other != name);
            all.extend(others.map(|other| [before, other, behind].concat()));
        }
    }
    all
}

#[test]
fn a_field_that_is_read_as_another_column_is_seen() {
    let names = [
        "FolderPath",
        "InitiatingProcessFolderPath",
        "ProcessCommandLine",
        "ProcessVersionInfoProductName",
        "EventData.TargetObject",
        "EventData.Details",
        "EventData.Image",
        "Provider",
        "EventData.ServiceName",
        "EventData.param1",
    ];
    let target = backend::target("kql").unwrap();
    for text in ON_COLUMNS {
        let rule = read("sigma", text);
        let translation = read_back::export(&rule, target);
        let query = &translation.artifacts[0].text;
        let own = verified(&rule, target, &translation);
        assert_eq!(own.same, Some(true), "{query}\n{:?}", own.difference);
        let here: Vec<&str> = names
            .into_iter()
            .filter(|name| query.contains(name))
            .collect();
        let wrong = misread(query, &here);
        assert!(wrong.len() >= 2, "{query}");
        for text in wrong {
            let mut changed = translation.clone();
            changed.artifacts[0].text.clone_from(&text);
            let found = verified(&rule, target, &changed);
            assert_ne!(found.same, Some(true), "{text}");
        }
    }
}

#[test]
fn a_counterexample_is_small_and_has_its_place() {
    let (format, text) = RULES[0];
    let rule = read(format, text);
    let target = backend::target("kql").unwrap();
    let mut translation = read_back::export(&rule, target);
    let query = &mut translation.artifacts[0].text;
    *query = query.replace("iam.amazonaws.com", "ec2.amazonaws.com");
    let found = verified(&rule, target, &translation);
    assert_eq!(found.outcome, Outcome::Disagrees);
    let found = found.disagreement.unwrap();
    assert_ne!(found.source, found.target);
    let Example::Event(event) = &found.example else {
        panic!("{found:?}")
    };
    let keys: Vec<&String> = event.as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        ["eventSource", "eventName", "userIdentity"],
        "{event}"
    );
    let atom = found.atom.unwrap();
    assert!(atom.text.starts_with("eventSource eq"), "{}", atom.text);
    let span = atom.origin.0.unwrap();
    let place = &text[span.range.start as usize..span.range.end as usize];
    assert!(place.contains("iam.amazonaws.com"), "{place}");
}

/// Failed logons of one user, counted in a table whose rows have a time besides the events' own.
const COUNTED: &str = "title: Counted
id: 44444444-4444-4444-8444-444444444444
name: failed
logsource: {product: box, service: events}
detection:
  selection:
    event_type: FAILED_LOGIN
  condition: selection
---
title: Many
correlation:
  type: event_count
  rules: [failed]
  group-by: [created_by.login]
  timespan: 1h
  condition: {gte: 3}
";

#[test]
fn rows_of_a_sequence_have_the_time_of_their_events() {
    let rule = read("sigma", COUNTED);
    let target = backend::target("sentinel").unwrap();
    let translation = read_back::export(&rule, target);
    let found = verified(&rule, target, &translation);
    assert_eq!(found.outcome, Outcome::Verified, "{found:?}");
    assert!(found.counts.of >= 5, "{found:?}");
    assert_eq!(found.counts.right, found.counts.of, "{found:?}");
}

/// The query that another one becomes, which agrees with it on every event.
fn query_again(query: &str) -> String {
    agreeing_query(&normalize(read_back::query(query).unwrap()))
}

/// The query that the rule becomes, which agrees with it on every event.
fn agreeing_query(rule: &Rule) -> String {
    let target = backend::target("kql").unwrap();
    let translation = read_back::export(rule, target);
    let found = verified(rule, target, &translation);
    assert_eq!(found.outcome, Outcome::Verified, "{found:?}");
    translation.artifacts[0].text.clone()
}

/// JSON has texts in it that spell JSON again: each is read where the query reads it.
#[test]
fn a_text_within_json_is_read_where_the_query_reads_it() {
    let query = query_again(
        "AzureActivity
| extend Request = parse_json(tostring(parse_json(tostring(Properties_d.requestbody)).Properties))
| where tostring(Request.PrincipalType) == 'ServicePrincipal'",
    );
    let inner = query.matches("parse_json(tostring(").count();
    assert!(inner >= 2, "{query}");
}

/// A query names its table: the other tables of the log source are none of its own. What it estimates is estimated.
#[test]
fn a_query_stays_with_its_table() {
    let query = query_again("AzureActivity | where Caller =~ 'x'");
    assert!(
        query.ends_with("AzureActivity\n| where Caller =~ \"x\"\n"),
        "{query}"
    );
    let query = query_again(
        "SigninLogs
| where ResultType == '50126'
| summarize Applications = dcount(AppDisplayName) by UserPrincipalName, bin(TimeGenerated, 1h)
| where Applications > 5",
    );
    assert!(query.contains("= dcount(AppDisplayName)"), "{query}");
}

/// A column of texts may be called like what is read of it.
#[test]
fn what_is_read_of_a_column_may_have_its_name() {
    let query = query_again(
        "AADSignInEventsBeta
| extend ConditionalAccessPolicies = parse_json(ConditionalAccessPolicies)
| where tostring(ConditionalAccessPolicies.result) == 'failure'",
    );
    assert!(
        query.contains("parse_json(ConditionalAccessPolicies).result"),
        "{query}"
    );
}

/// What tells the events of a source from others in a table is asked once, also where the rule asks for it.
#[test]
fn what_tells_events_apart_is_asked_once() {
    let text = "title: T
logsource: {product: windows, category: process_creation}
detection:
  s: {EventID: 4688, CommandLine|contains: tscon}
  condition: s
level: high
";
    let query = agreeing_query(&read("sigma", text));
    assert_eq!(query.matches("EventID").count(), 1, "{query}");
    // No event of the table is another.
    agreeing_query(&read("sigma", &text.replace("4688", "4664")));
}
