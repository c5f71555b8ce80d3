//! A look at AMF0 before anything is built from it: how deep, how many, how long.
//!
//! What parses it afterwards calls itself for each level and knows no bounds, so that a few kilobytes would end the process.

/// Levels of objects in objects.
const DEPTH: usize = 8;
/// Values in all.
const VALUES: usize = 512;
/// Bytes of a text or of a name.
const TEXT: usize = 4096;

const NUMBER: u8 = 0;
const BOOLEAN: u8 = 1;
const STRING: u8 = 2;
const OBJECT: u8 = 3;
const NULL: u8 = 5;
const UNDEFINED: u8 = 6;
const ECMA_ARRAY: u8 = 8;
const END: u8 = 9;
const STRICT_ARRAY: u8 = 10;

/// Why nothing is built from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmfError {
    /// It ends in the middle of a value.
    #[error("it ends in the middle of a value")]
    Cut,
    /// Objects in objects in objects.
    #[error("more than {DEPTH} levels")]
    TooDeep,
    /// More than anybody says.
    #[error("more than {VALUES} values")]
    TooMany,
    /// More than anybody writes.
    #[error("a text of more than {TEXT} bytes")]
    TooLong,
    /// Another type of value than publishers send.
    #[error("a value of type {0}")]
    Unknown(u8),
    /// Not what a command begins with: a name, a number and an object or nothing.
    #[error("no command")]
    NoCommand,
}

/// What a value is in: an object with named values, or an array of so many.
enum Level {
    Named,
    Counted(u32),
}

/// Whether these are values that may be built.
///
/// # Errors
/// [`AmfError`], if not.
pub fn check(bytes: &[u8]) -> Result<(), AmfError> {
    Look { rest: bytes, values: 0 }.all()
}

/// Whether these are the values of a command.
///
/// # Errors
/// [`AmfError`], if not.
pub fn check_command(bytes: &[u8]) -> Result<(), AmfError> {
    check(bytes)?;
    let mut look = Look { rest: bytes, values: 0 };
    let [name, number] = [STRING, NUMBER].map(|kind| look.next().is_ok_and(|found| found == kind));
    let object = look.rest.first().is_some_and(|kind| matches!(*kind, OBJECT | NULL | UNDEFINED | ECMA_ARRAY));
    if name && number && object { Ok(()) } else { Err(AmfError::NoCommand) }
}

struct Look<'a> {
    rest: &'a [u8],
    values: usize,
}

impl Look<'_> {
    fn all(&mut self) -> Result<(), AmfError> {
        let mut levels = Vec::new();
        loop {
            match levels.last_mut() {
                None if self.rest.is_empty() => return Ok(()),
                Some(Level::Counted(left)) if *left > 0 => *left -= 1,
                Some(Level::Counted(_)) => {
                    levels.pop();
                    continue;
                }
                Some(Level::Named) if self.ends()? => {
                    levels.pop();
                    continue;
                }
                None | Some(Level::Named) => {}
            }
            let level = match self.next()? {
                OBJECT => Level::Named,
                ECMA_ARRAY => {
                    // What it says about its length is worth nothing.
                    self.take(4)?;
                    Level::Named
                }
                STRICT_ARRAY => {
                    Level::Counted(self.take(4)?.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
                }
                _ => continue,
            };
            levels.push(level);
            if levels.len() > DEPTH {
                return Err(AmfError::TooDeep);
            }
        }
    }

    /// Reads the name of the next value of an object. True: there is none.
    fn ends(&mut self) -> Result<bool, AmfError> {
        if self.text()? > 0 {
            return Ok(false);
        }
        match self.take(1)?[0] {
            END => Ok(true),
            other => Err(AmfError::Unknown(other)),
        }
    }

    /// The type of the next value; its content is passed over, unless it has values itself.
    fn next(&mut self) -> Result<u8, AmfError> {
        self.values += 1;
        if self.values > VALUES {
            return Err(AmfError::TooMany);
        }
        let kind = self.take(1)?[0];
        match kind {
            NUMBER => drop(self.take(8)?),
            BOOLEAN => drop(self.take(1)?),
            STRING => drop(self.text()?),
            OBJECT | NULL | UNDEFINED | ECMA_ARRAY | STRICT_ARRAY => {}
            other => return Err(AmfError::Unknown(other)),
        }
        Ok(kind)
    }

    /// The length of a text, which is passed over.
    fn text(&mut self) -> Result<usize, AmfError> {
        let length = self.take(2)?;
        let length = usize::from(length[0]) << 8 | usize::from(length[1]);
        if length > TEXT {
            return Err(AmfError::TooLong);
        }
        self.take(length)?;
        Ok(length)
    }

    fn take(&mut self, count: usize) -> Result<&[u8], AmfError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(AmfError::Cut)?;
        self.rest = rest;
        Ok(taken)
    }
}
