//! The ATT&CK table: tactics and techniques by id, with their names in each system.

use std::sync::OnceLock;

use indexmap::IndexMap;
use serde::Deserialize;

use crate::syntax::yaml;

const FILE: &str = include_str!("../../schemas/attack.yml");

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
    /// The ids of the tactics it belongs to; empty for a revoked one.
    pub tactics: Vec<String>,
    /// The ids of tactics that it belonged to before, which rules that were written then list.
    #[serde(default)]
    pub former: Vec<String>,
    /// The id that took its place.
    #[serde(default)]
    pub revoked_by: Option<String>,
}

/// The whole table.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttackTable {
    /// The ATT&CK version.
    pub version: String,
    /// The tactics, in the order of the matrix.
    pub tactics: Vec<Tactic>,
    /// The techniques by id.
    pub techniques: IndexMap<String, Technique>,
}

impl AttackTable {
    /// The table that ships with rulec; read on first use.
    pub fn builtin() -> &'static Self {
        static BUILTIN: OnceLock<AttackTable> = OnceLock::new();
        BUILTIN.get_or_init(|| Self::read(FILE).unwrap_or_default())
    }

    fn read(text: &str) -> Result<Self, String> {
        yaml::data(text)
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
        self.techniques.get(id)
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

    #[test]
    fn the_shipped_table_is_whole() {
        let table = AttackTable::read(FILE).unwrap();
        assert_eq!(table.tactics.len(), 15);
        assert!(table.techniques.len() > 690);
        for (id, technique) in &table.techniques {
            assert!(
                technique.tactics.is_empty() || technique.revoked_by.is_none(),
                "{id}"
            );
            assert!(
                technique
                    .tactics
                    .iter()
                    .all(|tactic| table.tactic(tactic).is_some()),
                "{id}"
            );
        }
        assert_eq!(
            table.tactic_named("CommandandControl").unwrap().id,
            "TA0011"
        );
        assert_eq!(table.tactic_named("DefenseEvasion").unwrap().id, "TA0005");
    }
}
