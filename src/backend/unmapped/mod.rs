//! Fields that a target has no name for: which they are, what becomes of them, and how that is said.
//!
//! A rule's fields are paths in the vendor's record. A frontend that finds no field for a name of its format keeps the name, so
//! that a path is a name of the vendor's, or one that only the rule's own format knows. For every pair of formats:
//!
//! - A rule goes back to its own format under its own names.
//! - Panther's and the native form's names are the vendor's, and Sigma's are unless the map has others. They take each field that
//!   the map has or that lies below one, and every field of a rule that was written over the vendor's record (Panther's and the
//!   native form). A column or a Sigma name that no field stands for is unmapped.
//! - Kusto's tables take what [`TableMap::access`](crate::schema::TableMap::access) finds. Anything else is unmapped.
//! - Names of a log source that is not known are the rule's own; whether the target has the source at all is asked first.
//!
//! By default an unmapped field of the condition refuses the rule, and one elsewhere is left out with a warning. Otherwise its name
//! is written as an access that is valid whether the field is there or not.

mod vendor;

pub(super) use vendor::{TEXTS, VendorNames};

use std::cell::OnceCell;
use std::collections::BTreeSet;

use crate::analysis::{Construct, Fidelity, Part, Report, What, named};
use crate::backend::yaml_scalar;
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::{FieldPath, Literal, Object, Origin, Predicate, Rule, Segment};
use crate::schema::{ColumnTexts, FieldType, LogSourceMap};

/// What becomes of a field that the target has no name for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unmapped {
    /// A rule whose condition asks for it is refused; elsewhere it is left out with a warning.
    #[default]
    Refuse,
    /// It is written under its own name, with a warning.
    Warn,
    /// It is written under its own name.
    PassThrough,
}

/// What becomes of a condition's atom that cannot be written because of an unmapped field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Approximate {
    /// The rule is refused.
    #[default]
    No,
    /// The atom is taken to be what makes the rule match more.
    Wider,
}

/// The most characters of a name that are compared with another's.
const LONGEST: usize = 64;

/// The place that a stanza leaves open.
const COLUMN: &str = "COLUMN";
const FIELD: &str = "FIELD";

/// A field without a name in the target.
#[derive(Clone, Debug)]
pub(super) struct Missing {
    /// The field, as the rule has it.
    field: FieldPath,
    /// What lacks it.
    reason: String,
    /// The names that come closest.
    near: Near,
    /// The log source's id.
    source: String,
    /// The entry of an overlay, without its type.
    entry: Entry,
    /// The type that the map knows.
    kind: FieldType,
    /// Why there is no translation, once that was asked.
    told: OnceCell<String>,
}

/// The names that come closest to that of a field.
#[derive(Clone, Debug)]
enum Near {
    /// These.
    Names(Vec<String>),
    /// Some of these columns; which ones is found out where it is told.
    Of(ColumnTexts),
}

/// What an overlay would have to say.
#[derive(Clone, Debug)]
enum Entry {
    /// The field's column in a table; with its type where no schema says it.
    Column { table: String, typed: bool },
    /// The field that a column of a table holds.
    Field { table: String },
    /// The field that a Sigma name stands for.
    Sigma,
}

impl Missing {
    /// A field for which a table has no column. `typed` says that an overlay has to give the column's type.
    pub(super) fn column(
        source: &LogSourceMap,
        table: &str,
        typed: bool,
        field: &FieldPath,
        columns: ColumnTexts,
    ) -> Self {
        Self {
            field: field.clone(),
            reason: format!("`{table}` has no column for `{field}`"),
            near: Near::Of(columns),
            source: source.id.clone(),
            entry: Entry::Column {
                table: table.to_owned(),
                typed,
            },
            kind: source.kind(field),
            told: OnceCell::new(),
        }
    }

    /// Why there is no translation.
    pub(super) fn reason(&self) -> String {
        self.told.get_or_init(|| self.with_nearest()).clone()
    }

    fn with_nearest(&self) -> String {
        let near = match &self.near {
            Near::Names(names) => names.join(", "),
            Near::Of(columns) => {
                let names = columns.iter().map(|(field, name)| [field.as_str(), name]);
                let near = nearest(&self.field, names).into_iter().map(|at| {
                    let (field, name) = &columns[at];
                    format!("`{name}` ({field})")
                });
                near.collect::<Vec<_>>().join(", ")
            }
        };
        if near.is_empty() {
            return self.reason.clone();
        }
        format!("{}; the nearest are {near}", self.reason)
    }

    /// What an overlay has to say, with a word in capitals for what only its author knows.
    fn stanza(&self, asked: Option<&Predicate>) -> String {
        let kind = match self.kind {
            FieldType::Any => asked.and_then(type_of).unwrap_or(FieldType::Any),
            known => known,
        };
        let kind = kind.word();
        let own = yaml_scalar(&self.field.to_string());
        let name = yaml_scalar(&single(&self.field));
        let (field, key, value) = match &self.entry {
            Entry::Column { table, typed } => {
                let column = if *typed {
                    format!("{{column: {COLUMN}, type: {}}}", column_type(kind))
                } else {
                    COLUMN.to_owned()
                };
                (
                    own,
                    "sentinel",
                    format!("{{{}: {column}}}", yaml_scalar(table)),
                )
            }
            Entry::Field { table } => {
                let value = format!("{{{}: {name}}}", yaml_scalar(table));
                (FIELD.to_owned(), "sentinel", value)
            }
            Entry::Sigma => (FIELD.to_owned(), "sigma", format!("[{own}]")),
        };
        format!(
            "schema_version: 1\nextends: builtin\nid: {}\nfields:\n- field: {field}\n  type: {kind}\n  {key}: {value}",
            self.source
        )
    }

    /// What to do about it.
    fn help(&self, asked: Option<&Predicate>) -> String {
        let open = match self.entry {
            Entry::Column { .. } => "the column that holds it in place of `COLUMN`",
            Entry::Field { .. } | Entry::Sigma => "the vendor's name for it in place of `FIELD`",
        };
        format!(
            "give `--schema` a file that says where it stands, with {open}:\n{}",
            self.stanza(asked)
        )
    }
}

/// The rule's name, as messages show it.
pub(super) fn name_of(rule: &Rule) -> &str {
    let metadata = &rule.metadata;
    if metadata.id.is_empty() {
        &metadata.name
    } else {
        &metadata.id
    }
}

/// Tells of the unmapped fields of one rule.
pub(super) struct Teller<'t> {
    /// The rule's name.
    rule: &'t str,
    /// The fields that were explained at length.
    explained: BTreeSet<FieldPath>,
}

impl<'t> Teller<'t> {
    pub(super) fn new(rule: &'t str) -> Self {
        Self {
            rule,
            explained: BTreeSet::new(),
        }
    }

    fn told(
        &mut self,
        missing: &Missing,
        what: &str,
        asked: Option<&Predicate>,
        origin: Origin,
        tell: fn(Code, String) -> Diagnostic,
    ) -> Diagnostic {
        let message = format!(
            "rule `{}`: `{}`: {}",
            self.rule,
            named(what),
            missing.reason()
        );
        let diagnostic = tell(Code::UnmappedField, message).at(origin);
        self.helped(diagnostic, missing, asked)
    }

    /// The message with what to do about the field, said once.
    fn helped(
        &mut self,
        diagnostic: Diagnostic,
        missing: &Missing,
        asked: Option<&Predicate>,
    ) -> Diagnostic {
        if self.explained.insert(missing.field.clone()) {
            diagnostic.help(missing.help(asked))
        } else {
            diagnostic
        }
    }

    /// Something that an alert shows with less, or not at all, because of a field without a name in the target, or for another
    /// reason that is no fault of the translation.
    pub(super) fn shows_less(
        &mut self,
        missing: Option<&Missing>,
        what: String,
        reason: String,
        origin: Origin,
        report: &mut Report,
    ) {
        let message = format!("rule `{}`: `{}`: {reason}", self.rule, named(&what));
        let told = match missing {
            Some(missing) => {
                let told = Diagnostic::warning(Code::ShownWithout, message).at(origin);
                self.helped(told, missing, None)
            }
            None => Diagnostic::warning(Code::Narrower, message).at(origin),
        };
        report.record_less(what, origin, reason, told);
    }

    /// A part of the condition that cannot be written.
    pub(super) fn refuse(
        &mut self,
        missing: &Missing,
        what: What,
        asked: Option<&Predicate>,
        origin: Origin,
        report: &mut Report,
    ) {
        let diagnostic = self.told(missing, &what, asked, origin, Diagnostic::error);
        report.diagnostics.push(diagnostic);
        report
            .constructs
            .push(construct(Part::Condition, what, origin, missing));
    }

    /// Something that an alert shows and that is left out.
    pub(super) fn leave_out(
        &mut self,
        missing: &Missing,
        what: String,
        origin: Origin,
        report: &mut Report,
    ) {
        self.shows_less(Some(missing), what, missing.reason(), origin, report);
    }

    /// A part that is written under the field's own name.
    pub(super) fn warn(
        &mut self,
        missing: &Missing,
        what: &str,
        asked: Option<&Predicate>,
        origin: Origin,
        report: &mut Report,
    ) {
        let diagnostic = self.told(missing, what, asked, origin, Diagnostic::warning);
        report.diagnostics.push(diagnostic);
    }
}

fn construct(part: Part, what: What, origin: Origin, missing: &Missing) -> Construct {
    Construct {
        part,
        what,
        fidelity: Fidelity::Unsupported,
        origin,
        reason: missing.reason(),
        code: Some(Code::UnmappedField),
    }
}

/// The type of the constants that a predicate compares with.
fn type_of(predicate: &Predicate) -> Option<FieldType> {
    let literal = match &predicate.object {
        Object::Literal(literal) => literal,
        Object::List(literals) => literals.first()?,
        Object::Texts(_) => return Some(FieldType::Text),
        Object::None | Object::Kinds(_) | Object::Term(_) => return None,
    };
    match literal {
        Literal::Text(_) => Some(FieldType::Text),
        Literal::Boolean(_) => Some(FieldType::Boolean),
        Literal::Integer(_) => Some(FieldType::Integer),
        Literal::Float(_) => Some(FieldType::Float),
        Literal::Null | Literal::List(_) | Literal::Object(_) => None,
    }
}

/// The column type for a field of the type.
fn column_type(kind: &str) -> &'static str {
    match kind {
        "integer" => "long",
        "float" => "real",
        "boolean" => "bool",
        "datetime" => "datetime",
        "string" | "any" => "string",
        _ => "dynamic",
    }
}

/// The name of a column that a path of one key is.
fn single(path: &FieldPath) -> String {
    match path.segments.as_slice() {
        [Segment::Key(key) | Segment::Exact(key)] => key.clone(),
        _ => path.to_string(),
    }
}

/// The candidates that come closest, at most three, by their places. A candidate is what it may be called.
pub(super) fn nearest<'n>(
    path: &FieldPath,
    candidates: impl Iterator<Item = [&'n str; 2]>,
) -> Vec<usize> {
    let wanted = path.to_string().to_lowercase();
    let last = last_key(&wanted);
    let most = 2.max(last.len() / 3);
    let (whole, key) = (Wanted::new(&wanted, most), Wanted::new(last, most));
    let distance = |name: &str| {
        let own = last_key(name);
        let of_whole = whole.edits(name);
        if (last.len(), own.len()) == (wanted.len(), name.len()) {
            return of_whole;
        }
        of_whole.into_iter().chain(key.edits(own)).min()
    };
    let scored = candidates.enumerate().filter_map(|(at, names)| {
        let distances = names.into_iter().filter_map(distance);
        Some((distances.min()?, at))
    });
    let mut scored: Vec<(usize, usize)> = scored.collect();
    scored.sort_unstable();
    scored.into_iter().take(3).map(|(_, at)| at).collect()
}

/// What stands behind the last point of a path.
fn last_key(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// A name that others are compared with, and how far they may be from it.
struct Wanted {
    letters: Letters,
    /// How many letters there are, and which, where all are ASCII.
    plain: Option<(usize, u64)>,
    most: usize,
}

impl Wanted {
    fn new(name: &str, most: usize) -> Self {
        Self {
            letters: Letters::of(name),
            plain: name
                .is_ascii()
                .then(|| (name.len().min(LONGEST), letters_of(name))),
            most,
        }
    }

    /// The least number of changes that make the other name of this one, if these are few enough.
    fn edits(&self, other: &str) -> Option<usize> {
        // A change adds one letter at most, and takes one away at most; this spares most names a closer look.
        if let Some((length, letters)) = self.plain
            && other.is_ascii()
        {
            if length.abs_diff(other.len().min(LONGEST)) > self.most {
                return None;
            }
            let others = letters_of(other);
            let lacking = (letters & !others).count_ones();
            let most = lacking.max((others & !letters).count_ones()) as usize;
            if most > self.most {
                return None;
            }
        }
        self.letters.edits(&Letters::of(other), self.most)
    }
}

/// The letters of an ASCII name, as far as they are compared: a set of bits that large and small ones share.
fn letters_of(name: &str) -> u64 {
    let bit = |byte: u8| 1_u64 << (byte.to_ascii_lowercase() & 63);
    name.bytes()
        .take(LONGEST)
        .fold(0, |set, byte| set | bit(byte))
}

/// The small letters of a name, as far as they are compared.
struct Letters {
    all: [char; LONGEST],
    count: usize,
}

impl Letters {
    fn of(name: &str) -> Self {
        let mut letters = Self {
            all: ['\0'; LONGEST],
            count: 0,
        };
        let small = name.chars().flat_map(char::to_lowercase);
        for (place, letter) in letters.all.iter_mut().zip(small) {
            *place = letter;
            letters.count += 1;
        }
        letters
    }

    /// The least number of characters to insert, remove or replace; `None` where it is more than `most`.
    fn edits(&self, other: &Self, most: usize) -> Option<usize> {
        let width = other.count;
        if self.count.abs_diff(width) > most {
            return None;
        }
        // What is this far from the diagonal takes more.
        let far = most + 1;
        let mut row: [usize; LONGEST + 1] = std::array::from_fn(|at| at.min(far));
        for (i, x) in self.all[..self.count].iter().enumerate() {
            let (first, end) = (i.saturating_sub(most), width.min(i + far));
            let mut diagonal = row[first];
            row[first] = if first == 0 { far.min(i + 1) } else { far };
            let mut least = row[first];
            for (j, y) in (first..end).zip(&other.all[first..end]) {
                let replaced = diagonal + usize::from(x != y);
                diagonal = row[j + 1];
                row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1).min(far);
                least = least.min(row[j + 1]);
            }
            // No way from here is shorter than the shortest to here.
            if least > most {
                return None;
            }
        }
        Some(row[width]).filter(|distance| *distance <= most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The least number of changes, by the definition.
    fn distance(a: &[char], b: &[char]) -> usize {
        match (a.split_first(), b.split_first()) {
            (None, _) => b.len(),
            (_, None) => a.len(),
            (Some((x, rest)), Some((y, other))) => {
                let replaced = distance(rest, other) + usize::from(x != y);
                let removed = distance(rest, b) + 1;
                replaced.min(removed).min(distance(a, other) + 1)
            }
        }
    }

    #[test]
    fn the_distance_is_the_least_number_of_changes() {
        let names = [
            "", "a", "ab", "ba", "abc", "axbyc", "cab", "bca", "user", "User", "usre", "usr",
            "ruse",
        ];
        for a in names {
            for b in names {
                let letters = |name: &str| name.to_lowercase().chars().collect::<Vec<_>>();
                let least = distance(&letters(a), &letters(b));
                for most in 0..5 {
                    let found = Wanted::new(a, most).edits(b);
                    assert_eq!(found, Some(least).filter(|least| *least <= most), "{a} {b}");
                }
            }
        }
    }

    #[test]
    fn the_nearest_names_come_first() {
        let columns = [
            ["userName", "UserName"],
            ["actor.user", "ActorUser"],
            ["device.id", "DeviceId"],
        ];
        let path = FieldPath::keys(["actor", "users"]);
        assert_eq!(nearest(&path, columns.into_iter()), [1]);
        assert_eq!(
            nearest(&FieldPath::keys(["username"]), columns.into_iter()),
            [0]
        );
    }
}
