//! The manifest of a snapshot: what was translated, by what, with which options, and what came of it.
//!
//! It is one JSON document whose text follows from its content alone: no times, no paths of a machine, keys and rules in a fixed
//! order. Hashes are SHA-256 over texts with line ends counted as `\n`, so that a checkout which changes them changes nothing.
//! Refused, with the place: what is no such document, one of another form than [`VERSION`], and paths of artifacts that lead out
//! of the snapshot's folder.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Component, Path};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::analysis::{Fidelity, Report};
use crate::diagnostic::{Code, Diagnostic};

/// The file's name in the snapshot's folder.
pub(super) const NAME: &str = "manifest.json";

/// The form that this build writes and reads.
const VERSION: u64 = 1;

/// Everything that is known of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    /// The form of the document.
    pub(super) version: u64,
    /// The version of rulec that wrote it.
    pub(super) rulec: String,
    /// The folder to which all other paths but those of artifacts are relative, as seen from the snapshot's.
    pub(super) root: String,
    /// The arguments.
    pub(super) options: Options,
    /// The files that options name, log sources and placeholders: path and hash.
    pub(super) option_files: BTreeMap<String, String>,
    /// The log sources that ship with rulec and that the rules are about: id and hash of the file.
    pub(super) log_sources: BTreeMap<String, String>,
    /// The rules' files and the files they name: path and hash.
    pub(super) sources: BTreeMap<String, String>,
    /// The rules, by path of the file and in its order.
    pub(super) rules: Vec<Entry>,
}

/// The arguments that shape the output, as they are written on a command line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Options {
    pub(super) paths: Vec<String>,
    pub(super) to: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) from: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) helpers: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) schema: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) placeholders: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tables: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) deny: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) unmapped: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) approximate: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) attack_version: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) style: Option<String>,
}

/// One rule, or what of a file could not be read as one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// The rule's file.
    pub(super) source: String,
    /// The rule's id; empty where it has none or was not read.
    pub(super) id: String,
    /// The rule's name; empty where it was not read.
    pub(super) name: String,
    /// The other files that it was read from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) files: Vec<String>,
    /// The log sources that it is about, as far as they are known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) log_sources: Vec<String>,
    /// What came of it, by target.
    pub(super) translations: BTreeMap<String, Translated>,
}

/// One rule for one target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Translated {
    /// What was kept; nothing of a rule that was not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) fidelity: Option<Kept>,
    /// The constructs that are not exact.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) inexact: Vec<Inexact>,
    /// The files: path in the snapshot's folder and hash. None where the rule is refused.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) artifacts: BTreeMap<String, String>,
    /// Why there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) refused: Vec<Refusal>,
}

impl Translated {
    /// Whether there is no translation.
    pub(super) fn is_refused(&self) -> bool {
        self.artifacts.is_empty()
    }
}

/// How many constructs were kept how well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kept {
    /// How verdicts on single events compare.
    pub(super) condition: String,
    pub(super) exact: usize,
    pub(super) wider: usize,
    pub(super) narrower: usize,
    pub(super) unsupported: usize,
}

impl From<&Report> for Kept {
    fn from(report: &Report) -> Self {
        Self {
            condition: report.claim().name().to_owned(),
            exact: report.count(Fidelity::Exact),
            wider: report.count(Fidelity::Wider),
            narrower: report.count(Fidelity::Narrower),
            unsupported: report.count(Fidelity::Unsupported),
        }
    }
}

/// A construct that was not kept as it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Inexact {
    pub(super) fidelity: String,
    pub(super) what: String,
    pub(super) reason: String,
}

/// A reason for which there is no translation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Refusal {
    pub(super) code: String,
    pub(super) message: String,
}

impl Manifest {
    /// A manifest of this build, of no rules yet.
    pub(super) fn new(root: String, options: Options) -> Self {
        Self {
            version: VERSION,
            rulec: env!("CARGO_PKG_VERSION").to_owned(),
            root,
            options,
            option_files: BTreeMap::new(),
            log_sources: BTreeMap::new(),
            sources: BTreeMap::new(),
            rules: Vec::new(),
        }
    }

    /// The document's text.
    pub(super) fn text(&self) -> Result<String, Diagnostic> {
        serde_json::to_string_pretty(self)
            .map(|text| text + "\n")
            .map_err(|error| {
                let message = format!("the manifest cannot be written: {error}");
                Diagnostic::error(Code::OutputFailed, message)
            })
    }

    /// The manifest in a text; `path` is how the file is called in messages.
    pub(super) fn read(text: &str, path: &Path) -> Result<Self, Diagnostic> {
        let unusable = |reason: String, help: &str| {
            let message = format!("`{}` cannot be used: {reason}", path.display());
            Diagnostic::error(Code::SnapshotUnusable, message).help(help)
        };
        let anew = "write the snapshot anew, or take the file back from version control";
        let damaged = |error: serde_json::Error| unusable(error.to_string(), anew);
        if let Some(at) = text.lines().position(|line| line.starts_with("<<<<<<< ")) {
            let reason = format!("line {} begins a conflict of a merge", at + 1);
            return Err(unusable(
                reason,
                "write the snapshot of the merged rules anew",
            ));
        }
        let head: Head = serde_json::from_str(text).map_err(damaged)?;
        if head.version != VERSION {
            let reason = format!(
                "it has form {}, and this rulec reads form {VERSION}",
                head.version
            );
            let wrote = head.rulec.unwrap_or_else(|| "another version".to_owned());
            let help = format!("it was written by rulec {wrote}; use that one, or write it anew");
            return Err(unusable(reason, &help));
        }
        let manifest: Self = serde_json::from_str(text).map_err(damaged)?;
        let outside = manifest.artifacts().find(|(path, _)| !is_inside(path));
        match outside.map(|(path, _)| format!("`{path}` leads out of the folder")) {
            Some(reason) => Err(unusable(reason, anew)),
            None => Ok(manifest),
        }
    }

    /// The paths of all artifacts, with their hashes.
    pub(super) fn artifacts(&self) -> impl Iterator<Item = (&str, &str)> {
        let translations = self
            .rules
            .iter()
            .flat_map(|rule| rule.translations.values());
        let artifacts = translations.flat_map(|made| &made.artifacts);
        artifacts.map(|(path, hash)| (path.as_str(), hash.as_str()))
    }
}

/// What every form of the document has.
#[derive(Deserialize)]
struct Head {
    version: u64,
    rulec: Option<String>,
}

fn is_inside(path: &str) -> bool {
    // A backslash separates on some systems, and the artifacts' names have none.
    let plain = |part: Component<'_>| matches!(part, Component::Normal(_));
    !path.is_empty() && !path.contains('\\') && Path::new(path).components().all(plain)
}

/// A text with `\n` at the end of its lines.
pub(super) fn unified(text: &str) -> Cow<'_, str> {
    if text.contains("\r\n") {
        Cow::Owned(text.replace("\r\n", "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The hash of a text, whatever its line ends.
pub(super) fn hash(text: &str) -> String {
    use std::fmt::Write;

    let digest = Sha256::digest(unified(text).as_bytes());
    digest
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let mut made = Translated::default();
        made.artifacts
            .insert("one/a/rule.txt".to_owned(), hash("a\n"));
        let mut manifest = Manifest::new("..".to_owned(), Options::default());
        manifest.rules.push(Entry {
            source: "a.yml".to_owned(),
            id: "a".to_owned(),
            name: String::new(),
            files: Vec::new(),
            log_sources: Vec::new(),
            translations: BTreeMap::from([("one".to_owned(), made)]),
        });
        manifest
    }

    fn refused(text: &str) -> String {
        let error = Manifest::read(text, Path::new("m.json")).unwrap_err();
        assert_eq!(error.code, Code::SnapshotUnusable);
        error.message
    }

    #[test]
    fn what_is_written_is_read() {
        let text = manifest().text().unwrap();
        assert_eq!(
            Manifest::read(&text, Path::new("m.json")).unwrap(),
            manifest()
        );
        let windows = text.replace('\n', "\r\n");
        assert_eq!(
            Manifest::read(&windows, Path::new("m.json")).unwrap(),
            manifest()
        );
    }

    #[test]
    fn what_is_none_is_refused() {
        let text = manifest().text().unwrap();
        assert!(refused("").contains("EOF"));
        assert!(refused(&text[..text.len() / 2]).contains("line "));
        assert!(refused(&text.replace("\"version\": 1", "\"version\": 2")).contains("form 2"));
        assert!(refused(&text.replace("\"rules\"", "\"rulez\"")).contains("rulez"));
        assert!(refused(&format!("{{\n<<<<<<< ours\n{text}")).contains("line 2 begins a conflict"));
        for path in ["../x", "/x", "a/../../x", "a\\\\b", ""] {
            let text = text.replace("one/a/rule.txt", path);
            assert!(refused(&text).contains("leads out"), "{path}");
        }
    }

    #[test]
    fn line_ends_do_not_count() {
        assert_eq!(hash("a\r\nb\r\n"), hash("a\nb\n"));
        assert_ne!(hash("a\nb"), hash("a\nb\n"));
        // The published digest of "abc".
        assert!(hash("abc").starts_with("ba7816bf8f01cfea"));
    }
}
