//! Placeholders in values: `%name%` under `expand` to the values that the run gives for the name.
//!
//! `\%` is a plain percent sign, and so is one that starts no name. Where a value has several placeholders, every combination of
//! their values stands for it. Refused: a placeholder without values, and a value that becomes too many.

use serde_json::Value;

use super::item::{Item, Refusal};
use super::modifier::Modifier;
use super::plain::{LARGEST, too_many};
use super::scope::Scope;
use super::value::{Part, Pattern};
use crate::diagnostic::Code;
use crate::frontend::tuning::Placeholders;
use crate::ir::{Condition, Origin};

/// A part of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    /// A value as it is written, without placeholders.
    Written(String),
    /// A percent sign that starts no placeholder.
    Percent,
    /// The placeholder of this name.
    Placeholder(String),
}

impl Item {
    /// The conditions of a value with placeholders, any of which may hold.
    pub(super) fn expanded(
        &self,
        scope: &Scope<'_, '_>,
        text: &str,
        origin: Origin,
    ) -> Result<Vec<Condition>, Refusal> {
        let mut conditions = Vec::new();
        if self.key.has(Modifier::Regex) {
            let written = |written: &str| vec![Part::Text(written.to_owned())];
            for parts in combined(text, scope.placeholders, written)? {
                let pattern = Pattern::from_parts(parts);
                let pattern = Value::from(pattern.as_plain().unwrap_or_default());
                conditions.push(self.regex(&pattern, origin)?);
            }
        } else {
            let written = |written: &str| Pattern::parse(written).parts().to_vec();
            for parts in combined(text, scope.placeholders, written)? {
                conditions.extend(self.patterns(Pattern::from_parts(parts), origin)?);
            }
        }
        Ok(conditions)
    }
}

/// The value with every combination of what its placeholders stand for.
fn combined(
    text: &str,
    placeholders: &Placeholders,
    written: impl Fn(&str) -> Vec<Part>,
) -> Result<Vec<Vec<Part>>, Refusal> {
    let mut all: Vec<Vec<Part>> = vec![Vec::new()];
    for piece in pieces(text) {
        let choices: Vec<Vec<Part>> = match piece {
            Piece::Written(text) => vec![written(&text)],
            Piece::Percent => vec![vec![Part::Text("%".to_owned())]],
            Piece::Placeholder(name) => {
                let values = placeholders.get(&name);
                let values = values.ok_or_else(|| unknown(&name, placeholders))?;
                values.iter().map(|value| written(value)).collect()
            }
        };
        if all.len() * choices.len() > LARGEST {
            return Err(too_many());
        }
        let longer = |before: &Vec<Part>| -> Vec<Vec<Part>> {
            let chosen = choices.iter();
            chosen.map(|choice| joined(before, choice)).collect()
        };
        all = all.iter().flat_map(longer).collect();
    }
    Ok(all)
}

/// The parts one after the other, texts that stand beside each other as one.
fn joined(before: &[Part], more: &[Part]) -> Vec<Part> {
    let mut whole = before.to_vec();
    for part in more {
        match (whole.last_mut(), part) {
            (Some(Part::Text(text)), Part::Text(more)) => text.push_str(more),
            (_, part) => whole.push(part.clone()),
        }
    }
    whole
}

fn unknown(name: &str, placeholders: &Placeholders) -> Refusal {
    let near = placeholders
        .nearest(name)
        .map_or_else(String::new, |near| format!("did you mean `%{near}%`? "));
    Refusal {
        code: Code::SigmaPlaceholder,
        message: format!("nothing is known of the placeholder `%{name}%`"),
        help: Some(format!(
            "{near}give its values in a YAML file, `{name}: [...]`, with `--placeholders FILE`"
        )),
    }
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut written = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        let (before, from) = rest.split_at(at);
        let after = &from[1..];
        if let Some(before) = before.strip_suffix('\\') {
            written.push_str(before);
            flush(&mut written, &mut pieces);
            pieces.push(Piece::Percent);
            rest = after;
            continue;
        }
        written.push_str(before);
        let name = after
            .split_once('%')
            .filter(|(name, _)| !name.is_empty() && name.chars().all(is_word));
        if let Some((name, behind)) = name {
            flush(&mut written, &mut pieces);
            pieces.push(Piece::Placeholder(name.to_owned()));
            rest = behind;
        } else {
            written.push('%');
            rest = after;
        }
    }
    written.push_str(rest);
    flush(&mut written, &mut pieces);
    pieces
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn flush(written: &mut String, pieces: &mut Vec<Piece>) {
    if !written.is_empty() {
        pieces.push(Piece::Written(std::mem::take(written)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_between_percent_signs_is_a_placeholder() {
        let written = |text: &str| Piece::Written(text.to_owned());
        let named = |name: &str| Piece::Placeholder(name.to_owned());
        assert_eq!(pieces("%a%"), [named("a")]);
        assert_eq!(
            pieces(r"x\%a%b%"),
            [written("x"), Piece::Percent, written("a"), named("b")]
        );
        assert_eq!(pieces("50% of %b_1%"), [written("50% of "), named("b_1")]);
        assert_eq!(pieces("%%"), [written("%%")]);
    }
}
