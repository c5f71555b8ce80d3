//! Units of H.264 and HEVC, each behind its length.

/// The units, each behind a length of so many bytes; None in place of one that is cut, and nothing behind it.
pub(super) fn units(mut rest: &[u8], prefix: usize) -> impl Iterator<Item = Option<&[u8]>> {
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let unit = next(rest, prefix);
        rest = unit.map_or(&[], |(_, behind)| behind);
        Some(unit.map(|(unit, _)| unit))
    })
}

fn next(rest: &[u8], prefix: usize) -> Option<(&[u8], &[u8])> {
    let (length, behind) = rest.split_at_checked(prefix)?;
    let length = length.iter().fold(0_usize, |number, byte| number << 8 | usize::from(*byte));
    behind.split_at_checked(length)
}

/// Takes off a unit behind two bytes of length.
pub(super) fn take<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (unit, behind) = next(rest, 2)?;
    *rest = behind;
    Some(unit)
}
