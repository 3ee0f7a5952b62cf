//! What the lowering of one detection works with: the document, its log source, and where to report.

use super::item::Refusal;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::frontend::tuning::Placeholders;
use crate::schema::LogSourceMap;
use crate::source::{Span, TextRange};
use crate::syntax::yaml::{Document, Step};

/// The surroundings of a detection.
pub(super) struct Scope<'s, 'd> {
    /// The document.
    pub(super) document: &'s Document<'s>,
    /// The text of the whole file.
    pub(super) file: &'s str,
    /// The log source, if it is known.
    pub(super) map: Option<&'s LogSourceMap>,
    /// What placeholders stand for.
    pub(super) placeholders: &'s Placeholders,
    /// What there is to say.
    pub(super) diagnostics: &'d mut Diagnostics,
}

impl Scope<'_, '_> {
    /// Reports an error; the rule is then left out.
    pub(super) fn error(&mut self, code: Code, message: impl Into<String>, span: Option<Span>) {
        // What a collection put together stands in several documents.
        let span = span.unwrap_or_else(|| self.document.whole());
        self.diagnostics
            .push(Diagnostic::error(code, message).at(span));
    }

    /// Reports what is wrong with a value; the rule is then left out.
    pub(super) fn refuse(&mut self, refusal: Refusal, span: Option<Span>) {
        let mut error = Diagnostic::error(refusal.code, refusal.message).at(span);
        if let Some(help) = refusal.help {
            error = error.help(help);
        }
        self.diagnostics.push(error);
    }

    /// The place of a part of the key at `at`.
    pub(super) fn in_key(&self, at: &[Step<'_>], part: TextRange) -> Option<Span> {
        let key = self.document.key_span(at)?;
        let Some(Step::Key(name)) = at.last() else {
            return Some(key);
        };
        // A quoted key starts after its quote.
        let written = self.file.get(key.range.indices()).unwrap_or("");
        let Some(start) = written.find(*name) else {
            return Some(key);
        };
        let from = key.range.indices().start + start;
        Some(Span::new(
            key.source,
            TextRange::new(from + part.indices().start, from + part.indices().end),
        ))
    }
}
