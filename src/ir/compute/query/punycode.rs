//! Punycode (RFC 3492): texts in letters, digits and hyphens.

const BASE: u32 = 36;

/// The next bias behind a delta.
fn adapted(delta: u32, count: u32, first: bool) -> u32 {
    let mut delta = if first { delta / 700 } else { delta / 2 };
    delta += delta / count;
    let mut bias = 0;
    while delta > 455 {
        delta /= 35;
        bias += BASE;
    }
    bias + 36 * delta / (delta + 38)
}

/// How far the digit at a place reaches.
fn threshold(place: u32, bias: u32) -> u32 {
    place.saturating_sub(bias).clamp(1, 26)
}

/// The text in Punycode; nothing for one that is too long.
pub(super) fn encode(text: &str) -> Option<String> {
    let points: Vec<u32> = text.chars().map(u32::from).collect();
    let mut result: String = text.chars().filter(char::is_ascii).collect();
    let basic = u32::try_from(result.len()).ok()?;
    let mut handled = basic;
    if basic > 0 {
        result.push('-');
    }
    let (mut next, mut delta, mut bias) = (128_u32, 0_u32, 72_u32);
    let total = u32::try_from(points.len())
        .ok()
        .filter(|total| *total <= 4_096)?;
    while handled < total {
        let least = points
            .iter()
            .copied()
            .filter(|point| *point >= next)
            .min()?;
        delta = delta.checked_add((least - next).checked_mul(handled + 1)?)?;
        next = least;
        for point in &points {
            if *point < next {
                delta += 1;
            }
            if *point == next {
                let mut rest = delta;
                let mut place = BASE;
                loop {
                    let reach = threshold(place, bias);
                    if rest < reach {
                        break;
                    }
                    result.push(digit(reach + (rest - reach) % (BASE - reach)));
                    rest = (rest - reach) / (BASE - reach);
                    place += BASE;
                }
                result.push(digit(rest));
                bias = adapted(delta, handled + 1, handled == basic);
                delta = 0;
                handled += 1;
            }
        }
        delta += 1;
        next += 1;
    }
    Some(result)
}

fn digit(value: u32) -> char {
    let base = if value < 26 {
        u32::from('a')
    } else {
        u32::from('0') - 26
    };
    char::from_u32(base + value).unwrap_or('a')
}

/// The text that Punycode spells.
pub(super) fn decode(text: &str) -> Option<String> {
    let (basic, digits) = text.rsplit_once('-').unwrap_or(("", text));
    if !text.is_ascii() {
        return None;
    }
    let mut result: Vec<char> = basic.chars().collect();
    let (mut next, mut at, mut bias) = (128_u32, 0_u32, 72_u32);
    let mut digits = digits.bytes().peekable();
    while digits.peek().is_some() {
        let (start, mut weight, mut place) = (at, 1_u32, BASE);
        loop {
            let value = match digits.next()? {
                byte @ b'a'..=b'z' => u32::from(byte - b'a'),
                byte @ b'A'..=b'Z' => u32::from(byte - b'A'),
                byte @ b'0'..=b'9' => u32::from(byte - b'0') + 26,
                _ => return None,
            };
            at = at.checked_add(value.checked_mul(weight)?)?;
            let reach = threshold(place, bias);
            if value < reach {
                break;
            }
            weight = weight.checked_mul(BASE - reach)?;
            place += BASE;
        }
        let count = u32::try_from(result.len()).ok()? + 1;
        bias = adapted(at - start, count, start == 0);
        next = next.checked_add(at / count)?;
        at %= count;
        result.insert(usize::try_from(at).ok()?, char::from_u32(next)?);
        at += 1;
    }
    Some(result.into_iter().collect())
}
