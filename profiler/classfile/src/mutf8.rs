//! `Mutf8`: text of a class file, borrowed as it stands there (JVMS §4.4.7).
//! It does not check or copy; decoding to Rust text happens only when asked for.

use std::borrow::Cow;
use std::fmt;

/// Modified UTF-8 text borrowed from a class file. Compares with `str` by bytes, which is
/// exact for every text without NUL and without characters outside the basic plane.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Mutf8<'a>(pub(crate) &'a [u8]);

impl<'a> Mutf8<'a> {
    /// Wraps bytes that stand for modified UTF-8.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The bytes as they stand in the class file.
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// The text without a copy, when it is also plain UTF-8 (nearly always).
    pub fn as_str(self) -> Option<&'a str> {
        std::str::from_utf8(self.0).ok()
    }

    /// The text decoded; surrogate pairs are joined, unpaired ones become U+FFFD.
    pub fn to_str(self) -> Cow<'a, str> {
        match self.as_str() {
            Some(text) => Cow::Borrowed(text),
            None => Cow::Owned(decode(self.0)),
        }
    }
}

/// Decodes modified UTF-8 by way of UTF-16 units; broken sequences become U+FFFD.
fn decode(bytes: &[u8]) -> String {
    let mut units = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    loop {
        let (unit, tail) = match rest {
            [] => break,
            [a @ 0x01..=0x7f, tail @ ..] => (u16::from(*a), tail),
            [a @ 0xc0..=0xdf, b @ 0x80..=0xbf, tail @ ..] => {
                (u16::from(a & 0x1f) << 6 | u16::from(b & 0x3f), tail)
            }
            [a @ 0xe0..=0xef, b @ 0x80..=0xbf, c @ 0x80..=0xbf, tail @ ..] => {
                let high = u16::from(a & 0x0f) << 12 | u16::from(b & 0x3f) << 6;
                (high | u16::from(c & 0x3f), tail)
            }
            [_, tail @ ..] => (0xfffd, tail),
        };
        units.push(unit);
        rest = tail;
    }
    String::from_utf16_lossy(&units)
}

impl fmt::Debug for Mutf8<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_str(), f)
    }
}

impl fmt::Display for Mutf8<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_str())
    }
}

impl PartialEq<str> for Mutf8<'_> {
    fn eq(&self, other: &str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl PartialEq<&str> for Mutf8<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.0 == other.as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::Mutf8;

    #[test]
    fn plain_text_is_borrowed_and_compares_with_str() {
        let text = Mutf8::new("größe".as_bytes());
        assert!(matches!(text.to_str(), std::borrow::Cow::Borrowed("größe")));
        assert!(text == "größe");
    }

    #[test]
    fn nul_and_surrogate_pairs_are_decoded_and_lone_surrogates_replaced() {
        assert_eq!(Mutf8::new(&[b'a', 0xc0, 0x80]).to_str(), "a\0");
        // U+1F41D as the surrogate pair D83D DC1D, three bytes each.
        let bee = [0xed, 0xa0, 0xbd, 0xed, 0xb0, 0x9d];
        assert_eq!(Mutf8::new(&bee).to_str(), "\u{1f41d}");
        assert_eq!(Mutf8::new(&[0xed, 0xa0, 0xbd]).to_str(), "\u{fffd}");
        assert_eq!(Mutf8::new(&[0xff, b'x']).to_str(), "\u{fffd}x");
    }
}
