//! The grammar from outside: every operator and form reads and prints back, errors stand where they belong, and no text
//! exhausts the stack.

use super::ast::{ExpressionKind, Literal, Operator, Precedence, Source, StatementKind};
use super::{expression, parse, print};
use crate::diagnostic::Code;

/// Asserts that the text is well-formed and that its printed form reads back to the same tree.
fn round_trip(text: &str) {
    let parsed = parse(text);
    assert_eq!(parsed.errors, [], "{text}");
    let printed = print(&parsed.query);
    let again = parse(&printed);
    assert_eq!(again.errors, [], "{printed}");
    assert_eq!(again.query, parsed.query, "{text}\n{printed}");
}

/// The first error as text: what it covers, what it says, and its help.
fn first_error(text: &str) -> (String, String, Option<String>) {
    let error = parse(text).errors.into_iter().next().expect(text);
    let covered = text.get(error.range.indices()).unwrap_or("").to_owned();
    (covered, error.message, error.help)
}

#[test]
fn every_operator_reads_back() {
    for stage in [
        "where a == 1",
        "where name = a has 'x'",
        "extend a = 1, (b, c) = f(x), strlen(d)",
        "project",
        "project-away a*, ['b c']",
        "project-keep *_x",
        "project-rename a = b",
        "project-reorder a desc, * asc, b granny-desc",
        "summarize",
        "summarize hint.strategy=shuffle count() by bin(t, 1h), k = tostring(d.x)",
        "summarize by a",
        "summarize count() by a bin = 1h",
        "distinct *",
        "sort by a asc nulls first, b",
        "top 5 by a desc",
        "top-nested 3 of a with others = 'x' by count(), top-nested of b by max(c)",
        "top-hitters 3 of a by b",
        "take 10",
        "sample 5",
        "sample-distinct 5 of a",
        "join kind=leftanti hint.strategy=broadcast (T | where x) on a, $left.b == $right.c",
        "join T on a",
        "lookup kind=leftouter T on a",
        "union withsource=src isfuzzy=true T*, (U | take 1), database('d').V, f(x.b*c), database('e').W*",
        "mv-expand bagexpansion=array a = b to typeof(string), c limit 5",
        "mv-apply x = a to typeof(string) on (where x has 'y' | summarize count())",
        "parse kind=regex flags=Ui a with * \"x=\" b: long \"y\" c *",
        "parse-where a with 'x' b",
        "parse-kv a as (b: string, c: long) with (pair_delimiter=';', greedy=true)",
        "evaluate hint.distribution=per_node bag_unpack(a, 'p_') : (*, b: string)",
        "make-series n = count() default=0 on t from a to b step 1h by k",
        "make-series avg(x) on t in range(a, b, 1d)",
        "render timechart with (title='x', ycolumns=a, b, ymin=0)",
        "serialize rn = row_number()",
        "search kind=case_sensitive in (A, B*) 'x' and c:'y'",
        "search *",
        "find withsource=s in (A, B) where x == 1 project a, b: string, pack(*)",
        "count as n",
        "as hint.materialized=true name",
        "consume",
        "getschema",
        "invoke f(a)",
        "partition by a (top 1 by b)",
        "partition hint.strategy=native by a { T | where b }",
        "scan with_match_id=m partition by p declare (x: long = 0) with (step s output=last: a > 1 => x = x + 1; step t: true;)",
        "fork (where a | take 1) n = (count)",
        "facet by a, b with (where c)",
        "reduce by a with threshold=0.2",
        "assert-schema (a: string)",
        "graph-match (a)-[b]->(c) where a.x == 1",
    ] {
        round_trip(&format!("T | {stage}"));
    }
}

#[test]
fn every_statement_and_source_reads_back() {
    for text in [
        "let a = 5; let b = dynamic({'x': [1, -2.5, null, \"y\"], \"z\": datetime(2024-01-01)}); print a, b",
        "let f = (T: (*), U: (a: long), s: string = \"x\", n: timespan = 1d) { let y = 1; T | where a == y }; f(T, U)",
        "let v = view () { T }; v",
        "let g = entity_group [database('a'), database('b')]; macro-expand g as X (X.T | take 1)",
        "set notruncation; set querytrace = true; T",
        "declare query_parameters(a: string = 'x', b: long); T",
        "alias database d = cluster('c').database('e'); T",
        "restrict access to (T*, database('d').U); T",
        "let m = materialize(T | where a); toscalar(m | summarize max(x))",
        "datatable (a: string, b: long) ['x', 1, 'y', -2] | where b between (1 .. 3)",
        "externaldata (a: string) [@'https://x/y.csv', h'z'] with (format=csv, ignoreFirstRecord=true)",
        "range x from 1 to 10 step 1 | extend y = x % 2",
        "print 'a' \"b\", @'c\\d', ```e\nf```, 1d, 1.5h, real(nan), guid(74be27de-1e4e-49d9-b579-fe0b331d3642), bool(null)",
        "T | where a.b['c d'][0].['e'] == {Param} and * has 'x' and a !in~ ('x', 'y') and b has_any (dynamic(['z']))",
        "T | where a in ((U | project x)) or not(b matches regex @'\\d+') or c !between (1d .. 2d)",
        "",
    ] {
        round_trip(text);
    }
}

#[test]
fn literals_have_values() {
    for (text, expected) in [
        (
            "'a' @\"b\\\" \"\\x63\"",
            Literal::String("ab\\c".to_owned()),
        ),
        ("1.5h", Literal::Timespan(Some(54_000_000_000))),
        (
            "datetime(\"2024-01-01\")",
            Literal::Datetime(Some("2024-01-01".to_owned())),
        ),
        ("long(null)", Literal::Long(None)),
        ("0x10", Literal::Long(Some(16))),
    ] {
        assert_eq!(
            expression(text)
                .ok()
                .as_ref()
                .and_then(|read| read.as_literal()),
            Some(&expected),
            "{text}"
        );
    }
}

#[test]
fn string_operators_bind_tighter_than_sums() {
    let read = expression("a + b has 'x' == true").expect("an expression");
    let ExpressionKind::Binary(equality) = &read.kind else {
        panic!("{read:?}")
    };
    let ExpressionKind::Binary(sum) = &equality.left.kind else {
        panic!("{read:?}")
    };
    assert_eq!(sum.operator.precedence(), Precedence::Sum);
    for refused in [
        "a == b == c",
        "a < b < c",
        "a has b has c",
        "a in (1) == true",
        "- -a",
        "a !has_any ('x')",
    ] {
        assert!(expression(refused).is_err(), "{refused}");
    }
}

#[test]
fn errors_say_where_and_what() {
    for (text, covered, message, help) in [
        (
            "T | sumarize count()",
            "sumarize",
            "expected an operator, found `sumarize`",
            Some("`summarize`"),
        ),
        (
            "T | where f(a == 1 | take 1",
            "|",
            "expected `)`, found `|`",
            None,
        ),
        (
            "T | where a == b == c",
            "==",
            "expected `|`, `;` or the end of the query, found `==`",
            Some("chain"),
        ),
        (
            "T | extend a = 1 b = 2",
            "b",
            "expected `,` or `|`, found `b`",
            None,
        ),
        (
            "T | where title == 1",
            "title",
            "expected an expression, found `title`",
            Some("['title']"),
        ),
        (
            "T | where a == \"x\\d\"",
            "\\d",
            "the escape `\\d` is not one of KQL",
            Some("@\"...\""),
        ),
        (
            "T | where a in (1, )",
            ")",
            "expected an expression, found `)`",
            None,
        ),
        (
            "T | where a matches  regex 'x'",
            "matches  regex",
            "expected exactly one space",
            None,
        ),
        (
            "print \"abc",
            "\"abc",
            "expected `\"` at the end of the string",
            None,
        ),
        (
            "T | where",
            "",
            "expected an expression, found the end of the query",
            None,
        ),
    ] {
        let (found, said, helped) = first_error(text);
        assert_eq!(found, covered, "{text}");
        assert!(said.starts_with(message), "{text}: {said}");
        match help {
            Some(help) => assert!(
                helped.as_deref().unwrap_or("").contains(help),
                "{text}: {helped:?}"
            ),
            None => assert_eq!(helped, None, "{text}"),
        }
    }
}

#[test]
fn habits_of_other_languages_get_help() {
    for (text, help) in [
        ("T | where not a", "not(...)"),
        ("T | where a in [\"x\"]", "parentheses"),
        ("T | where a || b", "`or`"),
        ("T | where a AND b", "lower case"),
        ("T | where a !has_any ('x')", "not("),
        ("where a == 1", "source"),
        ("T where a", "a bar"),
        ("T | extend a = 1 where b", "a bar"),
        ("let x = 5 T | take x", "ends with `;`"),
        ("T | where a is null", "isnull("),
        ("T | where a not in (1)", "!in"),
        ("T | where a ~= 'x'", "=~"),
        ("T | join (U) x", "`on`"),
        ("T | project-awy a", "project-away"),
        (
            "T | summarize hint.strtegy=shuffle count()",
            "hint.strategy",
        ),
        ("let x = [1, 2]; T", "dynamic([...])"),
        ("T | where a in (['x', 'y'])", "dynamic([...])"),
        ("T | make_set(a) by b", "summarize"),
        ("T | count() by b", "summarize"),
    ] {
        let (_, _, found) = first_error(text);
        assert!(
            found.as_deref().unwrap_or("").contains(help),
            "{text}: {found:?}"
        );
    }
}

#[test]
fn one_query_has_several_errors() {
    let text = "let x = ;\nT\n| wher a\n| extend b = f(1\n| take 5\n| join (U | sumarize c) on d";
    let parsed = parse(text);
    let places: Vec<&str> = parsed
        .errors
        .iter()
        .map(|error| &text[error.range.indices()])
        .collect();
    assert_eq!(places, [";", "wher", "|", "sumarize"]);
    let Some(StatementKind::Expression(pipeline)) =
        parsed.query.statements.last().map(|it| &it.kind)
    else {
        panic!("{:?}", parsed.query)
    };
    assert!(matches!(pipeline.source, Source::Expression(_)));
    let kinds: Vec<bool> = pipeline
        .stages
        .iter()
        .map(|it| matches!(it.kind, Operator::Invalid(_)))
        .collect();
    assert_eq!(kinds, [true, true, false, false]);
}

#[test]
fn nesting_is_bounded() {
    let deep = 10_000;
    for (open, inner, close) in [
        ("(", "1", ")"),
        ("f(", "1", ")"),
        ("-(", "1", ")"),
        ("dynamic([", "1", "])"),
        ("toscalar(T | where a in (", "1", "))"),
        ("a[", "1", "]"),
        ("a == (T | join (", "T", "))"),
        ("", "1", " + 1"),
        ("(T | mv-apply x on (where ", "1", "))"),
    ] {
        let text = format!("print {}{inner}{}", open.repeat(deep), close.repeat(deep));
        let parsed = parse(&text);
        let codes: Vec<Code> = parsed.errors.iter().map(|error| error.code).collect();
        assert_eq!(codes, [Code::KqlNesting], "{open}");
        drop(print(&parsed.query));
    }
    let json = format!("print dynamic({}{})", "[".repeat(deep), "]".repeat(deep));
    assert_eq!(
        parse(&json).errors.first().map(|error| error.code),
        Some(Code::KqlNesting)
    );
    let functions = format!("{}{}", "let f = () { ".repeat(deep), "};".repeat(deep));
    assert_eq!(
        parse(&functions).errors.first().map(|error| error.code),
        Some(Code::KqlNesting)
    );
}

#[test]
fn long_lists_are_not_deep() {
    let many = vec!["a == 1"; 10_000];
    round_trip(&format!("T | where {}", many.join(" or ")));
    round_trip(&format!("T | where x{}", ".y".repeat(10_000)));
    round_trip(&format!("T{}", " | take 1".repeat(10_000)));
}

#[test]
fn the_deepest_allowed_tree_prints_and_drops() {
    let levels = 38;
    round_trip(&format!(
        "print {}1{}",
        "iff(a, b, ".repeat(levels),
        ")".repeat(levels)
    ));
    round_trip(&format!(
        "print {}1{}",
        "1 + (1 * ".repeat(levels),
        ")".repeat(levels)
    ));
}
