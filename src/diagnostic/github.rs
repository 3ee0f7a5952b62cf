//! Diagnostics as workflow commands of GitHub Actions, which shows them beside the changed lines: one line each.

use std::fmt::Write;

use super::{Diagnostic, Severity};
use crate::source::Sources;

/// One message, ending in a line end. Only its first place is told.
pub fn command(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let kind = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut text = format!("::{kind} ");
    let place = diagnostic
        .labels
        .first()
        .and_then(|label| Some((sources.get(label.span.source)?, label.span.range)));
    if let Some((source, range)) = place {
        let (start, end) = (source.position(range.start), source.position(range.end));
        let file = property(&source.path().display().to_string());
        let _ = write!(
            text,
            "file={file},line={},endLine={},",
            start.line, end.line
        );
        // Columns of another line than the first would be read as columns of the first.
        if start.line == end.line {
            let last = end.column.max(start.column + 1);
            let _ = write!(text, "col={},endColumn={last},", start.column);
        }
    }
    let mut message = diagnostic.message.clone();
    if let Some(help) = &diagnostic.help {
        let _ = write!(message, "\nhelp: {help}");
    }
    let _ = writeln!(
        text,
        "title={}::{}",
        property(diagnostic.code.name()),
        data(&message)
    );
    text
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use crate::source::{Span, TextRange};

    #[test]
    fn a_message_is_one_line_with_its_place() {
        let mut sources = Sources::new();
        let id = sources.add("a,b.yml", "id: x\nname: y\n");
        let diagnostic = Diagnostic::error(Code::SentinelId, "100%\nwrong")
            .at(Span::new(id, TextRange::new(4, 5)))
            .help("mend it");
        assert_eq!(
            command(&diagnostic, &sources),
            "::error file=a%2Cb.yml,line=1,endLine=1,col=5,endColumn=6,title=SEN001::100%25%0Awrong%0Ahelp: mend it\n"
        );
        let general = Diagnostic::note(Code::NoRules, "nothing");
        assert_eq!(
            command(&general, &sources),
            "::notice title=SRC005::nothing\n"
        );
    }
}
