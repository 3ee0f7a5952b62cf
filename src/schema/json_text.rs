//! Texts that spell an object in JSON: what a rule reads out of such a text is a field of its own.
//!
//! A vendor may deliver a whole record as the text of one field, which rules parse before they read a key of it. A table whose
//! collector has parsed the text already has a column for the key and none for the text. So the map lists what is below the
//! text as fields, and a rule that is written for a table asks for these. In the event they are no fields, so that the rule
//! itself keeps its words.

use super::log_source::{FieldMap, LogSourceMap};
use crate::ir::{FieldPath, Function, Literal, Term};

impl LogSourceMap {
    /// Whether some field is a text that spells an object.
    pub fn has_json_text(&self) -> bool {
        !self.body().below_json_texts.is_empty()
    }

    /// The fields at and below the texts that spell objects.
    fn below_json_texts(&self) -> impl Iterator<Item = &FieldPath> {
        let body = self.body();
        let entries = body.below_json_texts.iter();
        entries.filter_map(|at| Some(&body.fields.get(*at)?.field))
    }

    /// The text that the path leads below of, as far as the map lists something on this way.
    pub fn json_text_above(&self, path: &FieldPath) -> Option<FieldPath> {
        if !self.has_json_text() {
            return None;
        }
        let text = (1..path.segments.len()).find_map(|length| {
            let entry = self.field_of(&path.segments[..length])?;
            entry.is_json.then_some(&entry.field)
        })?;
        let mut below = self.below_json_texts();
        let listed = below.any(|field| {
            field.segments.len() > text.segments.len()
                && (path.starts_with(field) || field.starts_with(path))
        });
        listed.then(|| text.clone())
    }

    /// The text whose value the term parses.
    fn parsed(&self, term: &Term) -> Option<FieldPath> {
        let Term::Call {
            function: Function::ParseJson,
            arguments,
        } = term
        else {
            return None;
        };
        if !self.has_json_text() {
            return None;
        }
        let path = self.canonical(arguments.first()?.as_field()?);
        self.field(&path)
            .is_some_and(|entry| entry.is_json)
            .then_some(path)
    }

    /// The object that a text spells, or something below it, as a path.
    pub fn json_path(&self, term: &Term) -> Option<FieldPath> {
        let below = |path: &FieldPath| self.json_text_above(path).map(|_| path.clone());
        self.parsed(term).or_else(|| below(term.as_field()?))
    }

    /// The field that the map lists for the reading of a key, if the term is that.
    pub fn read_out(&self, term: &Term) -> Option<Term> {
        let Term::Call {
            function: function @ (Function::Member | Function::MemberExact),
            arguments,
        } = term
        else {
            return None;
        };
        let [object, key] = arguments.as_ref() else {
            return None;
        };
        let (holder, key) = (
            self.json_path(object)?,
            key.as_literal().and_then(Literal::as_text)?,
        );
        let path = match function {
            Function::MemberExact => holder.exact(key),
            _ => holder.key(key),
        };
        let path = self.canonical(&path);
        self.json_text_above(&path)?;
        Some(Term::Field(path))
    }
}

/// Which of the fields stand at or below a text that spells an object.
pub(super) fn below(fields: &[FieldMap]) -> Vec<usize> {
    let texts = fields.iter().filter(|entry| entry.is_json);
    let texts: Vec<&FieldPath> = texts.map(|entry| &entry.field).collect();
    let is_below = |entry: &FieldMap| texts.iter().any(|text| entry.field.starts_with(text));
    let entries = fields.iter().enumerate();
    let below = entries.filter(|(_, entry)| is_below(entry));
    below.map(|(at, _)| at).collect()
}
