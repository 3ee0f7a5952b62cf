//! Tactics and techniques: Sentinel's own words, well-formed ids, and a tactic for each technique.

use super::super::document::plain;
use super::Checker;
use crate::diagnostic::{Code, Severity};
use crate::schema::AttackTable;
use crate::syntax::yaml::Step;

/// The words for tactics, those of industrial systems last.
const TACTICS: [&str; 16] = [
    "Reconnaissance",
    "ResourceDevelopment",
    "InitialAccess",
    "Execution",
    "Persistence",
    "PrivilegeEscalation",
    "DefenseEvasion",
    "CredentialAccess",
    "Discovery",
    "LateralMovement",
    "Collection",
    "Exfiltration",
    "CommandAndControl",
    "Impact",
    "ImpairProcessControl",
    "InhibitResponseFunction",
];

/// The keys that list techniques.
const TECHNIQUES: [&str; 3] = ["relevantTechniques", "techniques", "subTechniques"];

impl Checker<'_, '_> {
    /// Every tactic and technique.
    pub(super) fn attack(&mut self) {
        let tactics = self.words("tactics");
        for (at, tactic) in tactics.iter().enumerate() {
            if TACTICS.contains(&tactic.as_str()) {
                continue;
            }
            let message = format!("`{tactic}` is not one of Sentinel's tactics");
            let path = [Step::Key("tactics"), Step::Item(at)];
            let meant = TACTICS
                .iter()
                .find(|known| known.eq_ignore_ascii_case(tactic.trim()));
            match meant {
                Some(meant) => {
                    self.fail_with(
                        Code::SentinelTactic,
                        &path,
                        message,
                        format!("write `{meant}`"),
                    );
                }
                None => self.fail(Code::SentinelTactic, &path, message),
            }
        }
        for key in TECHNIQUES {
            for (at, technique) in self.words(key).iter().enumerate() {
                self.technique(technique, &tactics, &[Step::Key(key), Step::Item(at)]);
            }
        }
    }

    /// The items of a list.
    fn words(&self, key: &str) -> Vec<String> {
        let list = self.get(key).and_then(|value| value.as_array());
        list.into_iter().flatten().map(plain).collect()
    }

    fn technique(&mut self, technique: &str, tactics: &[String], path: &[Step<'_>]) {
        if !is_technique(technique) {
            let message = format!("`{technique}` is not a technique such as T1059 or T1059.001");
            return self.fail(Code::SentinelTechnique, path, message);
        }
        let table = AttackTable::builtin();
        let whole = technique.split('.').next().unwrap_or(technique);
        let Some(known) = table
            .technique(technique)
            .or_else(|| table.technique(whole))
        else {
            return;
        };
        let word = |id: &String| Some(table.tactic(id)?.sentinel.as_str());
        let words: Vec<&str> = known.tactics.iter().filter_map(word).collect();
        // A rule that was right when it was written is no mistake.
        let former: Vec<&str> = known.former().filter_map(word).collect();
        let listed = |word: &&str| {
            tactics
                .iter()
                .any(|tactic| tactic.eq_ignore_ascii_case(word))
        };
        if words.is_empty() || words.iter().chain(&former).any(listed) {
            return;
        }
        let message = format!("no tactic of the technique `{technique}` is in `tactics`");
        let help = format!("{} belongs to {}", known.name, words.join(", "));
        let span = self.place(path);
        self.push(
            Code::SentinelTechniqueTactic,
            Severity::Warning,
            span,
            message,
            Some(help),
        );
    }
}

/// `T` and four digits, perhaps a dot and three more.
fn is_technique(text: &str) -> bool {
    let digits =
        |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    let Some(number) = text.strip_prefix('T') else {
        return false;
    };
    match number.split_once('.') {
        Some((whole, part)) => digits(whole, 4) && digits(part, 3),
        None => digits(number, 4),
    }
}
