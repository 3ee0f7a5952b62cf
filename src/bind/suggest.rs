//! The known name that a misspelt one was meant to be.

/// The nearest of the names, if one is near enough: another case, or few changed letters for its length.
pub(crate) fn nearest<'n>(
    wanted: &str,
    names: impl IntoIterator<Item = &'n str>,
) -> Option<&'n str> {
    let length = wanted.chars().count();
    let limit = (length / 3).clamp(1, 3);
    let mut best: Option<(usize, &str)> = None;
    for name in names {
        if name.eq_ignore_ascii_case(wanted) {
            return Some(name);
        }
        if name.len().abs_diff(wanted.len()) > limit || length > 64 || name.len() > 64 {
            continue;
        }
        let distance = distance(wanted, name);
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, name));
        }
    }
    best.map(|(_, name)| name)
}

/// The number of letters to insert, drop, change or swap, in any case.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().flat_map(char::to_lowercase).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    let mut last = None;
    for (at, letter) in left.chars().flat_map(char::to_lowercase).enumerate() {
        let mut next = vec![at + 1];
        for (column, other) in right.iter().enumerate() {
            let mut cost = (row[column] + usize::from(letter != *other))
                .min(row[column + 1] + 1)
                .min(next[column] + 1);
            let swapped = column > 0 && last == Some(*other) && right[column - 1] == letter;
            if swapped && !before.is_empty() {
                cost = cost.min(before[column - 1] + 1);
            }
            next.push(cost);
        }
        before = row;
        row = next;
        last = Some(letter);
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let names = ["Account", "EventID", "TimeGenerated", "IP"];
        assert_eq!(nearest("account", names), Some("Account"));
        assert_eq!(nearest("TimeGenerate", names), Some("TimeGenerated"));
        assert_eq!(nearest("EvnetID", names), Some("EventID"));
        assert_eq!(nearest("Computer", names), None);
        assert_eq!(nearest("", names), None);
    }
}
