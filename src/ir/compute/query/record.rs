//! Records of separated values, and the words of a command line.

use serde_json::Value;

/// The fields of the first record: a field may stand in quotes, in which two quotes are one.
pub(super) fn csv(text: &str) -> Value {
    let mut fields = Vec::new();
    let mut field = String::new();
    let mut chars = text.chars().peekable();
    let mut quoted = false;
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted => {
                if chars.next_if_eq(&'"').is_some() {
                    field.push('"');
                } else {
                    quoted = false;
                }
            }
            '"' if field.is_empty() => quoted = true,
            ',' if !quoted => fields.push(Value::from(std::mem::take(&mut field))),
            '\r' | '\n' if !quoted => break,
            c => field.push(c),
        }
    }
    fields.push(field.into());
    fields.into()
}

/// The words of a command line as a program on Windows gets them: quotes join, and backslashes stand for themselves unless a
/// quote follows.
pub(super) fn command_words(text: &str) -> Value {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let (mut quoted, mut backslashes) = (false, 0_usize);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\\' {
            backslashes += 1;
            continue;
        }
        let pending = std::mem::take(&mut backslashes);
        if c == '"' {
            let word = word.get_or_insert_default();
            word.extend(std::iter::repeat_n('\\', pending / 2));
            if pending % 2 == 1 || quoted && chars.next_if_eq(&'"').is_some() {
                word.push('"');
            } else {
                quoted = !quoted;
            }
            continue;
        }
        if pending > 0 {
            word.get_or_insert_default()
                .extend(std::iter::repeat_n('\\', pending));
        }
        if matches!(c, ' ' | '\t') && !quoted {
            words.extend(word.take().map(Value::from));
        } else {
            word.get_or_insert_default().push(c);
        }
    }
    if backslashes > 0 {
        word.get_or_insert_default()
            .extend(std::iter::repeat_n('\\', backslashes));
    }
    words.extend(word.map(Value::from));
    words.into()
}
