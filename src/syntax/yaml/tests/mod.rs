//! Values, places, and the way of embedded text back to the file.

mod agreement;

use super::*;
use crate::source::{Sources, TextRange};

fn located(text: &str, path: &[Step<'_>], inner: &str) -> (String, String) {
    let mut sources = Sources::new();
    let id = sources.add("a.yaml", text);
    let documents = parse(id, text).unwrap();
    let (value, embedded) = documents[0].document.embedded(path).unwrap();
    let at = value.find(inner).unwrap();
    let span = embedded.span(TextRange::new(at, at + inner.len()));
    (
        sources.text(span).to_owned(),
        sources
            .get(id)
            .unwrap()
            .position(span.range.start)
            .to_string(),
    )
}

#[test]
fn flow_collections_may_end_at_the_margin() {
    let text = "tests:\n  - log: {\n    a: 1\n  }\n    name: [\n  x\n  ]\nlast: y\n";
    let mut sources = Sources::new();
    let id = sources.add("a.yaml", text);
    let documents = parse(id, text).unwrap();
    let span = documents[0].document.span(&[Step::Key("last")]).unwrap();
    assert_eq!(sources.text(span), "y");
    assert!(parse(id, "a: {\n# x\n}\n  b: c\n").is_err());
}

#[test]
fn block_scalars_keep_file_positions() {
    let text = "name: é\nquery: |\n  let a = 1;\n\n  T\n    | where b == a\nkind: x\n";
    assert_eq!(
        located(text, &[Step::Key("query")], "b == a"),
        ("b == a".into(), "6:13".into())
    );
    assert_eq!(
        located(text, &[Step::Key("query")], "T"),
        ("T".into(), "5:3".into())
    );
}

#[test]
fn quoted_and_folded_scalars_keep_file_positions() {
    assert_eq!(
        located("q: \"a\\tb == 'c'\"", &[Step::Key("q")], "b == 'c'").1,
        "1:8"
    );
    assert_eq!(
        located("q: >-\n  a\n  b == 1\n", &[Step::Key("q")], "b == 1"),
        ("b == 1".into(), "3:3".into())
    );
    assert_eq!(
        located(r#"q: "T\nnext n""#, &[Step::Key("q")], "n").1,
        "1:8"
    );
    assert_eq!(located("q: 'it''s b'", &[Step::Key("q")], "b").1, "1:11");
}

/// Each word of a query that was put into a file in some way stands where the file has it.
#[test]
fn every_word_of_a_query_is_found_in_any_scalar() {
    let queries = [
        "T1\n| where a2 == \"é3\" // c4\n| extend b5 = 'x6'\n\n| take 7",
        "let a1 = dynamic([2, 3]);\nT4\n    | where b5 in (a1)\n\t| project c6",
    ];
    let block = |head: &str, indent: &str, query: &str| {
        let lines = query.lines().map(|line| match line {
            "" => "\n".to_owned(),
            line => format!("{indent}{line}\n"),
        });
        format!("é: 1\nq: {head}\n{}k: 2\n", lines.collect::<String>())
    };
    for query in queries {
        let escaped = query
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('\n', "\\n")
            .replace('\t', "\\t");
        let doubled = query.replace('\'', "''").replace('\n', "\n\n  ");
        let mut files = vec![
            block("|", "  ", query),
            block("|-", " ", query),
            block("|+", "    ", query),
            block("|2", "  ", query),
            block("|2-", "  ", &query.replace('T', "  T")),
            block(">", "  ", query),
            block(">-", "   ", query),
            block("| # why", "  ", query),
            format!("é: 1\nq: \"{escaped}\"\nk: 2\n"),
            format!("é: 1\nq: '{doubled}'\nk: 2\n"),
            format!("{{\"é\": 1, \"q\": \"{escaped}\"}}"),
        ];
        files.extend(files.clone().iter().map(|file| file.replace('\n', "\r\n")));
        for file in &files {
            let words = words(query);
            let (mut sources, path) = (Sources::new(), [Step::Key("q")]);
            let id = sources.add("a.yaml", file.clone());
            let documents = parse(id, file).unwrap();
            let (value, embedded) = documents[0].document.embedded(&path).unwrap();
            let mut from = 0;
            let mut last = 0;
            for word in words {
                let at = value[from..].find(word).unwrap() + from;
                from = at + word.len();
                let span = embedded.span(TextRange::new(at, from));
                assert_eq!(sources.text(span), word, "{file}");
                assert!(span.range.start >= last, "{file}");
                last = span.range.end;
            }
        }
    }
}

/// The runs of letters and digits.
fn words(text: &str) -> Vec<&str> {
    let parts = text.split(|c: char| !c.is_alphanumeric());
    parts.filter(|word| !word.is_empty()).collect()
}

#[test]
fn several_documents_are_read_each_for_itself() {
    let text = "a: 1\n---\nb: [x, {c: 2}]\n";
    let documents = parse(SourceId(0), text).unwrap();
    assert_eq!(documents.len(), 2);
    assert_eq!(
        documents[1].value.clone().unwrap(),
        serde_json::json!({"b": ["x", {"c": 2}]})
    );
    assert_eq!(
        documents[1]
            .document
            .span(&[Step::Key("b"), Step::Item(1), Step::Key("c")])
            .unwrap()
            .range
            .indices(),
        20..21
    );
}

#[test]
fn what_is_not_yaml_is_a_diagnostic() {
    assert_eq!(
        parse(SourceId(0), "a: [1").unwrap_err().code,
        Code::YamlSyntax
    );
    assert_eq!(
        parse(SourceId(0), &"[".repeat(100_000)).unwrap_err().code,
        Code::YamlSyntax
    );
    assert!(parse(SourceId(0), "").unwrap().is_empty());
}
