//! A text to the words, numbers and signs that a time in it may be made of.
//!
//! A run of letters is one token, a run of digits another. A dot may stand within both; it separates where there are several,
//! where letters are involved or where nothing follows. A comma may stand for the point of a number of two digits or more. White
//! space is one blank each, everything else one character; zero characters are not there.

use std::collections::VecDeque;

use super::super::text::is_space;
use super::digit::digit;

/// What the token at hand is a run of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Letters,
    Digits,
    DottedLetters,
    DottedDigits,
}

/// The tokens of the text.
pub(super) fn tokens(text: &str) -> Vec<String> {
    let mut rest: VecDeque<char> = text.chars().filter(|c| *c != '\0').collect();
    let mut tokens = Vec::new();
    while let Some(first) = rest.pop_front() {
        let state = if first.is_alphabetic() {
            State::Letters
        } else if is_digit(first) {
            State::Digits
        } else {
            tokens.push(if is_space(first) { ' ' } else { first }.to_string());
            continue;
        };
        run(first, state, &mut rest, &mut tokens);
    }
    tokens
}

/// A run that begins with a letter or a digit, taken apart at its dots where they separate.
fn run(first: char, mut state: State, rest: &mut VecDeque<char>, tokens: &mut Vec<String>) {
    let mut token = String::from(first);
    // Whether anything came after the first letter, be it what ends the run.
    let mut letters = false;
    while let Some(next) = rest.front().copied() {
        letters |= matches!(state, State::Letters | State::DottedLetters);
        match state_after(state, next, &token) {
            Some(after) => state = after,
            None => break,
        }
        token.push(next);
        rest.pop_front();
    }
    let dots = token.matches('.').count();
    let separated = letters || dots > 1 || token.ends_with(['.', ',']);
    if matches!(state, State::DottedLetters | State::DottedDigits) && separated {
        tokens.extend(parts(&token));
    } else if state == State::DottedDigits && dots == 0 {
        tokens.push(token.replace(',', "."));
    } else {
        tokens.push(token);
    }
}

/// What the run is once the next character has joined it; `None` where that does not belong to it.
fn state_after(state: State, next: char, token: &str) -> Option<State> {
    let dotted = token.ends_with('.');
    Some(match state {
        State::Letters if next.is_alphabetic() => state,
        State::Letters if next == '.' => State::DottedLetters,
        State::Digits if is_digit(next) => state,
        State::Digits if next == '.' || next == ',' && token.chars().count() >= 2 => {
            State::DottedDigits
        }
        State::DottedLetters if next == '.' || next.is_alphabetic() => state,
        State::DottedLetters if is_digit(next) && dotted => State::DottedDigits,
        State::DottedDigits if next == '.' || is_digit(next) => state,
        State::DottedDigits if next.is_alphabetic() && dotted => State::DottedLetters,
        _ => return None,
    })
}

/// The token at its dots and commas, which are tokens themselves; a comma that was the only point is one.
fn parts(token: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for c in token.chars() {
        if matches!(c, '.' | ',') {
            parts.extend([c.to_string(), String::new()]);
        } else if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    let mut at = 0;
    parts.retain(|part| {
        at += 1;
        at == 1 || !part.is_empty()
    });
    parts
}

/// A digit, of a script's own or as a superscript and the like, which no number is made of.
fn is_digit(c: char) -> bool {
    digit(c).is_some() || matches!(c, '²' | '³' | '¹' | '\u{2070}' | '\u{2074}'..='\u{2079}')
}
