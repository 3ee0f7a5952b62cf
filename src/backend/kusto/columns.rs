//! The columns that a query makes beside its table's own, stage by stage.
//!
//! A column is made once per term. Computed columns of one `extend` do not see each other, so a column that needs another starts
//! a stage of its own. Names never hide a column of the table that the rule did not hide itself.

use std::cell::OnceCell;

use super::names;
use super::place::Place;
use super::quote;
use super::stage::{self, Stage};
use super::term::Scope;
use super::value::{Kind, Value};
use crate::backend::fragment::{Breaks, Fragment};
use crate::ir::{Function, Term};

/// The stages so far, and what can be read after them.
#[derive(Clone, Debug)]
pub(super) struct Columns<'c> {
    /// What can be read after the last stage.
    pub(super) scope: Scope<'c>,
    stages: Vec<Stage>,
    /// The `extend` that is being filled, with what could be read before it.
    open: Option<(Vec<Fragment>, Scope<'c>)>,
    taken: Vec<String>,
    /// The stages that stand before all of these.
    before: Vec<Stage>,
    /// The words of the stages before, some of which are names of columns; nothing where nobody has asked yet.
    words: OnceCell<Vec<String>>,
}

impl<'c> Columns<'c> {
    pub(super) fn new(scope: Scope<'c>) -> Self {
        Self {
            scope,
            stages: Vec::new(),
            open: None,
            taken: Vec::new(),
            before: Vec::new(),
            words: OnceCell::new(),
        }
    }

    /// Lets the stages stand before these, so that no name of theirs is given to something else.
    pub(super) fn behind(&mut self, stages: Vec<Stage>) {
        self.before = stages;
        self.words = OnceCell::new();
    }

    /// Every name that a column may have.
    pub(super) fn names(&self) -> Vec<String> {
        let words = self.words.get_or_init(|| words(&self.before));
        self.taken.iter().chain(words).cloned().collect()
    }

    /// Adds stages, after which the scope is read; the names are those taken so far.
    pub(super) fn advance(&mut self, stages: Vec<Stage>, scope: Scope<'c>, names: Vec<String>) {
        self.close();
        self.stages.extend(stages);
        self.scope = scope;
        self.words = OnceCell::from(names);
    }

    pub(super) fn place(&self) -> &Place<'c> {
        &self.scope.place
    }

    /// Adds a stage.
    pub(super) fn push(&mut self, stage: Stage) {
        self.close();
        self.stages.push(stage);
    }

    fn close(&mut self) {
        if let Some((items, _)) = self.open.take() {
            self.stages.push(Stage::Extend(items));
        }
    }

    /// The stages, those before first and the last one closed.
    pub(super) fn into_stages(mut self) -> Vec<Stage> {
        self.close();
        self.before.append(&mut self.stages);
        self.before
    }

    /// A name that no column has: the wanted one, else one that says it is for the alert, else a numbered one.
    pub(super) fn fresh(&mut self, wanted: &str) -> String {
        let word = if quote::is_word(wanted) {
            wanted.to_owned()
        } else {
            names::pascal(wanted)
        };
        let made: Vec<String> = self.scope.made().collect();
        let is_free = |name: &String| {
            let is_column = self.scope.place.has_column(name);
            !self.taken.contains(name) && !made.contains(name) && !is_column
        };
        let numbered = (2..).map(|number| format!("{word}{number}"));
        let name = [word.clone(), format!("Alert{word}")]
            .into_iter()
            .chain(numbered)
            .find(is_free)
            .unwrap_or(word.clone());
        self.taken.push(name.clone());
        name
    }

    /// Notes that a column has this name.
    pub(super) fn take(&mut self, name: &str) {
        if !self.taken.iter().any(|taken| taken == name) {
            self.taken.push(name.to_owned());
        }
    }

    /// Whether a column of this query has the name.
    pub(super) fn is_taken(&self, name: &str) -> bool {
        self.taken.iter().any(|taken| taken == name)
    }

    /// Makes a column of this name for the term.
    pub(super) fn extend(&mut self, name: &str, term: &Term) -> Result<(), String> {
        let value = self.scope.shown(term)?;
        let independent = self.open.as_ref().is_some_and(|(_, before)| {
            before
                .shown(term)
                .is_ok_and(|earlier| earlier.says_same(&value))
        });
        if !independent {
            self.close();
        }
        let before = self.scope.clone();
        let (items, _) = self.open.get_or_insert_with(|| (Vec::new(), before));
        items.push(named(name, &value.fragment));
        self.take(name);
        self.scope.name(term.clone(), name, value.kind);
        Ok(())
    }

    /// Makes one row per item of the list that `term`, a call of `each`, is over.
    pub(super) fn expand(&mut self, name: &str, term: &Term) -> Result<(), String> {
        let Term::Call {
            function: Function::Each,
            arguments,
        } = term
        else {
            return self.extend(name, term);
        };
        let list = arguments.first().ok_or("`each` lacks its list")?;
        let value = self.scope.term(list)?.as_dynamic();
        let quoted = quote::name(name);
        let text = value.text();
        let stage = if text == quoted {
            Stage::Expand(text)
        } else {
            Stage::Expand(format!("{quoted} = {text}"))
        };
        self.push(stage);
        self.take(name);
        self.scope.name(term.clone(), name, Kind::Dynamic);
        Ok(())
    }
}

/// The words of the stages.
fn words(stages: &[Stage]) -> Vec<String> {
    let text = stage::print("", stages, Breaks::NONE);
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let mut words: Vec<&str> = words.collect();
    words.sort_unstable();
    words.dedup();
    words.into_iter().map(str::to_owned).collect()
}

/// The expression as an item of a list of columns: the column itself, or `Name = expression`.
pub(super) fn item(name: &str, value: &Value) -> Fragment {
    if value.is_text(&quote::name(name)) {
        value.fragment.clone()
    } else {
        named(name, &value.fragment)
    }
}

/// `Name = expression`.
pub(super) fn named(name: &str, expression: &Fragment) -> Fragment {
    let lead = format!("{} = ", quote::name(name));
    expression.clone().prefix(&lead, 0)
}
