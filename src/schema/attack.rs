//! The ATT&CK table: tactics and techniques by id, with their names in each system, for the two versions that rules are written in.
//!
//! Invariant: what stands above `techniques:` is the version and the tactics, and below it each line is one technique. A run names
//! a few techniques of many, so that a line is read when its technique is first asked for.

use std::sync::OnceLock;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use serde::Deserialize;

use crate::ir::AttackVersion;
use crate::syntax::yaml;

const FILE: &str = include_str!("../../schemas/attack.yml");

/// The line below which the techniques stand.
const TECHNIQUES: &str = "\ntechniques:\n";

/// The tactic of 19 that was a part of Defense Evasion, and the id that both had in 18.
const SPLIT: (&str, &str) = ("TA0112", "TA0005");

/// One tactic.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tactic {
    /// The id, for example `TA0007`.
    pub id: String,
    /// The name, for example `Discovery`.
    pub name: String,
    /// The part of Sigma's tag after `attack.`.
    pub sigma: String,
    /// Sentinel's word.
    pub sentinel: String,
    /// Its name in the version before.
    #[serde(default)]
    pub name_before: Option<String>,
    /// Its part of Sigma's tag in the version before.
    #[serde(default)]
    pub sigma_before: Option<String>,
    /// Whether the version before had none of it.
    #[serde(default)]
    pub new: bool,
}

/// Whether the word is a tactic of ATT&CK for industrial systems alone, which the table does not hold.
pub fn is_industrial_tactic(name: &str) -> bool {
    matches!(name, "ImpairProcessControl" | "InhibitResponseFunction")
}

/// Whether the id has the form of a technique of ATT&CK for industrial systems, which the table does not hold.
pub fn is_industrial_technique(id: &str) -> bool {
    let number = id.strip_prefix("T08");
    number.is_some_and(|rest| rest.len() == 2 && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// One technique or sub-technique.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Technique {
    /// The name.
    pub name: String,
    /// The ids of the tactics it belongs to; empty for one that is revoked or deprecated.
    pub tactics: Vec<String>,
    /// The ids of the tactics that it belonged to in the version before, where those were others.
    #[serde(default)]
    pub before: Option<Vec<String>>,
    /// Its name in the version before, where that was another.
    #[serde(default)]
    pub name_before: Option<String>,
    /// Whether the version before had none of it.
    #[serde(default)]
    pub new: bool,
    /// The id that took its place.
    #[serde(default)]
    pub revoked_by: Option<String>,
}

impl Technique {
    /// The tactics that it belonged to before and does no longer, which rules that were written then list.
    pub fn former(&self) -> impl Iterator<Item = &String> {
        let before = self.before.iter().flatten();
        before.filter(|id| !self.tactics.contains(id))
    }

    /// What it was in the version before; `None` where it was not.
    fn earlier(&self) -> Option<Self> {
        if self.new {
            return None;
        }
        let mut tactics: Vec<String> = Vec::new();
        for id in self.before.as_ref().unwrap_or(&self.tactics) {
            let id = if id == SPLIT.0 { SPLIT.1 } else { id };
            if !tactics.iter().any(|known| known == id) {
                tactics.push(id.to_owned());
            }
        }
        let revoked_by = self.revoked_by.clone().filter(|_| tactics.is_empty());
        Some(Self {
            name: self.name_before.as_ref().unwrap_or(&self.name).clone(),
            tactics,
            before: None,
            name_before: None,
            new: false,
            revoked_by,
        })
    }
}

/// The whole table.
#[derive(Debug, Default)]
pub struct AttackTable {
    /// The ATT&CK version.
    pub version: String,
    /// The tactics, in the order of the matrix.
    pub tactics: Vec<Tactic>,
    /// The techniques by id, in the order of the file.
    techniques: IndexMap<&'static str, Line, FxBuildHasher>,
    /// Whether it is the table of the version before.
    is_earlier: bool,
}

/// What stands above the techniques.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    version: String,
    tactics: Vec<Tactic>,
}

/// The line of a technique, behind its id.
#[derive(Debug)]
struct Line {
    text: &'static str,
    read: OnceLock<Option<Technique>>,
}

impl Line {
    fn new(text: &'static str) -> Self {
        Self {
            text,
            read: OnceLock::new(),
        }
    }

    fn technique(&self, is_earlier: bool) -> Option<&Technique> {
        let read = || {
            let technique: Technique = yaml::data(self.text).ok()?;
            if is_earlier {
                technique.earlier()
            } else {
                Some(technique)
            }
        };
        self.read.get_or_init(read).as_ref()
    }
}

impl AttackTable {
    /// The table that ships with rulec; read on first use.
    pub fn builtin() -> &'static Self {
        static BUILTIN: OnceLock<AttackTable> = OnceLock::new();
        BUILTIN.get_or_init(|| Self::read(FILE).unwrap_or_default())
    }

    /// The table of a version; the newest where none is asked for.
    pub fn of(version: Option<AttackVersion>) -> &'static Self {
        static EARLIER: OnceLock<AttackTable> = OnceLock::new();
        match version {
            Some(AttackVersion::V18) => EARLIER.get_or_init(|| Self::builtin().earlier()),
            Some(AttackVersion::V19) | None => Self::builtin(),
        }
    }

    fn read(text: &'static str) -> Result<Self, String> {
        let (head, techniques) = text
            .split_once(TECHNIQUES)
            .ok_or("`techniques` are required")?;
        let head: Head = yaml::data(head)?;
        let techniques = techniques.lines().filter_map(|line| {
            let (id, text) = line.split_once(": ")?;
            Some((id.trim_start(), Line::new(text)))
        });
        Ok(Self {
            version: head.version,
            tactics: head.tactics,
            techniques: techniques.collect(),
            is_earlier: false,
        })
    }

    /// The table of the version before.
    fn earlier(&self) -> Self {
        let tactics = self.tactics.iter().filter(|tactic| !tactic.new);
        let tactics = tactics.cloned().map(|mut tactic| {
            if let Some(name) = tactic.name_before.take() {
                tactic.name = name;
            }
            if let Some(sigma) = tactic.sigma_before.take() {
                tactic.sigma = sigma;
            }
            tactic
        });
        let lines = self.techniques.iter();
        Self {
            version: "18.1".to_owned(),
            tactics: tactics.collect(),
            techniques: lines
                .map(|(id, line)| (*id, Line::new(line.text)))
                .collect(),
            is_earlier: true,
        }
    }

    /// The tactic with this id.
    pub fn tactic(&self, id: &str) -> Option<&Tactic> {
        self.tactics.iter().find(|tactic| tactic.id == id)
    }

    /// The tactic with this name in any system, in any case and with or without separators.
    pub fn tactic_named(&self, name: &str) -> Option<&Tactic> {
        self.tactics.iter().find(|tactic| {
            [&tactic.name, &tactic.sigma, &tactic.sentinel]
                .into_iter()
                .any(|known| plain(known).eq(plain(name)))
        })
    }

    /// The technique with this id.
    pub fn technique(&self, id: &str) -> Option<&Technique> {
        self.techniques.get(id)?.technique(self.is_earlier)
    }

    /// Every technique with its id, in the order of the file.
    pub fn techniques(&self) -> impl Iterator<Item = (&'static str, &Technique)> {
        let lines = self.techniques.iter();
        lines.filter_map(|(id, line)| Some((*id, line.technique(self.is_earlier)?)))
    }
}

/// The letters and digits of a name in lower case.
fn plain(name: &str) -> impl Iterator<Item = u8> {
    let letters = name.bytes().filter(u8::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_whole(table: &AttackTable) {
        for (id, technique) in table.techniques() {
            assert!(
                technique.tactics.is_empty() || technique.revoked_by.is_none(),
                "{id}"
            );
            let known = |tactic: &String| table.tactic(tactic).is_some();
            assert!(technique.tactics.iter().all(known), "{id}");
        }
    }

    #[derive(Deserialize)]
    struct Whole {
        techniques: IndexMap<String, Technique>,
    }

    #[test]
    fn the_shipped_table_is_whole() {
        let table = AttackTable::read(FILE).unwrap();
        assert_eq!(table.tactics.len(), 15);
        let whole: Whole = yaml::data(FILE).unwrap();
        let lines: Vec<_> = table
            .techniques()
            .map(|(id, one)| (id, &one.name))
            .collect();
        let read: Vec<_> = whole
            .techniques
            .iter()
            .map(|(id, one)| (id.as_str(), &one.name))
            .collect();
        assert_eq!(lines, read);
        let active = |table: &AttackTable| {
            let techniques = table.techniques();
            techniques
                .filter(|(_, one)| !one.tactics.is_empty())
                .count()
        };
        assert_eq!(active(&table), 697);
        assert_whole(&table);
        assert_eq!(
            table.tactic_named("CommandandControl").unwrap().id,
            "TA0011"
        );
        assert_eq!(table.tactic_named("DefenseEvasion").unwrap().id, "TA0005");
        let earlier = AttackTable::of(Some(AttackVersion::V18));
        assert_eq!(earlier.tactics.len(), 14);
        assert_eq!(active(earlier), 691);
        assert_whole(earlier);
        assert_eq!(earlier.tactic("TA0005").unwrap().sigma, "defense-evasion");
    }
}
