//! A construct to the message about it: what it is, as far as a reader wants it, and why it is not exact.

use std::borrow::Cow;

use super::fidelity::Construct;
use super::what::What;

/// The most characters of a construct that a message shows.
const NAMED: usize = 400;

impl Construct {
    /// What a message says of it.
    pub fn message(&self) -> String {
        message(&self.what, &self.reason)
    }
}

/// The message about a construct.
pub(super) fn message(what: &What, reason: &str) -> String {
    format!("`{}`: {reason}", what.beginning())
}

/// What a message calls a construct: its beginning, where it is long. Its place is told besides.
pub fn named(what: &str) -> Cow<'_, str> {
    if what.len() <= NAMED {
        return Cow::Borrowed(what);
    }
    match what.char_indices().nth(NAMED) {
        Some((end, _)) => Cow::Owned(format!("{}…", &what[..end])),
        None => Cow::Borrowed(what),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Report;
    use crate::ir::Origin;

    #[test]
    fn a_message_shows_the_beginning_of_what_is_long() {
        let short = "é".repeat(NAMED);
        assert_eq!(named(&short), short);
        let mut report = Report::new();
        let what = format!("{short} is x");
        report.refuse(what.clone(), Origin::default(), "no words for it");
        assert_eq!(report.constructs[0].what, what);
        let message = &report.diagnostics.iter().next().unwrap().message;
        assert_eq!(*message, format!("`{short}…`: no words for it"));
        assert_eq!(*message, report.constructs[0].message());
    }
}
