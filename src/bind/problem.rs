//! What the binder says about a query.

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::source::{Embedded, TextRange};

/// A name or type that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The code.
    pub code: Code,
    /// An error where the engine refuses the query for certain, else a warning.
    pub severity: Severity,
    /// Where, in the query's text.
    pub range: TextRange,
    /// What is required.
    pub message: String,
    /// A way out.
    pub help: Option<String>,
}

impl Problem {
    pub(crate) fn new(
        code: Code,
        severity: Severity,
        range: TextRange,
        message: impl Into<String>,
    ) -> Self {
        Self {
            code,
            severity,
            range,
            message: message.into(),
            help: None,
        }
    }

    pub(crate) fn meaning(mut self, name: Option<&str>) -> Self {
        self.help = name.map(|name| format!("`{name}` has a similar name"));
        self
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The diagnostic, at its place in the file that holds the query.
    pub fn diagnostic(&self, embedded: &Embedded) -> Diagnostic {
        let diagnostic = match self.severity {
            Severity::Error => Diagnostic::error(self.code, &self.message),
            Severity::Warning => Diagnostic::warning(self.code, &self.message),
            Severity::Note => Diagnostic::note(self.code, &self.message),
        };
        let diagnostic = diagnostic.at(embedded.span(self.range));
        match &self.help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }
}
