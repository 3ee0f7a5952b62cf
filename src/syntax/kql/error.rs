//! What the parser says about a query that is not well-formed.
//!
//! Messages are in lower case and say what was expected; the range is that of the token at which the text stopped making
//! sense, within the query's own text. [`SyntaxError::related`] names the opening bracket of one that is not closed.

use crate::diagnostic::Code;
use crate::source::TextRange;

/// One error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// [`Code::KqlSyntax`] or [`Code::KqlNesting`].
    pub code: Code,
    /// Where, in the query's text.
    pub range: TextRange,
    /// What was expected.
    pub message: String,
    /// A way out.
    pub help: Option<String>,
    /// Another place that matters, with what stands there.
    pub related: Option<(TextRange, String)>,
}

impl SyntaxError {
    /// An error of the grammar.
    pub fn new(range: TextRange, message: impl Into<String>) -> Self {
        Self {
            code: Code::KqlSyntax,
            range,
            message: message.into(),
            help: None,
            related: None,
        }
    }

    /// Adds a way out.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds another place.
    #[must_use]
    pub fn with_related(mut self, range: TextRange, message: impl Into<String>) -> Self {
        self.related = Some((range, message.into()));
        self
    }
}
