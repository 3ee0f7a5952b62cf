//! What a construct is, in words, which are written when somebody reads them: mostly nobody asks for what is exact.
//!
//! Whether the words are written yet cannot be told from outside.

use std::borrow::Cow;
use std::fmt::{self, Display, Write};
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use serde::{Serialize, Serializer};

use super::message::named;
use crate::ir::{Condition, Predicate, Shared};

/// What a construct is, as in the text form.
#[derive(Clone)]
pub struct What {
    text: OnceLock<Box<str>>,
    /// What the words are written of; the text is there where this is not.
    of: Option<Of>,
}

/// What the words are written of.
#[derive(Clone)]
enum Of {
    /// A predicate, and whether it is negated.
    Line(Shared<Predicate>, bool),
    Condition(Condition),
    /// Something with a word for what it is to the rule.
    Named(&'static str, Arc<dyn Display + Send + Sync>),
}

impl Display for Of {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(predicate, negated) => predicate.as_line(*negated).fmt(f),
            Self::Condition(condition) => condition.fmt(f),
            Self::Named(name, of) => write!(f, "{name} {of}"),
        }
    }
}

impl What {
    /// The line of a predicate, or of its negation.
    pub(crate) fn line(predicate: &Shared<Predicate>, negated: bool) -> Self {
        Self::of(Of::Line(predicate.clone(), negated))
    }

    /// A condition.
    pub(crate) fn condition(condition: &Condition) -> Self {
        Self::of(Of::Condition(condition.clone()))
    }

    /// A word, and what it is the name for.
    pub(crate) fn named(name: &'static str, of: impl Display + Send + Sync + 'static) -> Self {
        Self::of(Of::Named(name, Arc::new(of)))
    }

    fn of(of: Of) -> Self {
        Self {
            text: OnceLock::new(),
            of: Some(of),
        }
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        self.text.get_or_init(|| {
            let of = self.of.as_ref();
            of.map(Of::to_string).unwrap_or_default().into()
        })
    }

    /// The first words, as many as a message shows. What is long is not written to its end for them.
    pub(super) fn beginning(&self) -> Cow<'_, str> {
        match (self.text.get(), &self.of) {
            (None, Some(of)) => {
                let mut beginning = Beginning(String::new());
                // It says that it is full, and no more is written.
                let _ = write!(beginning, "{of}");
                Cow::Owned(named(&beginning.0).into_owned())
            }
            _ => named(self),
        }
    }
}

/// A text that takes no more once it is longer than a message shows.
struct Beginning(String);

impl Write for Beginning {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.push_str(text);
        match named(&self.0) {
            Cow::Borrowed(_) => Ok(()),
            Cow::Owned(_) => Err(fmt::Error),
        }
    }
}

impl From<String> for What {
    fn from(text: String) -> Self {
        Self {
            text: OnceLock::from(text.into_boxed_str()),
            of: None,
        }
    }
}

impl From<&str> for What {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<&String> for What {
    fn from(text: &String) -> Self {
        text.clone().into()
    }
}

impl fmt::Debug for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl Deref for What {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl Serialize for What {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_str().serialize(serializer)
    }
}

impl PartialEq for What {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl<T: AsRef<str> + ?Sized> PartialEq<T> for What {
    fn eq(&self, other: &T) -> bool {
        self.as_str() == other.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::{Object, Operator, Term};

    #[test]
    fn a_line_is_that_of_its_predicate() {
        let predicate = Predicate::new(Term::field(["a"]), Operator::Exists, Object::None);
        let predicate = Shared::new(predicate);
        for negated in [false, true] {
            let what = What::line(&predicate, negated);
            let words = What::from(predicate.line(negated));
            assert!(what.clone() == predicate.line(negated));
            assert!(what == words);
            assert!(what != What::line(&predicate, !negated));
        }
    }

    #[test]
    fn a_beginning_is_that_of_the_words() {
        let exists = |name: String| {
            Condition::from(Predicate::new(
                Term::field([name]),
                Operator::Exists,
                Object::None,
            ))
        };
        for count in [1, 5, 10, 20, 40, 80, 160] {
            let parts = (0..count).map(|at| exists(format!("é{at}")));
            let condition = parts.fold(Condition::FALSE, Condition::or);
            let what = What::condition(&condition);
            assert_eq!(what.beginning(), named(&condition.to_string()));
            assert!(what == condition.to_string());
            assert_eq!(what.beginning(), named(&condition.to_string()));
            let output = What::named("output", condition.clone());
            assert_eq!(*output, *format!("output {condition}"));
        }
    }
}
