//! A log source file to what is wrong with it, each finding at its place.

use super::Key;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::schema::{Crosswalk, Problem};
use crate::source::SourceId;
use crate::syntax::yaml::{Document, Step};

/// Everything that is wrong with a log source file; one that extends a source is joined with it first.
pub fn lint(source: SourceId, text: &str) -> Diagnostics {
    Crosswalk::with_files([(source, text)]).1
}

/// The problem at the innermost part of its place that the file has.
pub(super) fn at(document: &Document<'_>, problem: &Problem) -> Diagnostic {
    let steps: Vec<Step<'_>> = problem
        .place
        .iter()
        .map(|key| match key {
            Key::Name(name) => Step::Key(name),
            Key::Item(at) => Step::Item(*at),
        })
        .collect();
    let lengths = (0..=steps.len()).rev();
    let span = lengths
        .into_iter()
        .find_map(|length| document.span(steps.get(..length)?));
    Diagnostic::error(Code::LogSourceFact, problem.message.clone())
        .at(span.unwrap_or_else(|| document.whole()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    const HEAD: &str = "schema_version: 1\nid: a.b\nname: A\ntime: at\nsentinel:\n- {table: AWSVPCFlow}\n\
                        - {table: Own_CL, schema: naming_rule}\nfields:\n- {field: at, type: datetime}\n";

    /// The messages, each with the text that it points to.
    fn said(text: &str) -> Vec<(String, String)> {
        let mut sources = Sources::new();
        let id = sources.add("a.yml", text);
        let found = lint(id, text);
        let told = found.iter().map(|one| {
            let span = one.labels.first().map(|label| label.span.range);
            let range = span.map_or(0..0, |range| range.start as usize..range.end as usize);
            let place = text.get(range).unwrap_or_default();
            (one.message.clone(), place.trim_end().to_owned())
        });
        told.collect()
    }

    #[test]
    fn a_sound_file_has_nothing_to_say() {
        assert_eq!(said(HEAD), []);
    }

    #[test]
    fn each_mistake_is_told_at_its_place() {
        for (line, message, place) in [
            (
                "- {field: b, type: text}",
                "type `text` is not known",
                "text",
            ),
            (
                "- {field: b, type: string, sentinel: {AWSVPCFlow: NoSuch}}",
                "the schema of `AWSVPCFlow` has no column `NoSuch`",
                "NoSuch",
            ),
            (
                "- {field: b, type: string, sentinel: {AWSVPCFlow: {column: SrcAddr, type: int}}}",
                "the type of `SrcAddr` is string",
                "{column: SrcAddr, type: int}",
            ),
            (
                "- {field: b, type: string, sentinel: {Own_CL: x}}",
                "no schema is published, so that `x` requires a `type`",
                "x",
            ),
            (
                "- {field: b, type: string, sentinel: {Other: x}}",
                "`Other` is not listed under `sentinel`",
                "x",
            ),
            (
                "- {field: at, type: string}",
                "`at` is listed before, as item 0",
                "at",
            ),
            (
                "- {field: b, type: string, sigma: at}",
                "`at` is Sigma's name for `at`",
                "at",
            ),
            (
                "- {field: b, type: array<object>}\n- {field: b.c, type: string}",
                "`b` is a list, so that `b[]` is required",
                "b.c",
            ),
            (
                "- {field: b, type: integer, sentinel: {AWSVPCFlow: {column: SrcAddr, values: {1: x, two: y}}}}",
                "\"two\" is not a value of a whole number",
                "{column: SrcAddr, values: {1: x, two: y}}",
            ),
            (
                "- {field: b, type: integer, sentinel: {AWSVPCFlow: {column: SrcAddr, values: {1: 2}}}}",
                "2 is not a value of a column of type string",
                "{column: SrcAddr, values: {1: 2}}",
            ),
            (
                "- {field: b, type: string, sentinel: {AWSVPCFlow: SrcAddr}}\n- {field: c, type: string, sentinel: {AWSVPCFlow: SrcAddr}}",
                "`SrcAddr` holds several fields, of which one has to be marked as `preferred`",
                "SrcAddr",
            ),
            (
                "- {field: b, type: object, sentinel: {AWSVPCFlow: {column: Start, holds: json}}}",
                "`holds: json` is said of a text, and `Start` is datetime",
                "{column: Start, holds: json}",
            ),
        ] {
            let text = format!("{HEAD}{line}\n");
            let found = said(&text);
            let is_told = |(told, at): &(String, String)| {
                told == message && !at.is_empty() && place.starts_with(at.as_str())
            };
            assert!(found.iter().any(is_told), "{line}: {found:?}");
        }
    }

    #[test]
    fn another_shape_is_told_at_its_place() {
        let text = HEAD.replace("name: A", "nam: A");
        let (message, _) = said(&text).remove(0);
        assert!(message.contains("unknown field `nam`"), "{message}");
        assert_eq!(said("").len(), 1);
        assert_eq!(said("a: [").len(), 1);
    }
}
