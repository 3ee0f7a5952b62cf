//! Values that a function asks for again and again get a variable.
//!
//! Expressions of emitted Python read nothing but their function's parameters and have no effects, so that a value may be computed
//! once, before the first statement that asks for it. Left where they stand: what raises where nothing before it says that a value
//! is a text, what reads an item of a comprehension, what is inside texts, and what answers yes or no.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::code::{Code, Line, Statement};
use super::module::first_free;
use super::names;
use crate::ir::ByFingerprint;

/// How many variables a function gets at most.
const MOST: usize = 12;

/// How many characters a variable has to save.
const WORTH: usize = 8;

/// Functions that give a value another form: a variable is named after the value.
const CONVERSIONS: [&str; 6] = ["text", "to_text", "str", "lower", "shown", "shown_event"];

/// The lines with variables for what they ask again and again. `is_taken` says which names mean something else in the module.
pub(super) fn named(mut lines: Vec<Line>, is_taken: &dyn Fn(&str) -> bool) -> Vec<Line> {
    for _ in 0..MOST {
        let Some(wanted) = worthiest(&lines) else {
            break;
        };
        let name = assigned(&lines, &wanted).unwrap_or_else(|| {
            let is_used = |name: &str| lines.iter().any(|line| line.has(name));
            let is_taken = |name: &str| is_taken(name) || is_used(name);
            first_free(&stem(&wanted), is_taken).into()
        });
        give(&mut lines, &wanted, &name);
    }
    lines
}

/// The variable that some line assigns the expression to, if no other line assigns it anything else.
fn assigned(lines: &[Line], wanted: &Code) -> Option<Rc<str>> {
    let assignments = || {
        lines.iter().filter_map(|line| match &line.statement {
            Statement::Assign(name, value) => Some((name, value)),
            _ => None,
        })
    };
    let (name, _) = assignments().find(|(_, value)| *value == wanted)?;
    assignments()
        .all(|(other, value)| other != name || value == wanted)
        .then(|| name.clone())
}

/// Writes the name in place of the expression, with an assignment before the first statement that asks for it.
fn give(lines: &mut Vec<Line>, wanted: &Code, name: &Rc<str>) {
    let assignment = Statement::Assign(name.clone(), wanted.clone());
    lines.retain(|line| line.statement != assignment);
    let variable = Code::name(name.clone());
    let mut reads: Vec<usize> = Vec::new();
    for (at, line) in lines.iter_mut().enumerate() {
        // An assignment that was there may have been read already.
        let mut is_read = line.uses(name);
        for code in line.codes_mut() {
            if let Some(told) = code.replaced(wanted, &variable) {
                *code = told;
                is_read = true;
            }
        }
        if is_read {
            reads.push(at);
        }
    }
    let (Some(&first), Some(&last)) = (reads.first(), reads.last()) else {
        return;
    };
    let start = (1..=lines[first].indent).rev().find_map(|indent| {
        let starts = |line: &Line| line.indent == indent && line.is_statement();
        let start = lines[..=first].iter().rposition(starts)?;
        let within = lines[start..=last].iter().all(|line| line.indent >= indent);
        within.then_some((start, indent))
    });
    if let Some((start, indent)) = start {
        lines.insert(start, Line::new(indent, assignment));
    }
}

/// The call whose variable saves the most characters.
fn worthiest(lines: &[Line]) -> Option<Code> {
    let mut counted: ByFingerprint<(&Code, &str, usize)> = ByFingerprint::default();
    for code in lines.iter().flat_map(Line::codes) {
        code.each_call(&mut |call, function| {
            let counted = counted.entry(call.fingerprint());
            counted.or_insert((call, function, 0)).2 += 1;
        });
    }
    counted.retain(|_, (_, function, count)| *count > 1 && is_value(function));
    if counted.is_empty() {
        return None;
    }
    let mut bound: BTreeSet<&str> = BTreeSet::new();
    for code in lines.iter().flat_map(Line::codes) {
        code.each_bound(&mut |name| {
            bound.insert(name);
        });
    }
    let is_open = |call: &Code| {
        let mut is_open = true;
        if !bound.is_empty() {
            call.each_name(&mut |name| is_open &= !bound.contains(name));
        }
        is_open
    };
    let saved = |call: &Code, count: usize, name: usize| {
        let length = call.length();
        (count * length).checked_sub((count + 1) * name + length + 8)
    };
    let mut best: Option<(usize, &Code)> = None;
    for (call, _, count) in counted.values() {
        // No name is shorter than one character.
        let least = best.map_or(WORTH, |(saved, _)| saved.max(WORTH));
        if saved(call, *count, 1).is_none_or(|most| most < least)
            || !is_open(call)
            || !call.is_total()
        {
            continue;
        }
        let Some(saved) = saved(call, *count, stem(call).len()) else {
            continue;
        };
        let is_better = |(most, other): (usize, &Code)| {
            saved > most || saved == most && call.printed() <= other.printed()
        };
        if best.is_none_or(is_better) {
            best = Some((saved, call));
        }
    }
    let (saved, call) = best?;
    (saved >= WORTH).then(|| call.clone())
}

/// Whether the function gives a value rather than an answer.
fn is_value(name: &str) -> bool {
    let asks = [
        "is", "has_", "are_", "check_", "any", "all", "bool", "next", "sum", "in_",
    ];
    name != "items" && !asks.iter().any(|start| name.starts_with(start))
}

/// The variable's name: after the last key in the expression, else after the function.
fn stem(call: &Code) -> String {
    let mut keys: Vec<&str> = Vec::new();
    call.each_text(&mut |text| {
        if is_key(text) {
            keys.push(text);
        }
    });
    let Some(last) = keys.last() else {
        let mut name = None;
        call.each_name(&mut |word| {
            if name.is_none() && !CONVERSIONS.contains(&word) {
                name = Some(word);
            }
        });
        let name = name.unwrap_or_default();
        let made = ["choose_", "find_", "list_"];
        let bare = made.iter().find_map(|start| name.strip_prefix(start));
        return names::snake(bare.unwrap_or(name), "value");
    };
    let name = names::snake(last, "value");
    if !names::is_reserved(&name) {
        return name;
    }
    let above = keys.len().checked_sub(2).map_or("the", |at| keys[at]);
    names::snake(&format!("{above}_{last}"), "value")
}

fn is_key(text: &str) -> bool {
    text.len() > 1
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
}

#[cfg(test)]
mod tests {
    use super::super::code::Piece;
    use super::super::shape::Sign;
    use super::*;
    use crate::backend::notation::Words;

    fn written(lines: Vec<Line>) -> String {
        let named = named(lines, &|_| false);
        let lines = named.iter().map(|line| {
            let indent = "    ".repeat(line.indent - 1);
            format!("{indent}{}\n", line.text())
        });
        lines.collect()
    }

    fn kind() -> Code {
        let keys = ["userIdentity", "type"].map(Code::text);
        Code::event().method("deep_get", keys.into())
    }

    fn is(text: &str) -> Code {
        Code::compare(kind(), Sign::Equal, Code::text(text))
    }

    #[test]
    fn what_is_asked_often_is_asked_once_before_the_first_who_asks() {
        let other = Code::event().method("get", vec![Code::text("a")]);
        let text = written(vec![
            Line::asks(1, Code::compare(other, Sign::Equal, Code::literal("1"))),
            Line::returns(2, Code::none()),
            Line::asks(1, Code::infix("or", 1, vec![is("Root"), is("x")])),
            Line::returns(2, kind()),
            Line::returns(1, kind()),
        ]);
        insta::assert_snapshot!(text, @r#"
        if event.get("a") == 1:
            return None
        user_identity_type = event.deep_get("userIdentity", "type")
        if user_identity_type == "Root" or user_identity_type == "x":
            return user_identity_type
        return user_identity_type
        "#);
    }

    #[test]
    fn a_value_of_one_block_stays_in_it_and_takes_its_variable() {
        let asked = [
            Code::compare(kind(), Sign::In, Code::name("TYPES")),
            Code::compare(kind(), Sign::NotEqual, Code::name("OTHER")),
        ];
        let shown = [
            Piece::Constant("Unknown".to_owned()),
            Piece::Value(Code::name("kind")),
        ];
        let text = written(vec![
            Line::asks(1, Code::event()),
            Line::asks(2, Code::infix("and", 2, asked.into())),
            Line::assigns(3, "kind", kind()),
            Line::returns(3, Code::formatted(&shown)),
            Line::returns(2, kind()),
            Line::returns(1, Code::none()),
        ]);
        insta::assert_snapshot!(text, @r#"
        if event:
            kind = event.deep_get("userIdentity", "type")
            if kind in TYPES and kind != OTHER:
                return f"Unknown{kind}"
            return kind
        return None
        "#);
    }

    #[test]
    fn what_raises_without_a_question_before_it_stays_behind_it() {
        let starts = |of: Code| of.method("removeprefix", vec![Code::text("system:nodes:")]);
        let name = || Code::name("name");
        let is_text = || Code::call("isinstance", vec![name(), Code::name("str")]);
        let ask = |of: Code| Code::infix("and", 2, vec![is_text(), starts(of)]);
        let lines = |of: &dyn Fn() -> Code| {
            let asked = Line::asks(1, ask(of()));
            let shown = Line::returns(2, starts(of()));
            vec![asked, shown, Line::returns(1, Code::none())]
        };
        assert_eq!(named(lines(&name), &|_| false), lines(&name));
        // The same of a pattern, and of what stands within a helper's call.
        let searched = || Code::call("length", vec![starts(name())]);
        assert!(!searched().is_total());
        let text = || Code::call("text", vec![name()]);
        assert!(starts(text()).is_total());
    }

    #[test]
    fn a_loop_over_keys_and_values_binds_both() {
        let used = || Code::call("list_values", vec![Code::name("value")]);
        let both = Code::infix("and", 2, vec![used(), used(), used()]);
        let items = Code::event().method("items", Vec::new());
        let any = Code::call("any", vec![Code::each(both, "key, value", items)]);
        let lines = vec![Line::returns(1, any)];
        assert_eq!(named(lines.clone(), &|_| false), lines);
    }

    #[test]
    fn what_reads_an_item_and_what_is_in_a_text_stays() {
        let keys = [Code::name("item"), Code::text("responseElements")];
        let item = Code::call("member", keys.into());
        let both = Code::infix("and", 2, vec![item.clone(), item.clone()]);
        let any = Code::call("any", vec![Code::each(both, "item", Code::name("VALUES"))]);
        let text = "return any(member(item, \"responseElements\") and member(item, \"responseElements\") for item in VALUES)\n";
        assert_eq!(written(vec![Line::returns(1, any)]), text);
        let told = format!("{0} {0} {0} {0}", kind().printed());
        let line = Line::returns(1, Code::text(&told));
        assert_eq!(written(vec![line.clone()]), format!("{}\n", line.text()));
    }
}
