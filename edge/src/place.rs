//! Cursors: `<seq>` or `<epoch>:<seq>`.

use synctv_domain::Seq;

use crate::problem::Problem;

/// A place in a room's events, as a client names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// None: the present one.
    pub epoch: Option<String>,
    /// What the client has.
    pub seq: Seq,
}

impl Place {
    /// As it is written.
    ///
    /// # Errors
    /// When it is neither of the two forms.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let (epoch, seq) = match text.rsplit_once(':') {
            Some((epoch, seq)) => (Some(epoch.to_owned()), seq),
            None => (None, text),
        };
        let digits = !seq.is_empty() && seq.bytes().all(|byte| byte.is_ascii_digit());
        match seq.parse() {
            Ok(seq) if digits && epoch.as_deref() != Some("") => Ok(Self { epoch, seq: Seq(seq) }),
            _ => Err(Problem::bad_request("invalid_cursor", "a cursor is <seq> or <epoch>:<seq>")),
        }
    }

    /// Why it is not a place in this log: another epoch, or beyond the head.
    #[must_use]
    pub fn lost(&self, epoch: &str, head: Seq) -> Option<&'static str> {
        match &self.epoch {
            Some(own) if own != epoch => Some("epoch_changed"),
            _ if self.seq > head => Some("ahead_of_head"),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_two_forms_are_cursors() {
        assert_eq!(Place::parse("42").unwrap(), Place { epoch: None, seq: Seq(42) });
        assert_eq!(Place::parse("e:0").unwrap(), Place { epoch: Some("e".to_owned()), seq: Seq(0) });
        for bad in ["", ":1", "e:", "-1", "+1", "1.5", "e:1:x", "99999999999999999999", " 1", "٣"] {
            assert!(Place::parse(bad).is_err(), "{bad:?} was taken for a cursor");
        }
    }
}
