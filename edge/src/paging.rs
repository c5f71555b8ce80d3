//! Pages of lists.

use synctv_domain::Seq;

use crate::problem::Problem;

const DEFAULT: i64 = 100;
const MOST: i64 = 1000;

/// How many are wanted.
#[must_use]
pub fn limit(asked: Option<i64>) -> usize {
    usize::try_from(asked.unwrap_or(DEFAULT).clamp(1, MOST)).unwrap_or(1)
}

/// Reads a `next_page_token`; an empty one is none.
///
/// # Errors
/// When no page ended with it.
pub fn token<T>(given: Option<&str>, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Problem> {
    let bad = || Problem::bad_request("invalid_cursor", "page_token is the next_page_token of a page");
    given.filter(|given| !given.is_empty()).map(|given| read(given).ok_or_else(bad)).transpose()
}

/// Reads the number of an event.
#[must_use]
pub fn seq(text: &str) -> Option<Seq> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).map(Seq)
}

/// Leaves as many as are wanted. The `next_page_token`: what names the last of them; empty at the end.
pub fn cut<T>(found: &mut Vec<T>, limit: usize, name: impl Fn(&T) -> String) -> String {
    let more = found.len() > limit;
    found.truncate(limit);
    found.last().filter(|_| more).map(name).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_clamped() {
        assert_eq!([None, Some(-1), Some(7), Some(9999)].map(limit), [100, 1, 7, 1000]);
    }

    #[test]
    fn only_a_whole_number_is_the_number_of_an_event() {
        assert_eq!(token(Some("42"), seq).unwrap(), Some(Seq(42)));
        assert_eq!([token(None, seq).unwrap(), token(Some(""), seq).unwrap()], [None, None]);
        for bad in ["-1", "+1", "1.5", " 1", "x", "٣", "99999999999999999999"] {
            assert!(token(Some(bad), seq).is_err(), "{bad:?} was taken for a token");
        }
    }

    #[test]
    fn a_page_has_a_next_one_only_if_there_is_more() {
        let mut found = vec![1, 2, 3];
        assert_eq!((cut(&mut found, 3, i32::to_string), found.len()), (String::new(), 3));
        assert_eq!((cut(&mut found, 2, i32::to_string), found.len()), ("2".to_owned(), 2));
    }
}
