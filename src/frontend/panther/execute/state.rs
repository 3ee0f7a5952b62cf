//! State: what outlives the statement that changes it and can be seen under several names. Assigned globals, the contents of
//! changed lists, sets and dictionaries, the attributes of instances.
//!
//! A container carries the number of the object that it is (its identity). Whoever changes one writes the object's new content
//! into a cell; whoever reads a name gets the content of that moment, however the object was reached. Cells travel with the
//! local names along the paths of a function, so that branches, loops and handlers merge them in the same way.
//!
//! Invariant: a write within an expression holds only where the expression got to it. What an earlier event may have left in a
//! cell is never read as if it were known: see [`Executor::forget_earlier`].

use std::collections::BTreeSet;
use std::ops::{Deref, DerefMut};
use std::rc::Rc;

use super::change::identity_of;
use super::module::ModuleId;
use super::parts::restricted;
use super::shared_map::SharedMap;
use super::value::{Comprehension, Items, Part, SequenceKind, Value};
use super::{Executor, Outcome, logic};
use crate::ir::Condition;

/// The identities of objects that a module made while it was loaded, and which therefore outlive the event.
pub(super) const LASTING: u32 = 1 << 31;
/// Containers within one another.
pub(super) const NESTING: usize = 200;

/// A place whose value can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::frontend::panther) enum Cell<'m> {
    /// A global of a module.
    Global(ModuleId, &'m str),
    /// The content of a list, set or dictionary.
    Object(u32),
    /// An attribute of an instance.
    Attribute(u32, &'m str),
}

impl Cell<'_> {
    /// Whether it is still there when the next event comes.
    pub(super) fn lasts(self) -> bool {
        match self {
            Self::Global(..) => true,
            Self::Object(identity) | Self::Attribute(identity, _) => identity & LASTING != 0,
        }
    }
}

/// What a loop changes: a local name of a call of a function, or a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::frontend::panther) enum Slot<'m> {
    Name(&'m str, usize),
    Cell(Cell<'m>),
}

/// The cells that were written on a path.
#[derive(Clone, Debug, Default)]
pub(in crate::frontend::panther) struct State<'m>(SharedMap<Cell<'m>, Value<'m>>);

impl<'m> State<'m> {
    /// The value of a cell that was written.
    pub(super) fn get(&self, cell: Cell<'m>) -> Option<&Value<'m>> {
        self.0.get(&cell)
    }

    /// Sets a cell.
    pub(super) fn set(&mut self, cell: Cell<'m>, value: Value<'m>) {
        self.0.insert(cell, value);
    }

    /// The cells and their values.
    pub(super) fn cells(&self) -> impl Iterator<Item = (Cell<'m>, &Value<'m>)> {
        self.0.iter().map(|(cell, value)| (*cell, value))
    }

    /// Whether nothing was written.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether both are one and the same.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.0.is(&other.0)
    }
}

/// The local names of a function and their values, with the state on the path.
#[derive(Clone, Debug, Default)]
pub(in crate::frontend::panther) struct Names<'m> {
    locals: SharedMap<&'m str, Value<'m>>,
    pub(super) state: State<'m>,
}

impl<'m> Names<'m> {
    /// No names.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// No names, in a state.
    pub(super) fn within(state: State<'m>) -> Self {
        Self {
            locals: SharedMap::default(),
            state,
        }
    }

    /// The same names in another state.
    pub(super) fn in_state(self, state: State<'m>) -> Self {
        Self { state, ..self }
    }

    /// The names alone.
    pub(super) fn into_locals(self) -> SharedMap<&'m str, Value<'m>> {
        self.locals
    }
}

impl<'m> Deref for Names<'m> {
    type Target = SharedMap<&'m str, Value<'m>>;

    fn deref(&self) -> &Self::Target {
        &self.locals
    }
}

impl DerefMut for Names<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.locals
    }
}

impl<'m> Executor<'m> {
    /// A number for a new container or instance.
    pub(super) fn identity(&mut self) -> u32 {
        self.identities = (self.identities + 1) & !LASTING;
        if self.loading > 0 {
            self.identities | LASTING
        } else {
            self.identities
        }
    }

    /// The number of the newest object.
    pub(super) fn newest(&self) -> u32 {
        self.identities
    }

    /// The value of a cell on the path to here, if anything wrote it.
    pub(super) fn written(&self, cell: Cell<'m>) -> Option<Value<'m>> {
        let written = self.frame.names.state.get(cell).cloned();
        written.or_else(|| self.before(cell))
    }

    /// The attribute of an instance or a class on the path to here, if anything wrote it.
    pub(super) fn attribute_of(&self, identity: u32, name: &str) -> Option<Value<'m>> {
        let is = |cell: &Cell<'m>| matches!(cell, Cell::Attribute(of, other) if *of == identity && *other == name);
        let mut cells = self.frame.names.state.cells().chain(self.loaded.cells());
        let cell = cells.find_map(|(cell, _)| is(&cell).then_some(cell))?;
        self.written(cell)
    }

    /// The value of a cell before the function that is run for the event.
    fn before(&self, cell: Cell<'m>) -> Option<Value<'m>> {
        let earlier = self.earlier.get(&cell).filter(|_| self.loading == 0);
        earlier.or_else(|| self.loaded.get(cell)).cloned()
    }

    /// Sets a cell on the path to here; `before` is its value where nothing wrote it.
    pub(super) fn write(
        &mut self,
        cell: Cell<'m>,
        value: Value<'m>,
        before: Value<'m>,
    ) -> Outcome<()> {
        let start = self.frame.statement.min(self.frame.guards.len());
        let when = logic::all(self.frame.guards.since(start));
        self.spend(1 + logic::size(&when))?;
        let old = self.written(cell);
        self.originals.entry(cell).or_insert_with(|| before.clone());
        let value = match when.as_constant() {
            Some(true) => value,
            _ => self.join_contents(&when, value, old.unwrap_or(before))?,
        };
        self.frame.names.state.set(cell, value);
        Ok(())
    }

    /// The value of a slot in names; `Unbound` where it has none.
    pub(super) fn value_of(&self, slot: Slot<'m>, names: &Names<'m>) -> Value<'m> {
        let value = match slot {
            Slot::Name(name, _) => names.get(name).cloned(),
            Slot::Cell(cell) => {
                let value = names.state.get(cell).cloned();
                let value = value.or_else(|| self.before(cell));
                value.or_else(|| self.originals.get(&cell).cloned())
            }
        };
        value.unwrap_or(Value::Unbound)
    }

    /// Goes back to the names before, in the state of now.
    pub(super) fn leave_scope(&mut self, names: Names<'m>) {
        let state = std::mem::take(&mut self.frame.names.state);
        self.frame.names = names;
        self.frame.names.state = state;
    }

    /// The state where the condition holds, else the other.
    pub(super) fn merge_states(
        &mut self,
        when: &Condition,
        then: &State<'m>,
        otherwise: &State<'m>,
    ) -> Outcome<State<'m>> {
        if then.is(otherwise) {
            return Ok(then.clone());
        }
        let cells: BTreeSet<Cell<'m>> = then
            .cells()
            .chain(otherwise.cells())
            .map(|(cell, _)| cell)
            .collect();
        let mut merged = State::default();
        for cell in cells {
            let original = |this: &Self| {
                let before = this.before(cell);
                before.or_else(|| this.originals.get(&cell).cloned())
            };
            let side = |this: &Self, state: &State<'m>| {
                let value = state.get(cell).cloned().or_else(|| original(this));
                value.unwrap_or(Value::Unbound)
            };
            let (a, b) = (side(self, then), side(self, otherwise));
            let value = if a.same(&b) {
                a
            } else {
                self.join_contents(when, a, b)?
            };
            merged.set(cell, value);
        }
        Ok(merged)
    }

    /// The content of a cell where the condition holds, else the other.
    pub(super) fn join_contents(
        &mut self,
        when: &Condition,
        then: Value<'m>,
        otherwise: Value<'m>,
    ) -> Outcome<Value<'m>> {
        self.spend(logic::size(when) + logic::size_of(&then) + logic::size_of(&otherwise))?;
        match (&then, &otherwise) {
            (Value::Mapping(a), Value::Mapping(b)) if a.identity == b.identity => {
                self.spend(a.weight + b.weight)?;
                Ok(Value::Mapping(a.merged(when, b)))
            }
            (a, b) if identity_of(a).is_some() && identity_of(a) == identity_of(b) => {
                let parts = self.joined_parts(when, a.clone(), b.clone())?;
                Ok(parts.unwrap_or_else(|| Value::choose(vec![(when.clone(), then)], otherwise)))
            }
            _ => Ok(Value::choose(vec![(when.clone(), then)], otherwise)),
        }
    }

    /// What two paths have made of one list or dictionary, as items of which each is there on its path.
    fn joined_parts(
        &mut self,
        when: &Condition,
        then: Value<'m>,
        otherwise: Value<'m>,
    ) -> Outcome<Option<Value<'m>>> {
        let identity = identity_of(&then).unwrap_or(0);
        let kind = |value: &Value<'m>| match value {
            Value::Sequence(sequence) => Some(sequence.kind),
            Value::Comprehension(list) => Some(list.kind),
            _ => None,
        };
        let kinds = (kind(&then), kind(&otherwise));
        let (a, b) = match kinds {
            (Some(a), Some(b)) if a == b => (self.loose_parts(then)?, self.loose_parts(otherwise)?),
            (None, None) => (self.entry_parts(then)?, self.entry_parts(otherwise)?),
            _ => return Ok(None),
        };
        let common = a
            .iter()
            .zip(&b)
            .take_while(|(a, b)| same_part(a, b))
            .count();
        self.spend((a.len() + b.len() - common) * (1 + logic::size(when)))?;
        let mut parts = a[..common].to_vec();
        parts.extend(restricted(a[common..].to_vec(), when));
        parts.extend(restricted(b[common..].to_vec(), &when.clone().negate()));
        let list = |kind| Comprehension {
            kind,
            parts,
            identity,
        };
        Ok(Some(match kinds.0 {
            Some(kind) => Value::Comprehension(list(kind)),
            None => Value::Entries(list(SequenceKind::List)),
        }))
    }
}

/// Whether the two are plainly the same items.
fn same_part(a: &Rc<Part<'_>>, b: &Rc<Part<'_>>) -> bool {
    Rc::ptr_eq(a, b)
        || match (&a.items, &b.items) {
            (Items::One(x), Items::One(y)) => a.when == b.when && x.same(y),
            _ => false,
        }
}

/// The cells that are there before `state` was reached from `before`, and that differ in the two.
pub(super) fn differing<'m>(
    before: &State<'m>,
    state: &State<'m>,
    newest: u32,
) -> BTreeSet<Cell<'m>> {
    if state.is(before) {
        return BTreeSet::new();
    }
    let is_new = |cell: Cell<'m>| match cell {
        Cell::Global(..) => false,
        Cell::Object(identity) | Cell::Attribute(identity, _) => {
            identity & LASTING == 0 && identity > newest
        }
    };
    let cells = state.cells();
    let changed = cells.filter(|(cell, value)| {
        !is_new(*cell) && !before.get(*cell).is_some_and(|other| other.same(value))
    });
    changed.map(|(cell, _)| cell).collect()
}
