//! The text form of the IR: what `rulec explain` and the snapshots show, one predicate per line.
//!
//! ```text
//! rule     "Access key quarantined"  high  T1552
//! source   aws.cloudtrail
//! select   eventName eq "PutUserPolicy"
//!    and   requestParameters.policyName in ["A", "B"]
//! count    >= 15 by userIdentity.arn within 10m (window from the first match)
//! output   eventName, user = userIdentity.userName
//! ```

use std::fmt::{self, Display, Formatter};
use std::time::Duration;

use super::{
    Aggregate, Bound, CaseSensitivity, Condition, Function, LogSource, Measure, Object, Output,
    Predicate, Quantifier, Rule, Term, Threshold,
};

impl Display for Term {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(path) if path.segments.is_empty() => f.write_str("event"),
            Self::Field(path) => write!(f, "{path}"),
            Self::Item { depth, path } => {
                write!(f, "item{}", "'".repeat(*depth))?;
                if matches!(
                    path.segments.first(),
                    Some(super::Segment::Key(_) | super::Segment::Exact(_))
                ) {
                    f.write_str(".")?;
                }
                write!(f, "{path}")
            }
            Self::Literal(literal) => write!(f, "{literal}"),
            Self::Call {
                function: Function::Concat,
                arguments,
            } => {
                let operands: Vec<Operand<'_>> = arguments.iter().map(Operand).collect();
                list(f, "", " + ", &operands, "")
            }
            Self::Call {
                function: Function::Anywhere,
                ..
            } => f.write_str("any field"),
            Self::Call {
                function,
                arguments,
            } => list(f, &format!("{}(", function.name()), ", ", arguments, ")"),
            Self::Choice { cases, otherwise } => {
                for case in cases {
                    write!(f, "{} if {}, else ", Operand(&case.then), case.when)?;
                }
                write!(f, "{}", Operand(otherwise))
            }
            Self::Select { list, when, item } => {
                write!(f, "[{item} of each item of {list}")?;
                if when.as_constant() != Some(true) {
                    write!(f, " where {when}")?;
                }
                f.write_str("]")
            }
            Self::Aggregate {
                aggregate: Aggregate::Count,
                ..
            } => f.write_str("count()"),
            Self::Aggregate {
                aggregate,
                argument,
            } => match argument {
                Some(argument) => write!(f, "{}({argument})", aggregate.name()),
                None => write!(f, "{}()", aggregate.name()),
            },
        }
    }
}

/// A term in parentheses where it would otherwise run into its neighbours.
struct Operand<'a>(&'a Term);

impl Display for Operand<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Term::Call {
                function: Function::Concat,
                ..
            }
            | Term::Choice { .. } => write!(f, "({})", self.0),
            term => write!(f, "{term}"),
        }
    }
}

fn list<T: Display>(
    f: &mut Formatter<'_>,
    open: &str,
    separator: &str,
    items: &[T],
    close: &str,
) -> fmt::Result {
    f.write_str(open)?;
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            f.write_str(separator)?;
        }
        write!(f, "{item}")?;
    }
    f.write_str(close)
}

impl Display for Object {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::Literal(literal) => write!(f, " {literal}"),
            Self::Term(term) => write!(f, " {}", Operand(term)),
            Self::List(items) => list(f, " [", ", ", items, "]"),
            Self::Texts(texts) => {
                let quoted: Vec<String> = texts
                    .iter()
                    .map(|text| super::Literal::text(text).to_string())
                    .collect();
                match quoted.as_slice() {
                    [one] => write!(f, " {one}"),
                    many => list(f, " [", ", ", many, "]"),
                }
            }
            Self::Kinds(kinds) => {
                let names: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
                write!(f, " {}", names.join(" or "))
            }
        }
    }
}

impl Predicate {
    /// The line of the predicate, with `not` before the operator where it is negated.
    pub fn line(&self, negated: bool) -> String {
        self.as_line(negated).to_string()
    }

    /// The same where it is written into another text.
    pub(crate) fn as_line(&self, negated: bool) -> impl Display {
        Line(self, negated)
    }
}

/// A predicate, or its negation, where it stands among others.
struct Line<'p>(&'p Predicate, bool);

impl Display for Line<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(predicate, negated) = self;
        let not = if *negated { "not " } else { "" };
        let case = match predicate.case {
            CaseSensitivity::Insensitive => " (any case)",
            CaseSensitivity::Sensitive => "",
        };
        write!(
            f,
            "{} {not}{}{}{case}",
            Operand(&predicate.subject),
            predicate.operator.name(),
            predicate.object
        )
    }
}

/// The condition on one line.
impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(parts) if parts.is_empty() => f.write_str("always"),
            Self::Any(parts) if parts.is_empty() => f.write_str("never"),
            Self::All(parts) => joined(
                f,
                parts,
                " and ",
                |part| matches!(part, Self::Any(parts) if parts.len() > 1),
            ),
            Self::Any(parts) => joined(f, parts, " or ", |_| false),
            Self::Not(inner) => match inner.as_ref() {
                Self::Test(predicate) => write!(f, "{}", Line(predicate, true)),
                inner => write!(f, "not ({inner})"),
            },
            Self::Test(predicate) => write!(f, "{}", Line(predicate, false)),
            Self::Items {
                quantifier,
                list,
                body,
            } => write!(f, "{} {list} has ({body})", quantifier.words()),
        }
    }
}

fn joined(
    f: &mut Formatter<'_>,
    parts: &[Condition],
    word: &str,
    group: impl Fn(&Condition) -> bool,
) -> fmt::Result {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            f.write_str(word)?;
        }
        if group(part) {
            write!(f, "({part})")?;
        } else {
            write!(f, "{part}")?;
        }
    }
    Ok(())
}

impl Quantifier {
    fn words(self) -> &'static str {
        match self {
            Self::Some => "some item of",
            Self::Every => "every item of",
            Self::One => "exactly one item of",
        }
    }
}

impl Condition {
    /// The condition as lines, one predicate per line; the parts of a top-level `all` stand side by side, alternatives and
    /// quantified bodies are indented under a heading.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        match self {
            Self::All(parts) if !parts.is_empty() => {
                for part in parts {
                    part.push_lines(0, &mut lines);
                }
            }
            other => other.push_lines(0, &mut lines),
        }
        lines
    }

    fn push_lines(&self, depth: usize, lines: &mut Vec<String>) {
        let indent = "  ".repeat(depth);
        let mut block = |heading: String, parts: &[Self]| {
            lines.push(format!("{indent}{heading}"));
            for part in parts {
                part.push_lines(depth + 1, lines);
            }
        };
        match self {
            Self::All(parts) if parts.len() > 1 => block("all of".to_owned(), parts),
            Self::Any(parts) if parts.len() > 1 => block("any of".to_owned(), parts),
            Self::Not(inner) if !matches!(inner.as_ref(), Self::Test(_)) => {
                block("not".to_owned(), std::slice::from_ref(inner));
            }
            Self::Items {
                quantifier,
                list,
                body,
            } => block(format!("{} {list}", quantifier.words()), body.conjuncts()),
            _ => lines.push(format!("{indent}{self}")),
        }
    }
}

/// A duration in the largest unit that divides it: `10m`, `1h`, `90s`.
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (count, unit) = match seconds {
        0 => (0, "s"),
        s if s % 86_400 == 0 => (s / 86_400, "d"),
        s if s % 3_600 == 0 => (s / 3_600, "h"),
        s if s % 60 == 0 => (s / 60, "m"),
        s => (s, "s"),
    };
    format!("{count}{unit}")
}

impl Display for Bound {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.comparison.sign(), self.count)
    }
}

impl Threshold {
    /// What the measure is compared with, in words.
    pub fn bounds(&self) -> String {
        let also = self
            .also
            .map_or_else(String::new, |also| format!(" and {also}"));
        format!("{} {}{also}", self.comparison.sign(), self.count)
    }
}

impl Display for Threshold {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.measure != Measure::Count {
            write!(f, "{} ", self.measure)?;
        }
        write!(f, "{}", self.bounds())?;
        if !self.group_by.is_empty() {
            f.write_str(" by ")?;
            list(f, "", ", ", &self.group_by, "")?;
        }
        write!(
            f,
            " within {} ({})",
            duration(self.window),
            self.window_kind.name()
        )
    }
}

impl Display for Output {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.source {
            Term::Field(path) if path.to_string() == self.name => f.write_str(&self.name)?,
            source => write!(f, "{} = {source}", self.name)?,
        }
        match &self.when {
            Some(when) => write!(f, ", where {when}"),
            None => Ok(()),
        }
    }
}

impl Display for LogSource {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(name) => write!(f, "{name}"),
            Self::Resource { format, name } => write!(f, "state of {name} ({format})"),
            Self::Unknown { format, name } => write!(f, "{name} ({format})"),
        }
    }
}

impl Display for Rule {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let metadata = &self.metadata;
        write!(
            f,
            "rule     {}  {}",
            super::Literal::text(&metadata.name),
            metadata.severity.name()
        )?;
        for attack in &metadata.attack {
            write!(
                f,
                "  {}",
                attack
                    .technique
                    .as_ref()
                    .or(attack.tactic.as_ref())
                    .map_or("", String::as_str)
            )?;
        }
        writeln!(f, "\nid       {}", metadata.id)?;
        for source in &self.log_sources {
            writeln!(f, "source   {source}")?;
        }
        self.write_condition(f)?;
        if let Some(threshold) = &self.threshold {
            writeln!(f, "count    {threshold}")?;
        }
        if let Some(pipeline) = &self.pipeline {
            for (at, line) in pipeline.lines().iter().enumerate() {
                let lead = if at == 0 { "rows    " } else { "        " };
                writeln!(f, "{lead} {line}")?;
            }
        }
        for output in &self.outputs {
            writeln!(f, "output   {output}")?;
        }
        self.write_alert(f)?;
        for residue in &self.residue {
            writeln!(
                f,
                "residue  {} ({}): {}",
                residue.construct,
                residue.format,
                residue.text.replace('\n', " ")
            )?;
        }
        writeln!(f, "tests    {}", self.tests.len())
    }
}

impl Rule {
    /// What it selects and counts, or what the matches of other rules must look like, in lines.
    pub fn condition_lines(&self) -> Vec<String> {
        if let Some(correlation) = &self.correlation {
            return correlation.lines();
        }
        let mut lines = self.selection.lines();
        let count = self.threshold.iter();
        lines.extend(count.map(|threshold| format!("count {threshold}")));
        lines
    }

    /// What it selects, or what the matches of other rules must look like.
    fn write_condition(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(correlation) = &self.correlation {
            for (at, line) in correlation.lines().iter().enumerate() {
                let lead = if at == 0 { "alert on" } else { "        " };
                writeln!(f, "{lead} {line}")?;
            }
            return match correlation.runs() {
                Some(runs) => writeln!(f, "schedule {runs}"),
                None => Ok(()),
            };
        }
        for (at, line) in self.selection.lines().iter().enumerate() {
            let nested = line.starts_with(' ');
            let lead = if at == 0 {
                "select  "
            } else if nested {
                "        "
            } else {
                "   and  "
            };
            writeln!(f, "{lead} {line}")?;
        }
        Ok(())
    }

    fn write_alert(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let alert = &self.alert;
        let named = [
            ("title   ", &alert.title),
            ("describe", &alert.description),
            ("dedup   ", &alert.dedup),
            ("severity", &alert.severity),
            ("runbook ", &alert.runbook),
            ("refer   ", &alert.reference),
        ];
        for (name, term) in named {
            if let Some(term) = term {
                writeln!(f, "{name} {term}")?;
            }
        }
        for detail in &alert.details {
            writeln!(f, "detail   {} = {}", detail.name, detail.source)?;
        }
        for entity in &self.entities {
            let identifiers: Vec<String> = entity
                .identifiers
                .iter()
                .map(|identifier| format!("{} = {}", identifier.name, identifier.source))
                .collect();
            writeln!(f, "entity   {} ({})", entity.kind, identifiers.join(", "))?;
        }
        if let Some(schedule) = self.schedule {
            writeln!(
                f,
                "schedule every {} over {}",
                duration(schedule.frequency),
                duration(schedule.period)
            )?;
        }
        Ok(())
    }
}
