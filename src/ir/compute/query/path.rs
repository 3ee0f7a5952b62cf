//! The parts of a file's path.

use serde_json::{Map, Value};

fn is_separator(c: char) -> bool {
    matches!(c, '/' | '\\')
}

/// The parts of a path of Windows, of a network share or of Unix.
pub(super) fn parts(path: &str) -> Value {
    let (scheme, rest) = path.split_once("://").unwrap_or(("", path));
    let drive = rest
        .chars()
        .next()
        .filter(char::is_ascii_alphabetic)
        .and_then(|_| rest.get(1..3))
        .filter(|mark| mark.starts_with(':') && mark.ends_with(is_separator));
    let root = drive.map_or("", |_| &rest[..3]);
    let name_at = rest.rfind(is_separator).map_or(0, |at| at + 1);
    let (directory, name) = rest.split_at(name_at);
    let (name, stream) = name.split_once(':').unwrap_or((name, ""));
    let directory = match directory.strip_suffix(is_separator) {
        Some(short) if directory.len() > root.len() => short,
        _ => directory,
    };
    let above = directory.rfind(is_separator).map_or(0, |at| at + 1);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let texts = [
        ("Scheme", scheme),
        ("RootPath", root),
        ("DirectoryPath", directory),
        ("DirectoryName", &directory[above..]),
        ("Filename", name),
        ("Extension", extension),
        ("AlternateDataStreamName", stream),
    ];
    let mut parts = Map::new();
    for (name, text) in texts {
        parts.insert(name.to_owned(), text.into());
    }
    parts.into()
}
