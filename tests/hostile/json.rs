//! JSON that may be wrong: keys twice, numbers no program can hold, nesting without end.

use std::fmt::{self, Write as _};

#[derive(Clone, Debug)]
pub enum Json {
    /// Written as it is.
    Raw(String),
    Text(String),
    List(Vec<Json>),
    Map(Vec<(String, Json)>),
}

impl Json {
    pub fn raw(text: &str) -> Self {
        Self::Raw(text.to_owned())
    }

    pub fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    pub fn map<const N: usize>(members: [(&str, Self); N]) -> Self {
        Self::Map(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    pub fn number(number: f64) -> Self {
        Self::Raw(format!("{number:?}"))
    }

    pub fn ring(positions: &[(f64, f64)]) -> Self {
        let position = |(x, y): &(f64, f64)| Self::List(vec![Self::number(*x), Self::number(*y)]);
        Self::List(positions.iter().map(position).collect())
    }

    /// An opening many times, and closed as often.
    pub fn nested(open: &str, times: usize) -> Self {
        let close: String = open
            .chars()
            .rev()
            .filter_map(|c| match c {
                '[' => Some(']'),
                '{' => Some('}'),
                _ => None,
            })
            .collect();
        let inmost = if open == "[" { "" } else { "null" };
        Self::Raw(format!("{}{inmost}{}", open.repeat(times), close.repeat(times)))
    }

    /// How many values there are, this one included.
    pub fn count(&self) -> usize {
        1 + match self {
            Self::List(items) => items.iter().map(Self::count).sum(),
            Self::Map(members) => members.iter().map(|(_, value)| value.count()).sum(),
            Self::Raw(_) | Self::Text(_) => 0,
        }
    }

    /// The value with a number, in the order they are written.
    pub fn nth(&mut self, number: usize) -> Option<&mut Self> {
        let mut left = number;
        self.walk(&mut left)
    }

    fn walk(&mut self, left: &mut usize) -> Option<&mut Self> {
        if *left == 0 {
            return Some(self);
        }
        *left -= 1;
        match self {
            Self::List(items) => items.iter_mut().find_map(|item| item.walk(left)),
            Self::Map(members) => members.iter_mut().find_map(|(_, value)| value.walk(left)),
            Self::Raw(_) | Self::Text(_) => None,
        }
    }
}

fn quoted(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            c if u32::from(c) < 0x20 => write!(f, "\\u{:04x}", u32::from(c))?,
            c => f.write_char(c)?,
        }
    }
    f.write_char('"')
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Raw(text) => f.write_str(text),
            Self::Text(text) => quoted(text, f),
            Self::List(items) => {
                f.write_char('[')?;
                for (i, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if i == 0 { "" } else { "," })?;
                }
                f.write_char(']')
            }
            Self::Map(members) => {
                f.write_char('{')?;
                for (i, (key, value)) in members.iter().enumerate() {
                    f.write_str(if i == 0 { "" } else { "," })?;
                    quoted(key, f)?;
                    write!(f, ":{value}")?;
                }
                f.write_char('}')
            }
        }
    }
}
