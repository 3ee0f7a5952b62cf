//! What is in an expression: its names, its texts, its calls; and the expression with something else in place of a part.

use super::{Brackets, Code, Form, Loop};

impl Code {
    /// Goes through the parts of the expression, in the order of its text.
    pub(super) fn each_part<'c>(&'c self, see: &mut dyn FnMut(&'c Code)) {
        match &self.0.form {
            Form::Name(_) | Form::Literal(_) | Form::Next(_) => {}
            Form::Formatted { values: parts, .. }
            | Form::Call {
                arguments: parts, ..
            }
            | Form::Joined { parts, .. }
            | Form::Display { items: parts, .. } => parts.iter().for_each(see),
            Form::Method { of, arguments, .. } => {
                see(of);
                arguments.iter().for_each(see);
            }
            Form::Keyword { value, .. } => see(value),
            Form::Compare { left, right, .. } => {
                see(left);
                see(right);
            }
            Form::Not(inner) => see(inner),
            Form::Entry { key, value } => {
                see(key);
                see(value);
            }
            Form::Index { of, index } => {
                see(of);
                see(index);
            }
            Form::Generator { item, loops, when } => {
                see(item);
                loops.iter().for_each(|each| see(&each.list));
                when.iter().for_each(see);
            }
        }
    }

    /// Goes through the names of variables, constants and functions, in the order of the text.
    pub(in crate::backend::panther) fn each_name<'c>(&'c self, see: &mut dyn FnMut(&'c str)) {
        match &self.0.form {
            Form::Name(name) | Form::Next(name) => see(name),
            Form::Call { function, .. } => see(function),
            Form::Generator { loops, .. } => {
                for each in loops.iter() {
                    each.names.split(", ").for_each(&mut *see);
                }
            }
            _ => {}
        }
        self.each_part(&mut |part| part.each_name(see));
    }

    /// Whether the name stands in it.
    pub(in crate::backend::panther) fn uses(&self, name: &str) -> bool {
        let mut found = false;
        self.each_name(&mut |own| found |= own == name);
        found
    }

    /// Goes through the names that its loops bind.
    pub(in crate::backend::panther) fn each_bound<'c>(&'c self, see: &mut dyn FnMut(&'c str)) {
        if let Form::Generator { loops, .. } = &self.0.form {
            for each in loops.iter() {
                each.names.split(", ").for_each(&mut *see);
            }
        }
        self.each_part(&mut |part| part.each_bound(see));
    }

    /// Goes through the calls of functions, and of methods of what has a name, those within calls among them and first. What a
    /// formatted text shows stays there.
    pub(in crate::backend::panther) fn each_call<'c>(
        &'c self,
        see: &mut dyn FnMut(&'c Code, &'c str),
    ) {
        if let Form::Formatted { .. } = &self.0.form {
            return;
        }
        self.each_part(&mut |part| part.each_call(see));
        match &self.0.form {
            Form::Call { function, .. } => see(self, function),
            Form::Method { of, name, .. } if matches!(of.0.form, Form::Name(_)) => see(self, name),
            _ => {}
        }
    }

    /// Goes through the constant texts, without their quotes.
    pub(in crate::backend::panther) fn each_text<'c>(&'c self, see: &mut dyn FnMut(&'c str)) {
        if let Form::Literal(text) = &self.0.form
            && let Some(start) = text.find(['"', '\''])
        {
            see(text.get(start + 1..text.len() - 1).unwrap_or_default());
        }
        self.each_part(&mut |part| part.each_text(see));
    }

    /// Whether a formatted text can show it as it is: it has no texts of its own, and none of the signs that end it.
    pub(in crate::backend::panther) fn is_shown(&self) -> bool {
        let is_own = match &self.0.form {
            Form::Literal(text) => !text.contains(['"', '\'', ':', '=', '!']),
            Form::Formatted { .. }
            | Form::Keyword { .. }
            | Form::Compare { .. }
            | Form::Entry { .. }
            | Form::Generator { .. } => false,
            Form::Display { brackets, .. } => *brackets != Brackets::Dictionary,
            Form::Name(_)
            | Form::Call { .. }
            | Form::Method { .. }
            | Form::Joined { .. }
            | Form::Not(_)
            | Form::Index { .. }
            | Form::Next(_) => true,
        };
        let mut is_shown = is_own;
        self.each_part(&mut |part| is_shown &= part.is_shown());
        is_shown
    }

    /// The expression with another one in place of a part; nothing where it has no such part. What a formatted text shows stays.
    pub(in crate::backend::panther) fn replaced(&self, part: &Self, other: &Self) -> Option<Self> {
        if self == part {
            return Some(other.clone());
        }
        self.holds(part).then(|| {
            Self::new(self.with_parts(&|own| own.replaced(part, other).unwrap_or(own.clone())))
        })
    }

    /// Whether the part stands in it.
    fn holds(&self, part: &Self) -> bool {
        if self.length() <= part.length() {
            return self == part;
        }
        let mut holds = false;
        if !matches!(self.0.form, Form::Formatted { .. }) {
            self.each_part(&mut |own| holds = holds || own.holds(part));
        }
        holds
    }

    /// What the expression is with other parts.
    fn with_parts(&self, with: &dyn Fn(&Self) -> Self) -> Form {
        let all = |parts: &[Self]| parts.iter().map(with).collect();
        let mut form = self.0.form.clone();
        match &mut form {
            Form::Name(_) | Form::Literal(_) | Form::Next(_) => {}
            Form::Formatted { values: parts, .. }
            | Form::Call {
                arguments: parts, ..
            }
            | Form::Joined { parts, .. }
            | Form::Display { items: parts, .. } => *parts = all(parts),
            Form::Method { of, arguments, .. } => {
                *of = with(of);
                *arguments = all(arguments);
            }
            Form::Keyword { value: part, .. } | Form::Not(part) => *part = with(part),
            Form::Compare {
                left: one,
                right: two,
                ..
            }
            | Form::Entry {
                key: one,
                value: two,
            }
            | Form::Index {
                of: one,
                index: two,
            } => {
                *one = with(one);
                *two = with(two);
            }
            Form::Generator { item, loops, when } => {
                *item = with(item);
                let lists = loops.iter().map(|each| Loop {
                    names: each.names.clone(),
                    list: with(&each.list),
                });
                *loops = lists.collect();
                *when = when.as_ref().map(with);
            }
        }
        form
    }

    /// The two texts in which alone the other expression differs from this one, if there are such: wherever this one has the
    /// first, the other has the second.
    pub(in crate::backend::panther) fn differing(&self, other: &Self) -> Option<(Self, Self)> {
        let mut found = None;
        self.first_difference(other, &mut found);
        let (one, two) = found?;
        let is_text = one.is_text() && two.is_text();
        let same = || self.replaced(&one, &two).is_some_and(|told| told == *other);
        (is_text && same()).then_some((one, two))
    }

    fn first_difference(&self, other: &Self, found: &mut Option<(Self, Self)>) {
        if found.is_some() || self == other {
            return;
        }
        let (mut own, mut others) = (Vec::new(), Vec::new());
        self.each_part(&mut |part| own.push(part));
        other.each_part(&mut |part| others.push(part));
        if own.is_empty() || own.len() != others.len() {
            *found = Some((self.clone(), other.clone()));
            return;
        }
        for (one, two) in own.into_iter().zip(others) {
            one.first_difference(two, found);
        }
    }
}
