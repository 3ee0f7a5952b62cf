//! YAML pieces in Sigma's layout: four spaces per level, one item of a list per line.

use serde_json::Value;

use crate::backend::yaml_scalar;

/// One level of indentation.
pub(super) const LEVEL: &str = "    ";

/// The lines of `key: value`.
pub(super) fn entry(key: &str, value: &Value) -> Vec<String> {
    let key = yaml_scalar(key);
    match value {
        Value::Array(items) if !items.is_empty() => {
            let mut lines = vec![format!("{key}:")];
            lines.extend(items.iter().flat_map(|item| indented(listed(item))));
            lines
        }
        Value::Object(entries) if !entries.is_empty() => {
            let mut lines = vec![format!("{key}:")];
            lines.extend(
                entries
                    .iter()
                    .flat_map(|(key, value)| indented(entry(key, value))),
            );
            lines
        }
        scalar => vec![format!("{key}: {}", flow(scalar))],
    }
}

/// The lines of an item of a list.
fn listed(value: &Value) -> Vec<String> {
    let lines = match value {
        Value::Object(entries) if !entries.is_empty() => entries
            .iter()
            .flat_map(|(key, value)| entry(key, value))
            .collect(),
        // A list in a list is rare enough to stay on one line.
        other => vec![flow(other)],
    };
    bulleted(lines)
}

/// A dash before the first line, the others under it.
pub(super) fn bulleted(lines: Vec<String>) -> Vec<String> {
    let mark = |(at, line): (usize, String)| format!("{} {line}", if at == 0 { "-" } else { " " });
    lines.into_iter().enumerate().map(mark).collect()
}

/// The lines one level in.
pub(super) fn indented(lines: Vec<String>) -> Vec<String> {
    lines
        .into_iter()
        .map(|line| format!("{LEVEL}{line}"))
        .collect()
}

/// A value on one line.
fn flow(value: &Value) -> String {
    match value {
        // A date is a text that YAML 1.1 reads as a date; Sigma writes it without quotes.
        Value::String(text) if is_date(text) || is_duration(text) => text.clone(),
        Value::String(text) => yaml_scalar(text),
        // JSON is YAML.
        other => other.to_string(),
    }
}

fn is_duration(text: &str) -> bool {
    let digits = text.trim_end_matches(['s', 'm', 'h', 'd']);
    digits.len() + 1 == text.len()
        && !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_date(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

/// A text as the value of a key at the top level: a block where it has several lines, as long as a block gives it back as it is.
pub(super) fn text(text: &str) -> String {
    let is_block = text.trim_end_matches('\n').contains('\n')
        && !text.starts_with([' ', '\n', '\t'])
        && !text.ends_with("\n\n")
        && !text.contains(|c: char| {
            c != '\n' && (c.is_control() || "\u{feff}\u{2028}\u{2029}\u{85}".contains(c))
        })
        && !text.lines().any(|line| line.ends_with(' '));
    if !is_block {
        return yaml_scalar(text);
    }
    let mut block = String::from(if text.ends_with('\n') { "|" } else { "|-" });
    for line in text.lines() {
        block.push('\n');
        if !line.is_empty() {
            block.push_str(LEVEL);
            block.push_str(line);
        }
    }
    block
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceId;
    use crate::syntax::yaml::parse;
    use serde_json::json;

    #[test]
    fn what_is_written_reads_back() {
        let value = json!({
            "text": "a: b", "date": "2024-01-01", "empty": [], "none": null,
            "list": ["1", 1, {"id": "x", "sub": ["y"]}, [1, "b"]], "map": {"k": true, "no": {"deep": -1.5}},
        });
        let lines = entry("top", &value).join("\n");
        let read = parse(SourceId(0), &lines).unwrap()[0]
            .value
            .clone()
            .unwrap();
        assert_eq!(read["top"], value, "{lines}");
    }

    #[test]
    fn texts_of_several_lines_are_blocks() {
        for original in [
            "one",
            "a\nb",
            "a\n\n  b\n",
            "a\nb \nc",
            "\na\nb",
            "a\nb\n\n",
            "a\tb\nc",
            "# a\n- b",
        ] {
            let yaml = format!("k: {}\n", text(original));
            let read = parse(SourceId(0), &yaml).unwrap()[0].value.clone().unwrap();
            assert_eq!(read["k"], original, "{yaml}");
        }
        assert_eq!(text("a\nb"), "|-\n    a\n    b");
    }
}
