//! Values written after a format specification: `>10`, `,`, `.2f`, `06x`.
//!
//! Source: the Python library reference, "Format Specification Mini-Language". Not read: the types `c` and `n`, and the signs `z`
//! and `#`. A value that does not go with the specification, such as a text with `d`, has no result.

use serde_json::Value;

use super::display::display;

/// A specification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Specification {
    fill: char,
    align: Option<char>,
    sign: char,
    zero: bool,
    width: usize,
    grouping: Option<char>,
    precision: Option<usize>,
    kind: Option<char>,
}

/// Longer texts are not made.
const WIDEST: usize = 10_000;

impl Specification {
    /// The specification that a text spells, if it is one that is read.
    pub fn parse(text: &str) -> Option<Self> {
        let mut chars: Vec<char> = text.chars().collect();
        let is_align = |c: &char| matches!(c, '<' | '>' | '=' | '^');
        let mut fill = None;
        let mut align = None;
        if chars.get(1).is_some_and(is_align) {
            fill = Some(chars[0]);
            align = Some(chars[1]);
            chars.drain(..2);
        } else if chars.first().is_some_and(is_align) {
            align = Some(chars.remove(0));
        }
        let mut rest = chars.into_iter().peekable();
        let sign = rest.next_if(|c| matches!(c, '+' | '-' | ' '));
        let zero = rest.next_if_eq(&'0').is_some();
        let width = number(&mut rest, Some(0))?;
        let grouping = rest.next_if(|c| matches!(c, ',' | '_'));
        let precision = match rest.next_if_eq(&'.') {
            Some(_) => Some(number(&mut rest, None)?),
            None => None,
        };
        let kind = rest.next_if(|c| "sbdoxXeEfFgG%".contains(*c));
        rest.next().is_none().then_some(Self {
            fill: fill.unwrap_or(if zero { '0' } else { ' ' }),
            align,
            sign: sign.unwrap_or('-'),
            zero,
            width,
            grouping,
            precision,
            kind,
        })
    }

    /// The value's text.
    pub fn apply(&self, value: &Value) -> Option<String> {
        match value {
            Value::String(text) => self.text(text),
            Value::Bool(flag) if self.kind.is_none() && self.is_plain() => {
                // An empty specification shows the word, any other the number.
                Some(display(&Value::Bool(*flag)))
            }
            Value::Bool(flag) => self.whole(i64::from(*flag)),
            Value::Number(number) => match number.as_i64() {
                Some(whole) => self.whole(whole),
                None => self.real(number.as_f64()?),
            },
            _ => None,
        }
    }

    fn is_plain(&self) -> bool {
        *self
            == Self {
                fill: ' ',
                align: None,
                sign: '-',
                zero: false,
                width: 0,
                grouping: None,
                precision: None,
                kind: self.kind,
            }
    }

    fn text(&self, text: &str) -> Option<String> {
        let kind = matches!(self.kind, None | Some('s'));
        if !kind || self.grouping.is_some() || self.sign != '-' || self.align == Some('=') {
            return None;
        }
        let cut = text.chars().take(self.precision.unwrap_or(usize::MAX));
        Some(self.padded("", &cut.collect::<String>(), '<'))
    }

    fn whole(&self, number: i64) -> Option<String> {
        if self.kind.is_some_and(|kind| "eEfFgG%".contains(kind)) {
            #[allow(clippy::cast_precision_loss, reason = "as Python does")]
            return self.real(number as f64);
        }
        if self.precision.is_some() {
            return None;
        }
        let size = number.unsigned_abs();
        let (digits, group) = match self.kind {
            None | Some('d') => (size.to_string(), 3),
            Some('b') => (format!("{size:b}"), 4),
            Some('o') => (format!("{size:o}"), 4),
            Some('x') => (format!("{size:x}"), 4),
            Some('X') => (format!("{size:X}"), 4),
            _ => return None,
        };
        if group == 4 && self.grouping == Some(',') {
            return None;
        }
        Some(self.number(number < 0, &digits, "", group))
    }

    fn real(&self, number: f64) -> Option<String> {
        let size = number.abs();
        let kind = self
            .kind
            .unwrap_or(if self.precision.is_some() { 'G' } else { 'r' });
        let text = match (self.kind, kind) {
            (Some('f' | 'F'), _) => format!("{size:.*}", self.precision.unwrap_or(6)),
            (Some('%'), _) => format!("{:.*}%", self.precision.unwrap_or(6), size * 100.0),
            (Some('e' | 'E'), _) => exponent(&format!("{size:.*e}", self.precision.unwrap_or(6))),
            (Some('g' | 'G'), _) => general(size, self.precision.unwrap_or(6).max(1), false),
            (None, 'G') => general(size, self.precision.unwrap_or(6).max(1), true),
            (None, _) => display(&Value::from(size)),
            _ => return None,
        };
        let text = if matches!(self.kind, Some('E' | 'G')) {
            text.to_uppercase()
        } else {
            text
        };
        let end = text.find(['.', 'e', 'E', '%']).unwrap_or(text.len());
        Some(self.number(number.is_sign_negative(), &text[..end], &text[end..], 3))
    }

    /// The digits with their sign, groups and padding; `rest` is what follows the whole part.
    fn number(&self, negative: bool, digits: &str, rest: &str, group: usize) -> String {
        let sign = match (negative, self.sign) {
            (true, _) => "-",
            (false, '+') => "+",
            (false, ' ') => " ",
            (false, _) => "",
        };
        let inner = self.zero && self.align.is_none() || self.align == Some('=');
        let room = self.width.min(WIDEST);
        let mut digits = digits.to_owned();
        if let Some(separator) = self.grouping {
            let least = if inner && self.fill == '0' {
                room.saturating_sub(sign.len() + rest.chars().count())
            } else {
                0
            };
            digits = grouped(&digits, separator, group, least);
        }
        if inner {
            let used = sign.len() + digits.chars().count() + rest.chars().count();
            let fill = self.fill.to_string().repeat(room.saturating_sub(used));
            return format!("{sign}{fill}{digits}{rest}");
        }
        self.padded(sign, &format!("{digits}{rest}"), '>')
    }

    fn padded(&self, sign: &str, text: &str, usual: char) -> String {
        let free = self
            .width
            .min(WIDEST)
            .saturating_sub(sign.chars().count() + text.chars().count());
        let before = match self.align.unwrap_or(usual) {
            '<' => 0,
            '^' => free / 2,
            _ => free,
        };
        let fill = |count: usize| self.fill.to_string().repeat(count);
        format!("{}{sign}{text}{}", fill(before), fill(free - before))
    }
}

/// The number that the digits spell, `otherwise` where there are none; `None` where it is too large.
fn number(
    chars: &mut std::iter::Peekable<std::vec::IntoIter<char>>,
    otherwise: Option<usize>,
) -> Option<usize> {
    let mut digits = String::new();
    while let Some(digit) = chars.next_if(char::is_ascii_digit) {
        digits.push(digit);
    }
    if digits.is_empty() {
        return otherwise;
    }
    digits.parse().ok().filter(|number| *number <= WIDEST)
}

/// The digits with a separator between groups, and with zeros before them up to a width.
fn grouped(digits: &str, separator: char, group: usize, least: usize) -> String {
    let mut places: Vec<char> = Vec::new();
    let mut rest = digits.chars().rev();
    let mut count = 0;
    loop {
        let digit = match rest.next() {
            Some(digit) => digit,
            None if places.len() < least => '0',
            None => break,
        };
        if count > 0 && count % group == 0 {
            places.push(separator);
        }
        places.push(digit);
        count += 1;
    }
    places.into_iter().rev().collect()
}

/// Rust's exponent form with a sign and two digits in the exponent.
fn exponent(text: &str) -> String {
    let Some((digits, power)) = text.split_once('e') else {
        return text.to_owned();
    };
    let (sign, power) = match power.strip_prefix('-') {
        Some(power) => ('-', power),
        None => ('+', power),
    };
    format!("{digits}e{sign}{power:0>2}")
}

/// So many digits that count, without zeros at the end; with an exponent where the number is very large or small.
fn general(size: f64, digits: usize, keeps_point: bool) -> String {
    let scientific = format!("{size:.*e}", digits - 1);
    let power: i64 = scientific
        .split_once('e')
        .and_then(|(_, power)| power.parse().ok())
        .unwrap_or(0);
    let most = i64::try_from(digits).unwrap_or(i64::MAX) - i64::from(keeps_point);
    let short = |text: &str| {
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text.to_owned()
        }
    };
    if power < -4 || power >= most {
        let (mantissa, power) = scientific.split_once('e').unwrap_or((&scientific, "0"));
        return exponent(&format!("{}e{power}", short(mantissa)));
    }
    let after = usize::try_from(most + i64::from(keeps_point) - 1 - power).unwrap_or(0);
    let fixed = short(&format!("{size:.after$}"));
    if keeps_point && !fixed.contains('.') {
        format!("{fixed}.0")
    } else {
        fixed
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_written_as_python_writes_them() {
        let cases = include_str!("format_cases.txt");
        for line in cases.lines().filter(|line| !line.starts_with('#')) {
            let [spec, value, expected] = line.split('|').collect::<Vec<_>>()[..] else {
                panic!("{line}");
            };
            let value = serde_json::from_str(value).unwrap_or(json!(null));
            let found = Specification::parse(spec).and_then(|spec| spec.apply(&value));
            assert_eq!(found.as_deref().unwrap_or("!"), expected, "{line}");
        }
    }
}
