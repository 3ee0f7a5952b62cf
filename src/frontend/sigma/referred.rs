//! The rules and correlations of a file, and of files that they name, each lowered when it is asked for.
//!
//! A correlation may stand before the rules that it is about, and may be one of several in a chain, so that the order of lowering
//! is that of the references. A rule that a correlation is about is not a rule of its own, unless the correlation says so. A
//! reference back to a correlation under way is refused.

use super::correlation::{self, Base};
use super::document::Read;
use crate::diagnostic::Diagnostics;
use crate::ir::Rule;

/// A rule or correlation by the words that correlations refer to it with.
#[derive(Debug)]
pub(super) struct Referred {
    /// Its `id`, if it has one.
    pub(super) id: Option<String>,
    /// Its `name`, if it has one.
    pub(super) name: Option<String>,
    /// What is known of it.
    pub(super) state: State,
    /// Whether only correlations are about it and nothing asks for it on its own.
    pub(super) hidden: bool,
    /// Whether it stands in another file, where alone it is said what is wrong with it.
    pub(super) foreign: bool,
}

/// How far a rule is.
#[derive(Debug)]
pub(super) enum State {
    /// It is read, unless it could not be; that is reported then.
    Read(Option<Box<Rule>>),
    /// It is the correlation in the document with this number.
    Waiting(usize),
    /// It is being read.
    Underway,
}

impl Referred {
    /// One of a document, which is still to be read or was.
    pub(super) fn new(read: &Read<'_>, state: State) -> Self {
        let text = |key: &str| Some(read.content.get(key)?.as_str()?.to_owned());
        Self {
            id: text("id"),
            name: text("name"),
            state,
            hidden: false,
            foreign: false,
        }
    }

    /// Whether the word names it.
    pub(super) fn is(&self, word: &str) -> bool {
        self.words().any(|own| own == word)
    }

    /// Every word that names it.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.id.iter().chain(&self.name).map(String::as_str)
    }
}

/// How many correlations may follow from one another.
pub(super) const LONGEST: usize = 10;

/// How many rules a correlation may hold, those of its members among them.
const MOST: usize = 1_000;

/// The rules of a file, after which come those of other files that its correlations are about.
pub(super) struct Referring<'r, 's> {
    pub(super) reads: &'r [Read<'s>],
    pub(super) referred: Vec<Referred>,
    /// How many correlations are under way.
    pub(super) depth: usize,
}

/// How many rules a rule holds, itself among them.
fn size(rule: &Rule) -> usize {
    let members = rule.correlation.iter().flat_map(|it| &it.members);
    let held = members.filter_map(|member| member.definition.as_deref());
    1 + held.map(size).sum::<usize>()
}

impl Referring<'_, '_> {
    /// Reads every correlation, whichever the order.
    pub(super) fn resolve_all(&mut self, diagnostics: &mut Diagnostics) {
        for at in 0..self.referred.len() {
            self.resolve(at, diagnostics);
        }
    }

    fn resolve(&mut self, at: usize, diagnostics: &mut Diagnostics) {
        let Some(State::Waiting(document)) = self.referred.get(at).map(|it| &it.state) else {
            return;
        };
        let Some(read) = self.reads.get(*document) else {
            return;
        };
        self.referred[at].state = State::Underway;
        self.depth += 1;
        let bases = self.bases(read, diagnostics);
        self.depth -= 1;
        let rule = bases.and_then(|bases| correlation::lower(read, bases, diagnostics));
        self.referred[at].state = State::Read(rule.map(Box::new));
    }

    /// The rules that a correlation is about, in its order; `None` where it is reported why they are not to be had.
    fn bases(&mut self, read: &Read<'_>, diagnostics: &mut Diagnostics) -> Option<Vec<Base>> {
        if self.depth > LONGEST {
            let message = format!("a chain of more than {LONGEST} correlations is not supported");
            correlation::refuse_rules(read, message, diagnostics);
            return None;
        }
        let alone = correlation::generates(&read.content);
        let mut bases: Vec<Base> = Vec::new();
        let mut taken: Vec<usize> = Vec::new();
        for word in correlation::words(&read.content) {
            let Some(at) = self.referred.iter().position(|it| it.is(&word)) else {
                let message = format!("no rule `{word}` stands in the file or among the inputs");
                correlation::refuse_rules(read, message, diagnostics);
                return None;
            };
            if taken.contains(&at) {
                let message = format!("the rule `{word}` is named twice");
                correlation::refuse_rules(read, message, diagnostics);
                return None;
            }
            taken.push(at);
            self.resolve(at, diagnostics);
            let found = self.referred.get_mut(at)?;
            found.hidden |= !alone;
            let rule = match &found.state {
                // A rule that could not be read is reported already.
                State::Read(None) if found.foreign => {
                    let message = format!("the rule `{word}` of another file cannot be read");
                    correlation::refuse_rules(read, message, diagnostics);
                    return None;
                }
                State::Read(rule) => *rule.clone()?,
                State::Waiting(_) | State::Underway => {
                    let message = format!("the correlation `{word}` is about itself");
                    correlation::refuse_rules(read, message, diagnostics);
                    return None;
                }
            };
            bases.push(Base {
                words: found.words().map(str::to_owned).collect(),
                word,
                rule,
            });
        }
        if bases.iter().map(|base| size(&base.rule)).sum::<usize>() > MOST {
            let message = format!("a correlation of more than {MOST} rules is not supported");
            correlation::refuse_rules(read, message, diagnostics);
            return None;
        }
        Some(bases)
    }
}
