//! The files of a run that hold rules which correlations in other files are about.
//!
//! Every file is asked first which rules its correlations name, and then again whether it has one of them, so that of a large
//! collection only the files that matter are kept. What is wrong with a file is said where it is imported itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use super::sigma;
use crate::source::SourceId;
use crate::syntax::yaml;

/// The keys whose values correlations name a rule by.
const KEYS: [&str; 3] = ["id", "name", "RuleID"];

/// Which rules correlations are about, and the files that have them.
#[derive(Debug, Default)]
pub struct Elsewhere {
    /// The words for rules, with the files whose correlations hide the rule so named.
    asked: BTreeMap<String, BTreeSet<PathBuf>>,
    files: Vec<(PathBuf, Arc<str>)>,
    /// The files by the words that they were asked for.
    found: BTreeMap<String, usize>,
}

impl Elsewhere {
    /// Nothing.
    pub(super) const NONE: Self = Self {
        asked: BTreeMap::new(),
        files: Vec::new(),
        found: BTreeMap::new(),
    };

    /// Takes the words that the file's correlations name rules by.
    pub fn ask(&mut self, path: &Path, text: &str) {
        let may = ["\ncorrelation:", "\nDetection:"];
        if !may
            .iter()
            .any(|key| text.starts_with(&key[1..]) || text.contains(key))
        {
            return;
        }
        for parsed in yaml::parse(SourceId(0), text).unwrap_or_default() {
            let Ok(Value::Object(content)) = parsed.value else {
                continue;
            };
            for (word, hides) in sigma::named(&content).into_iter().chain(members(&content)) {
                let files = self.asked.entry(word).or_default();
                if hides {
                    files.insert(path.to_owned());
                }
            }
        }
    }

    /// Whether anything was asked for.
    pub fn is_asked(&self) -> bool {
        !self.asked.is_empty()
    }

    /// Keeps the file if it has a rule that was asked for.
    pub fn answer(&mut self, path: &Path, text: impl Into<Arc<str>>) {
        let text = text.into();
        let words = text.lines().filter_map(|line| {
            let (key, value) = line.trim_start_matches("- ").split_once(':')?;
            if !KEYS.contains(&key) {
                return None;
            }
            let value = value.split(" #").next().unwrap_or_default().trim();
            Some(value.trim_matches(['"', '\'']))
        });
        let asked = words.filter(|word| self.asked.contains_key(*word));
        let mut asked: Vec<String> = asked.map(str::to_owned).collect();
        asked.retain(|word| !self.found.contains_key(word));
        for word in &asked {
            self.found.insert(word.clone(), self.files.len());
        }
        if !asked.is_empty() {
            self.files.push((path.to_owned(), text));
        }
    }

    /// The file that has the rule with this id or name.
    pub(super) fn file(&self, word: &str) -> Option<(&Path, Arc<str>)> {
        let (path, text) = self.files.get(*self.found.get(word)?)?;
        Some((path, Arc::clone(text)))
    }

    /// Whether a correlation of another file than this one takes the rule for its own.
    pub(super) fn hides(&self, word: &str, own: &Path) -> bool {
        let files = self.asked.get(word).into_iter().flatten();
        files.into_iter().any(|file| file != own)
    }
}

/// The rules that a correlation of Panther is about. They stay rules of their own.
fn members(content: &serde_json::Map<String, Value>) -> Vec<(String, bool)> {
    let kind = content.get("AnalysisType").and_then(Value::as_str);
    let detections = content.get("Detection").and_then(Value::as_array);
    let detections = detections.filter(|_| kind == Some("correlation_rule"));
    let lists = detections.into_iter().flatten().flat_map(|detection| {
        let lists = ["Group", "Sequence"].map(|key| detection.get(key).and_then(Value::as_array));
        lists.into_iter().flatten().flatten()
    });
    let ids = lists.filter_map(|member| member.get("RuleID")?.as_str());
    ids.map(|id| (id.to_owned(), false)).collect()
}
