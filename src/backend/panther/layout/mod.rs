//! One logical line of Python to the physical lines that the Black formatter makes of it at 100 columns.
//!
//! A line that fits stays as it is. A longer one is split at its last pair of brackets into head, body and tail, a body at its
//! loosest delimiters, each part again until it fits or nothing can be split; an expression after `return`, `if` or `=` counts
//! as if it stood in parentheses, which show only where they help. The input is what the other files here write: expressions
//! with single spaces, calls, comparisons, `and`/`or`/`not`, generators, displays of tuples and dictionaries; no lambda, no
//! conditional expression, no arithmetic, no star argument. Anything that does not look like that comes back in one line.

mod leaf;
mod line;
mod split;

use super::code::{Line, Statement};
use leaf::Leaves;
use split::Splitter;

/// The width that Panther's own rules are formatted to.
pub(super) const WIDTH: usize = 100;

/// Adds the lines of a function to a text as the formatter leaves them, each behind a line end.
pub(super) fn lines(lines: &[Line], text: &mut String) {
    for line in lines {
        let flat = line.text();
        let end = match line.statement {
            Statement::Item(_) => ",",
            _ => "",
        };
        // Most lines fit.
        if 4 * line.indent + leaf::width(&flat) + end.len() <= WIDTH {
            text.push('\n');
            text.extend(std::iter::repeat_n("    ", line.indent));
            text.extend([&*flat, end]);
            continue;
        }
        let laid_out = if end.is_empty() {
            statement(&flat, line.indent)
        } else {
            item(&flat, line.indent)
        };
        for line in laid_out {
            text.push('\n');
            text.push_str(&line);
        }
    }
}

/// Lays out a logical line that stands `indent` levels of four columns from the margin. Every physical line comes with its
/// indentation.
pub(super) fn statement(text: &str, indent: usize) -> Vec<String> {
    let flat = format!("{}{text}", "    ".repeat(indent));
    if leaf::width(&flat) <= WIDTH {
        return vec![flat];
    }
    let Some(leaves) = Leaves::of_statement(text) else {
        return vec![flat];
    };
    Splitter::new(leaves).statement(indent)
}

/// Lays out one item of a display that has its items on lines of their own, with the comma after it.
fn item(text: &str, indent: usize) -> Vec<String> {
    let flat = format!("{}{text},", "    ".repeat(indent));
    if leaf::width(&flat) <= WIDTH {
        return vec![flat];
    }
    match Leaves::of_item(&format!("{text},")) {
        Some(leaves) => Splitter::new(leaves).item(indent),
        None => vec![flat],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid_out(text: &str) -> String {
        statement(text, 1).join("\n")
    }

    #[test]
    fn a_short_line_stays() {
        assert_eq!(laid_out("return a == b"), "    return a == b");
    }

    #[test]
    fn several_operands_get_parentheses_and_lines_of_their_own() {
        let text = r#"return event.get("eventName") == "PutUserPolicy" and event.get("a") != "x" and event.get("bbbbbbbbbbbbbb") in ("a", "b")"#;
        insta::assert_snapshot!(laid_out(text), @r#"
            return (
                event.get("eventName") == "PutUserPolicy"
                and event.get("a") != "x"
                and event.get("bbbbbbbbbbbbbb") in ("a", "b")
            )
        "#);
    }

    #[test]
    fn two_operands_of_which_the_last_is_a_call_break_in_the_call() {
        let text = r#"if event.get("eventName") == "PutUserPolicyPutUserPolicy" and startswith(event.get("someField"), SOME_PREFIXES):"#;
        insta::assert_snapshot!(laid_out(text), @r#"
            if event.get("eventName") == "PutUserPolicyPutUserPolicy" and startswith(
                event.get("someField"), SOME_PREFIXES
            ):
        "#);
    }

    #[test]
    fn a_display_has_one_item_per_line_and_a_comma_at_the_end() {
        let text = format!("NAMES = ({:?}, {:?})", "a".repeat(60), "b".repeat(60));
        assert_eq!(statement(&text, 0).len(), 4);
        assert!(statement(&text, 0)[2].ends_with("\","));
    }
}
