//! What a construct is, in words. The line of a predicate is written when somebody reads it: mostly nobody asks for what is exact.
//!
//! Whether the words are written yet cannot be told from outside.

use std::fmt;
use std::ops::Deref;
use std::sync::OnceLock;

use serde::{Serialize, Serializer};

use crate::ir::{Predicate, Shared};

/// What a construct is, as in the text form.
#[derive(Clone, Debug)]
pub struct What {
    text: OnceLock<Box<str>>,
    /// The predicate that it is, and whether that is negated.
    predicate: Option<(Shared<Predicate>, bool)>,
}

impl What {
    /// The line of a predicate, or of its negation.
    pub(crate) fn line(predicate: &Shared<Predicate>, negated: bool) -> Self {
        Self {
            text: OnceLock::new(),
            predicate: Some((predicate.clone(), negated)),
        }
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        self.text.get_or_init(|| {
            let line = self.predicate.as_ref();
            let line = line.map(|(predicate, negated)| predicate.line(*negated));
            line.unwrap_or_default().into()
        })
    }
}

impl From<String> for What {
    fn from(text: String) -> Self {
        Self {
            text: OnceLock::from(text.into_boxed_str()),
            predicate: None,
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

impl Deref for What {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for What {
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
}
