//! The binder against Microsoft's: names, types and order of the columns of small queries, and the places of their mistakes.
//!
//! The expectations in `kql_bind/cases.txt` were measured on Microsoft's language service by `tests/oracles/kql/bind.mjs`, which
//! measures them again. `RULEC_BIND_MEASURED` names a file of further measurements, one JSON object on a line; the test then
//! says how many of them the binder agrees with, and demands the shares of the accepted queries that the binder promises.

use std::fmt::Write as _;

use rulec::bind::{Bound, bind};
use rulec::diagnostic::Severity;
use rulec::schema::kusto::Schemas;
use rulec::syntax::kql;

fn bound(query: &str) -> Bound {
    let parsed = kql::parse(query);
    assert!(parsed.errors.is_empty(), "{query}: {:?}", parsed.errors);
    bind(&parsed.query, Schemas::builtin())
}

/// The columns as `name: type, ...`.
fn columns(bound: &Bound) -> String {
    let columns = bound.columns.iter();
    let shown = columns.map(|column| format!("{}: {}", column.name, column.kind.name()));
    shown.collect::<Vec<_>>().join(", ")
}

/// The errors, each as the text at its place and the place.
fn errors(query: &str, bound: &Bound) -> String {
    let mut shown = String::new();
    for problem in &bound.problems {
        if problem.severity == Severity::Error {
            let text = &query[problem.range.indices()];
            let _ = writeln!(shown, "! {text} @{}", problem.range.start);
        }
    }
    shown
}

#[test]
fn columns_and_mistakes_are_those_that_were_measured() {
    let cases = include_str!("kql_bind/cases.txt");
    let mut failures = String::new();
    let mut count = 0;
    for case in cases.split("\n\n").filter(|case| !case.trim().is_empty()) {
        let mut lines = case.lines().filter(|line| !line.starts_with('#'));
        let Some(query) = lines.next().and_then(|line| line.strip_prefix("> ")) else {
            continue;
        };
        let expected = lines.fold(String::new(), |text, line| text + line + "\n");
        let bound = bound(query);
        let measured = format!("= {}\n{}", columns(&bound), errors(query, &bound));
        count += 1;
        if measured.replace(" \n", "\n") != expected.replace(" \n", "\n") {
            let _ = writeln!(
                failures,
                "{query}\n--- measured\n{expected}--- bound\n{measured}"
            );
        }
    }
    assert!(count > 100, "{count} cases");
    assert!(failures.is_empty(), "{failures}");
}

/// What was measured of one query.
struct Measured {
    query: String,
    columns: Option<String>,
    open: bool,
    errors: usize,
    syntax: bool,
}

fn measured(line: &str) -> Measured {
    let value: serde_json::Value = serde_json::from_str(line).expect("a line is an object");
    let column = |column: &serde_json::Value| {
        let part = |at: usize| column[at].as_str().unwrap_or_default().to_owned();
        (part(0), part(1))
    };
    let columns: Option<Vec<_>> = value["columns"]
        .as_array()
        .map(|columns| columns.iter().map(column).collect());
    let unknown = columns.iter().flatten().any(|(_, kind)| kind == "unknown");
    let shown = |columns: Vec<(String, String)>| {
        let columns = columns.iter().map(|(name, kind)| format!("{name}: {kind}"));
        columns.collect::<Vec<_>>().join(", ")
    };
    Measured {
        query: value["query"].as_str().unwrap_or_default().to_owned(),
        columns: columns.map(shown),
        open: unknown || value["open"].as_bool().unwrap_or_default(),
        errors: value["errors"].as_array().map_or(0, Vec::len),
        syntax: value["syntax"].as_bool().unwrap_or_default(),
    }
}

#[test]
fn further_measurements_agree() {
    let Some(path) = std::env::var_os("RULEC_BIND_MEASURED") else {
        eprintln!("skipped: RULEC_BIND_MEASURED names no measurements");
        return;
    };
    let text = std::fs::read_to_string(path).expect("the measurements can be read");
    let (mut closed, mut same, mut accepted, mut refused) = (0, 0, 0, 0);
    for case in text.lines().map(measured) {
        let parsed = kql::parse(&case.query);
        if case.syntax || !parsed.errors.is_empty() {
            continue;
        }
        let bound = bind(&parsed.query, Schemas::builtin());
        if let Some(expected) = case.columns.filter(|_| !case.open) {
            closed += 1;
            same += usize::from(columns(&bound) == expected);
        }
        if case.errors == 0 {
            accepted += 1;
            refused += usize::from(
                bound
                    .problems
                    .iter()
                    .any(|problem| problem.severity == Severity::Error),
            );
        }
    }
    eprintln!(
        "{same} of {closed} results without open sources are the same; {refused} of {accepted} accepted queries are refused"
    );
    assert!(same * 100 >= closed * 98);
    assert_eq!(refused, 0);
}

#[test]
fn further_mistakes_are_found() {
    let cases = [
        ("print x = \"a\" | where x matches regex \"(\"", "KQL010"),
        (
            "print x = \"a\" | where x matches regex @\"(?=a)\"",
            "KQL010",
        ),
        (
            "print x = \"a\" | extend y = extract(\"[a\", 1, x)",
            "KQL010",
        ),
        (
            "print x = \"10.0.0.1\" | where ipv4_is_in_range(x, \"10.0.0.0/33\")",
            "KQL011",
        ),
        (
            "print x = \"10.0.0.1\" | where ipv4_is_in_any_range(x, dynamic([\"10.0.0.0/8\", \"ten\"]))",
            "KQL011",
        ),
        ("print x = \"a\", y = 5 | where x == y", "KQL009"),
        ("print x = \"a\", y = 5 | where y == \"a\"", "KQL009"),
        (
            "print x = dynamic([1]), y = dynamic([1]) | where x == y",
            "KQL009",
        ),
    ];
    for (query, code) in cases {
        let bound = bound(query);
        let codes: Vec<_> = bound
            .problems
            .iter()
            .map(|problem| problem.code.name())
            .collect();
        assert_eq!(codes, [code], "{query}");
    }
    let sound = [
        "print x = \"a\" | where x matches regex @\"[[]a(?i)b\\.\" and x matches regex \"a{,2}\"",
        "print x = \"10.0.0.1\" | where ipv4_is_in_range(x, \"10.0.0.0/8\") or ipv4_is_in_range(x, \"10.0.0.1\")",
        "print x = dynamic([1]) | where x == dynamic([1]) and tostring(x) == \"a\"",
    ];
    for query in sound {
        assert!(
            bound(query).problems.is_empty(),
            "{query}: {:?}",
            bound(query).problems
        );
    }
}

#[test]
fn a_misspelt_name_is_explained_by_a_similar_one() {
    let cases = [
        ("SecurityEvent | where acount == \"x\"", "Account"),
        (
            "SecurityEvent | where TimeGenerate > ago(1d)",
            "TimeGenerated",
        ),
        ("SecurityEvent | extend x = tolowr(Account)", "tolower"),
        (
            "let threshold = 5; SecurityEvent | where EventID > treshold",
            "threshold",
        ),
    ];
    for (query, name) in cases {
        let bound = bound(query);
        let help = bound
            .problems
            .first()
            .and_then(|problem| problem.help.clone());
        assert_eq!(
            help,
            Some(format!("`{name}` has a similar name")),
            "{query}"
        );
    }
}

#[test]
fn a_source_that_is_not_known_is_no_mistake() {
    for query in [
        "MyParser | where Anything == 5 | summarize count() by Other",
        "MyFunction(5) | extend x = Some.path | project x, Other",
        "MyTable_CL | join kind=inner (Other_CL) on Key | where Name_s == \"x\" and Number_d > 5",
        "union isfuzzy=true A_CL, B_CL | where x == 1 | invoke MyEnrichment(\"x\") | where y == 1",
    ] {
        let bound = bound(query);
        assert!(bound.problems.is_empty(), "{query}: {:?}", bound.problems);
    }
    for query in [
        "AzureDiagnostics | where hostname_s == \"x\" and AdditionalFields.client == \"y\"",
        "GitHubAuditLogPolling_CL | where of_our_own_s == \"x\"",
        "print d = dynamic([1]) | extend e = todynamic(d)",
    ] {
        let bound = bound(query);
        assert!(bound.problems.is_empty(), "{query}: {:?}", bound.problems);
    }
    let derived = bound("MyParser | project a, b | where c == 1");
    let severities: Vec<_> = derived
        .problems
        .iter()
        .map(|problem| problem.severity)
        .collect();
    assert_eq!(severities, [Severity::Warning]);
}

#[test]
fn expressions_have_types_by_their_range() {
    use rulec::source::TextRange;
    let query = "SecurityEvent | where EventID == 4624 and Account has \"x\"";
    let bound = bound(query);
    let kind = |text: &str| {
        let at = query.find(text).unwrap();
        bound.kind(TextRange::new(at, at + text.len())).name()
    };
    assert_eq!((kind("EventID"), kind("Account")), ("int", "string"));
    assert_eq!(
        (kind("EventID == 4624"), kind("where")),
        ("bool", "unknown")
    );
}

#[test]
fn no_query_is_too_much() {
    // Each function calls the one before twice.
    let mut deep = "let f0 = () { SecurityEvent | project Account };".to_owned();
    for at in 1..40 {
        let before = at - 1;
        let _ = write!(
            deep,
            "let f{at} = () {{ f{before}() | union f{before}() }};"
        );
    }
    deep.push_str("f39 | project Nothing");
    let _ = bound(&deep);
    let mut wide = "print a = 1".to_owned();
    for at in 0..3000 {
        let _ = write!(wide, " | extend c{at} = a + c{}", at.max(1) - 1);
    }
    let _ = bound(&wide);
    let sum = vec!["1"; 120].join(" + ");
    assert_eq!(columns(&bound(&format!("print x = {sum}"))), "x: long");
    let calls = format!("print x = {}1{}", "toint(".repeat(100), ")".repeat(100));
    assert_eq!(columns(&bound(&calls)), "x: int");
    let mut chain = "let g0 = (x: long) { x };".to_owned();
    for at in 1..60 {
        let _ = write!(chain, "let g{at} = (x: long) {{ g{}(x + 1) }};", at - 1);
    }
    chain.push_str("print y = g59(1)");
    assert_eq!(columns(&bound(&chain)), "y: long");
    let many: String = (0..5000).map(|_| ", count()").collect();
    let _ = bound(&format!("SecurityEvent | summarize count(){many}"));
}
