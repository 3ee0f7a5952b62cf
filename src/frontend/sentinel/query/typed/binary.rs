//! Operators between two operands, `between`, `in` and their like.

use super::convert::{as_real, is_real};
use super::{Kind, Lowered, Place, Typed, call, refused, word, wrong_type};
use crate::frontend::sentinel::query::fit::is_exact;
use crate::frontend::sentinel::query::operator::text_operator;
use crate::frontend::sentinel::query::text::{TextTest, require_regex};
use crate::ir::{CaseSensitivity, Function, Literal, Term};
use crate::source::TextRange;
use crate::syntax::kql::ast::{
    Between, Binary, BinaryOperator, ExpressionKind, Membership, MembershipOperator,
};

impl<'q> Place<'_, 'q> {
    pub(super) fn typed_binary(&self, binary: &'q Binary, range: TextRange) -> Lowered<Typed> {
        let (mut left, mut right) = (self.typed(&binary.left)?, self.typed(&binary.right)?);
        if is_exact(binary.operator) {
            if left.term.as_literal().is_none() {
                right = self.lower.fit_typed(right, left.kind, range);
            } else if right.term.as_literal().is_none() {
                left = self.lower.fit_typed(left, right.kind, range);
            }
        }
        let truth = |term| Ok(Typed::new(term, Kind::Truth));
        match binary.operator {
            BinaryOperator::Add
            | BinaryOperator::Subtract
            | BinaryOperator::Multiply
            | BinaryOperator::Divide
            | BinaryOperator::Modulo => arithmetic(binary.operator, left, right, range),
            BinaryOperator::Equal => truth(same(left, right, range)?),
            BinaryOperator::NotEqual => {
                truth(call(Function::Negation, [same(left, right, range)?]))
            }
            BinaryOperator::EqualTilde => truth(alike(left, right, range)?),
            BinaryOperator::NotEqualTilde => {
                truth(call(Function::Negation, [alike(left, right, range)?]))
            }
            BinaryOperator::Less => truth(order(Function::Precedes, left, right, range)?),
            BinaryOperator::LessOrEqual => {
                truth(order(Function::PrecedesOrIs, left, right, range)?)
            }
            BinaryOperator::Greater => truth(order(Function::Precedes, right, left, range)?),
            BinaryOperator::GreaterOrEqual => {
                truth(order(Function::PrecedesOrIs, right, left, range)?)
            }
            operator => truth(text_test(operator, left, right, range)?),
        }
    }

    pub(super) fn typed_between(&self, between: &'q Between, range: TextRange) -> Lowered<Typed> {
        let subject = self.typed(&between.subject)?;
        let (from, mut to) = (self.typed(&between.from)?, self.typed(&between.to)?);
        if from.kind == Kind::Moment && to.kind == Kind::Span {
            let end = call(Function::Plus, [from.term.clone(), to.term]);
            to = Typed::new(end, Kind::Moment);
        }
        let after = order(Function::PrecedesOrIs, from, subject.clone(), range)?;
        let before = order(Function::PrecedesOrIs, subject, to, range)?;
        let mut term = call(Function::Conjunction, [after, before]);
        if between.negated {
            term = call(Function::Negation, [term]);
        }
        Ok(Typed::new(term, Kind::Truth))
    }

    pub(super) fn typed_membership(
        &self,
        membership: &'q Membership,
        range: TextRange,
    ) -> Lowered<Typed> {
        use MembershipOperator as M;
        let subject = self.typed(&membership.subject)?;
        let items = self.typed_items(membership, range)?;
        let (fold, negated) = match membership.operator {
            M::HasAny | M::HasAll => {
                let how = if membership.operator == M::HasAny {
                    "term"
                } else {
                    "every_term"
                };
                let arguments = [
                    textual(subject, range)?,
                    items,
                    word(how),
                    Term::Literal(Literal::Boolean(true)),
                ];
                return Ok(Typed::new(call(Function::TextTest, arguments), Kind::Truth));
            }
            M::In => (false, false),
            M::NotIn => (false, true),
            M::InTilde => (true, false),
            M::NotInTilde => (true, true),
        };
        let items = Typed::new(items, Kind::Dynamic);
        let items = self.lower.fit_typed(items, subject.kind, range).term;
        let subject = match subject.kind {
            Kind::Dynamic | Kind::Unknown if of_texts(&items) => loose_text(subject),
            _ => subject.term,
        };
        let fold = Term::Literal(Literal::Boolean(fold));
        let mut term = call(Function::OneOf, [subject, items, fold]);
        if negated {
            term = call(Function::Negation, [term]);
        }
        Ok(Typed::new(term, Kind::Truth))
    }

    /// The list behind `in`, as one term.
    fn typed_items(&self, membership: &'q Membership, range: TextRange) -> Lowered<Term> {
        if let ([table], true) = (membership.items.as_slice(), self.lower.relational)
            && let Some(list) = self.list_of(table)
        {
            return Ok(self.typed_of(list?, range)?.term);
        }
        if let [only] = membership.items.as_slice()
            && !matches!(
                only.kind,
                ExpressionKind::DataTable(_)
                    | ExpressionKind::Name(_)
                    | ExpressionKind::Pipeline(_)
            )
        {
            let list = self.typed(only)?;
            return Ok(match (list.kind, &list.term) {
                (Kind::Dynamic, Term::Literal(Literal::List(_))) => list.term,
                (Kind::Dynamic, Term::Literal(_)) => Term::call(Function::List, [list.term]),
                (Kind::Dynamic, _) => list.term,
                (_, Term::Literal(literal)) => Term::Literal(Literal::List(vec![literal.clone()])),
                _ => Term::call(Function::List, [list.term]),
            });
        }
        let mut terms = Vec::new();
        for value in self.items(&membership.items)? {
            let typed = self.typed_of(value, range)?;
            if typed.kind == Kind::Dynamic && !matches!(typed.term, Term::Literal(_)) {
                return match membership.items.len() {
                    1 => Ok(typed.term),
                    _ => refused(range, "a list among other items has no counterpart"),
                };
            }
            terms.push(typed.term);
        }
        let literals: Option<Vec<Literal>> = terms
            .iter()
            .map(|term| term.as_literal().cloned())
            .collect();
        Ok(match literals {
            Some(literals) => Term::Literal(Literal::List(literals)),
            None => Term::call(Function::List, terms),
        })
    }
}

/// Whether a list has texts only, as far as is known.
fn of_texts(list: &Term) -> bool {
    match list {
        Term::Literal(Literal::List(items)) => items.iter().all(|item| item.as_text().is_some()),
        _ => false,
    }
}

pub(super) fn arithmetic(
    operator: BinaryOperator,
    left: Typed,
    right: Typed,
    range: TextRange,
) -> Lowered<Typed> {
    use BinaryOperator as B;
    use Kind::{Dynamic, Moment, Number, Span};
    let (a, b) = (left.kind, right.kind);
    let plain = |function: Function, kind: Kind, left: Typed, right: Typed| {
        Ok(Typed::new(call(function, [left.term, right.term]), kind))
    };
    let truncated = |function: Function, left: Typed, right: Typed| {
        let exact = call(function, [left.term, right.term]);
        Ok(Typed::new(call(Function::WholeNumber, [exact]), Span))
    };
    let number = |kind: Kind| matches!(kind, Number | Dynamic);
    match operator {
        B::Add if number(a) && number(b) => plain(Function::Plus, Number, left, right),
        B::Add => match (a, b) {
            (Moment, Span) | (Span, Moment) => plain(Function::Plus, Moment, left, right),
            (Span, Span) => plain(Function::Plus, Span, left, right),
            _ => wrong_type(range, "these values cannot be added"),
        },
        B::Subtract if number(a) && number(b) => plain(Function::Minus, Number, left, right),
        B::Subtract => match (a, b) {
            (Moment, Moment) | (Span, Span) => plain(Function::Minus, Span, left, right),
            (Moment, Span) => plain(Function::Minus, Moment, left, right),
            _ => wrong_type(range, "these values cannot be subtracted"),
        },
        B::Multiply if number(a) && number(b) => plain(Function::Times, Number, left, right),
        B::Multiply => match (a, b) {
            (Span, kind) | (kind, Span) if number(kind) => truncated(Function::Times, left, right),
            _ => wrong_type(range, "these values cannot be multiplied"),
        },
        B::Divide if number(a) && number(b) => plain(Function::Quotient, Number, left, right),
        B::Divide => match (a, b) {
            (Span, Span) => {
                let real = |typed: Typed| call(Function::RealNumber, [typed.term]);
                let term = call(Function::Quotient, [real(left), real(right)]);
                Ok(Typed::new(term, Number))
            }
            (Span, kind) if number(kind) => truncated(Function::Quotient, left, right),
            _ => wrong_type(range, "these values cannot be divided"),
        },
        B::Modulo if number(a) && number(b) => plain(Function::Remainder, Number, left, right),
        B::Modulo => match (a, b) {
            (Span | Moment, Span) => plain(Function::Remainder, Span, left, right),
            _ => wrong_type(range, "these values have no remainder"),
        },
        other => refused(
            range,
            format!("the operator `{}` is no arithmetic", other.text()),
        ),
    }
}

/// `a == b`
pub(super) fn same(left: Typed, right: Typed, range: TextRange) -> Lowered<Term> {
    let loose = |kind: Kind| matches!(kind, Kind::Dynamic | Kind::Unknown);
    let null = |typed: &Typed| typed.term.as_literal() == Some(&Literal::Null);
    let (left, right) = match (left.kind, right.kind) {
        (a, b) if a == b && !loose(a) => (left.term, right.term),
        (a, b) if loose(a) && loose(b) && !null(&left) && !null(&right) => {
            return wrong_type(range, "two dynamic values are not compared");
        }
        (a, Kind::Text) if loose(a) => (loose_text(left), right.term),
        (Kind::Text, b) if loose(b) => (left.term, loose_text(right)),
        (a, b) if loose(a) && matches!(b, Kind::Number | Kind::Truth) => (left.term, right.term),
        (a, b) if loose(b) && matches!(a, Kind::Number | Kind::Truth) => (left.term, right.term),
        (a, b) if loose(a) && loose(b) => (left.term, right.term),
        (Kind::Truth, Kind::Number) => (call(Function::WholeNumber, [left.term]), right.term),
        (Kind::Number, Kind::Truth) => (left.term, call(Function::WholeNumber, [right.term])),
        _ => return wrong_type(range, "a comparison requires operands of types that fit"),
    };
    Ok(call(Function::Same, [left, right]))
}

/// `a =~ b`
fn alike(left: Typed, right: Typed, range: TextRange) -> Lowered<Term> {
    let lower = |typed: Typed| -> Lowered<Typed> {
        let text = textual(typed, range)?;
        let lowered = match text.as_literal().and_then(Literal::as_text) {
            Some(text) => Term::text(text.to_lowercase()),
            None => Term::call(Function::Lower, [text]),
        };
        Ok(Typed::new(lowered, Kind::Text))
    };
    same(lower(left)?, lower(right)?, range)
}

/// `a < b` and its like.
fn order(function: Function, left: Typed, right: Typed, range: TextRange) -> Lowered<Term> {
    let fits = match (left.kind, right.kind) {
        (Kind::Number, Kind::Number)
        | (Kind::Moment, Kind::Moment)
        | (Kind::Span, Kind::Span)
        | (Kind::Truth, Kind::Truth) => true,
        (Kind::Dynamic | Kind::Unknown, Kind::Number)
        | (Kind::Number, Kind::Dynamic | Kind::Unknown) => {
            // A dynamic value that is no number is not compared with one.
            let number = |typed: Typed| match typed.kind {
                Kind::Number => typed.term,
                _ => call(Function::Plus, [typed.term, super::whole(0)]),
            };
            return Ok(call(function, [number(left), number(right)]));
        }
        _ => false,
    };
    if fits {
        Ok(call(function, [left.term, right.term]))
    } else {
        wrong_type(
            range,
            "a comparison by size requires numbers, points in time or time spans",
        )
    }
}

/// The text that a string operator looks at; a dynamic null stays null.
fn textual(typed: Typed, range: TextRange) -> Lowered<Term> {
    match typed.kind {
        Kind::Text => Ok(typed.term),
        Kind::Dynamic | Kind::Unknown => Ok(match &typed.term {
            Term::Literal(Literal::Null | Literal::Text(_)) => typed.term,
            _ => loose_text(typed),
        }),
        _ => wrong_type(range, "a string operator requires texts"),
    }
}

/// The text of a value of any kind: a column whose type is not known is a string where one is asked for, so never null.
fn loose_text(typed: Typed) -> Term {
    let function = match typed.kind {
        Kind::Unknown => Function::PlainText,
        _ => Function::ToText,
    };
    Term::call(function, [typed.term])
}

fn text_test(
    operator: BinaryOperator,
    left: Typed,
    right: Typed,
    range: TextRange,
) -> Lowered<Term> {
    let Some((question, case, negated)) = text_operator(operator) else {
        return refused(
            range,
            format!("the operator `{}` has no counterpart", operator.text()),
        );
    };
    let how = match question {
        TextTest::Contains => "contains",
        TextTest::StartsWith => "starts",
        TextTest::EndsWith => "ends",
        TextTest::HasTerm => "term",
        TextTest::HasPrefix => "term_start",
        TextTest::HasSuffix => "term_end",
        TextTest::Equals | TextTest::Matches => {
            let Some(pattern) = right.term.as_literal().and_then(Literal::as_text) else {
                return refused(range, "a regular expression has to be constant");
            };
            require_regex(pattern, CaseSensitivity::Sensitive, range)?;
            return Ok(call(
                Function::MatchesPattern,
                [textual(left, range)?, right.term],
            ));
        }
    };
    let fold = Term::Literal(Literal::Boolean(case == CaseSensitivity::Insensitive));
    let arguments = [
        textual(left, range)?,
        textual(right, range)?,
        word(how),
        fold,
    ];
    let term = call(Function::TextTest, arguments);
    Ok(if negated {
        call(Function::Negation, [term])
    } else {
        term
    })
}

/// Numbers of which one has a fraction all have one; of other types all are of one.
pub(super) fn common(values: Vec<Typed>, range: TextRange) -> Lowered<(Vec<Term>, Kind)> {
    let null = |typed: &Typed| {
        typed.kind == Kind::Dynamic && typed.term.as_literal() == Some(&Literal::Null)
    };
    let mut kinds = values
        .iter()
        .filter(|typed| !null(typed))
        .map(|typed| typed.kind);
    let first = kinds.next().unwrap_or(Kind::Dynamic);
    if kinds.all(|kind| kind == first) {
        if first == Kind::Number && values.iter().any(|typed| is_real(&typed.term)) {
            let reals = values.into_iter().map(|typed| as_real(typed, range));
            return Ok((reals.collect::<Lowered<_>>()?, first));
        }
        let absent = |typed: &Typed| null(typed) && first == Kind::Text;
        let terms = values.into_iter().map(|typed| {
            if absent(&typed) {
                Term::text("")
            } else {
                typed.term
            }
        });
        return Ok((terms.collect(), first));
    }
    if values
        .iter()
        .any(|typed| matches!(typed.kind, Kind::Dynamic))
    {
        let terms = values.into_iter().map(super::convert::as_dynamic).collect();
        return Ok((terms, Kind::Dynamic));
    }
    refused(range, "a choice between values of several types")
}
