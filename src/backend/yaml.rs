//! JSON values as YAML blocks, for the keys of a document that a rule carries through unread.
//!
//! Two spaces per level, lists indented under their key; every scalar reads back as the same value in YAML 1.1 and 1.2.

use serde_json::Value;

use super::yaml_scalar;

/// `key: value`, with nested values on lines of their own; no line end at the end.
pub(super) fn entry(key: &str, value: &Value) -> String {
    let mut lines = Vec::new();
    push_entry(&mut lines, 0, "", key, value);
    lines.join("\n")
}

/// A text as a block scalar after `key: `, indented by two; quoted where a block could not hold it as it is.
pub(super) fn block_text(text: &str) -> String {
    let trimmed = text.trim_end_matches('\n');
    let plain = !trimmed.is_empty()
        && !trimmed.starts_with([' ', '\n'])
        && !trimmed.lines().any(|line| line.ends_with(' '))
        && !trimmed.contains(|c: char| {
            (c.is_control() && c != '\n') || matches!(c, '\u{feff}' | '\u{2028}' | '\u{2029}')
        });
    if !plain {
        return yaml_scalar(text);
    }
    let lines: Vec<String> = trimmed
        .split('\n')
        .map(|line| {
            if line.is_empty() {
                String::new()
            } else {
                format!("  {line}")
            }
        })
        .collect();
    format!("|\n{}", lines.join("\n"))
}

/// A text of many lines as a block scalar after `key: `, with the spaces at the ends of its lines; quoted where it has
/// characters that no block holds. Line ends at its end become one.
pub(super) fn literal(text: &str) -> String {
    let text = text.trim_end_matches('\n');
    let odd = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t'))
            || matches!(c, '\u{feff}' | '\u{2028}' | '\u{2029}')
    };
    if text.trim().is_empty() || text.contains(odd) {
        return yaml_scalar(text);
    }
    // The indentation cannot be read off a first line that has some of its own.
    let head = if text.starts_with([' ', '\t', '\n']) {
        "|2"
    } else {
        "|"
    };
    let lines = text.split('\n').map(|line| {
        if line.is_empty() {
            String::new()
        } else {
            format!("  {line}")
        }
    });
    format!("{head}\n{}", lines.collect::<Vec<_>>().join("\n"))
}

fn push_entry(lines: &mut Vec<String>, indent: usize, lead: &str, key: &str, value: &Value) {
    let start = format!("{}{lead}{}:", " ".repeat(indent), yaml_scalar(key));
    // What follows a list's dash stands two further to the right.
    let inside = indent + lead.len();
    match value {
        Value::Object(map) if !map.is_empty() => {
            lines.push(start);
            for (key, value) in map {
                push_entry(lines, inside + 2, "", key, value);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            lines.push(start);
            for item in items {
                push_item(lines, inside + 2, item);
            }
        }
        scalar => lines.push(format!("{start} {}", flat(scalar))),
    }
}

fn push_item(lines: &mut Vec<String>, indent: usize, item: &Value) {
    match item {
        Value::Object(map) if !map.is_empty() => {
            for (at, (key, value)) in map.iter().enumerate() {
                let (lead, indent) = if at == 0 {
                    ("- ", indent)
                } else {
                    ("", indent + 2)
                };
                push_entry(lines, indent, lead, key, value);
            }
        }
        // A list in a list is rare enough for the flow form.
        other => lines.push(format!("{}- {}", " ".repeat(indent), flat(other))),
    }
}

fn flat(value: &Value) -> String {
    match value {
        Value::String(text) => yaml_scalar(text),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_read_back_as_themselves() {
        let value = json!({
            "a": {"b": [1, true, null, "x: y", "", {"c": [], "d": {"e": "1"}}, [1, "a"]]},
            "empty": {},
        });
        let text = format!("{}\n", entry("key", &value));
        let documents = crate::syntax::yaml::parse(crate::source::SourceId(0), &text).unwrap();
        assert_eq!(documents[0].value.clone().unwrap()["key"], value, "{text}");
        insta::assert_snapshot!(text, @r#"
        key:
          a:
            b:
              - 1
              - true
              - null
              - "x: y"
              - ""
              - c: []
                d:
                  e: "1"
              - [1,"a"]
          empty: {}
        "#);
    }

    #[test]
    fn texts_read_back_as_themselves() {
        for text in [
            "one line",
            "two\n\nlines",
            " indented",
            "trailing \nspace",
            "tab\t",
            "",
            "é",
        ] {
            let yaml = format!("k: {}\n", block_text(text));
            let documents = crate::syntax::yaml::parse(crate::source::SourceId(0), &yaml).unwrap();
            let read = documents[0].value.clone().unwrap();
            let read = read["k"].as_str().unwrap();
            assert_eq!(read.trim_end_matches('\n'), text, "{yaml}");
        }
    }

    #[test]
    fn literals_keep_the_spaces_of_their_lines() {
        for text in [
            "T\n| where a == 1",
            "  T \n| where\ta \n   \n\n| take 1  ",
            "\n\nT",
            "\tT",
            " \n T",
            "a\u{1}b",
            "T // é",
            "",
        ] {
            let yaml = format!("k: {}\nl: 1\n", literal(text));
            let documents = crate::syntax::yaml::parse(crate::source::SourceId(0), &yaml).unwrap();
            let read = documents[0].value.clone().unwrap();
            let read = read["k"].as_str().unwrap();
            assert_eq!(read.trim_end_matches('\n'), text, "{yaml}");
        }
    }
}
