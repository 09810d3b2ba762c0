//! One entry of a `lib/modules` index: its attributes as packed bytes, its name in four
//! parts, and the hash by which the JDK finds it.

/// Attributes of an entry: offsets of strings, and where its bytes are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Location {
    pub(crate) module: u64,
    pub(crate) parent: u64,
    pub(crate) base: u64,
    pub(crate) extension: u64,
    /// From the end of the index, in bytes.
    pub(crate) offset: u64,
    /// 0: stored as it is.
    pub(crate) compressed: u64,
    pub(crate) size: u64,
}

impl Location {
    /// Reads attributes up to the end mark; `None` when they are cut off. Each is a byte of
    /// kind (high five bits) and length less one (low three), then the value, high byte first.
    pub(crate) fn parse(mut bytes: &[u8]) -> Option<Self> {
        let mut location = Self::default();
        loop {
            let (head, rest) = bytes.split_first()?;
            if head >> 3 == 0 {
                return Some(location);
            }
            let (value, rest) = rest.split_at_checked(usize::from(head & 7) + 1)?;
            let field = match head >> 3 {
                1 => &mut location.module,
                2 => &mut location.parent,
                3 => &mut location.base,
                4 => &mut location.extension,
                5 => &mut location.offset,
                6 => &mut location.compressed,
                7 => &mut location.size,
                // A later JDK's attribute that says more about the same entry.
                _ => &mut Self::default().size,
            };
            *field = value.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
            bytes = rest;
        }
    }
}

/// An entry of the image. Its full name is `/module/parent/base.extension`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resource<'i> {
    pub(crate) module: &'i str,
    pub(crate) parent: &'i str,
    pub(crate) base: &'i str,
    pub(crate) extension: &'i str,
    pub(crate) location: Location,
}

impl<'i> Resource<'i> {
    /// Its module, `java.base`; `packages` and `modules` for entries of the index itself.
    pub fn module(&self) -> &'i str {
        self.module
    }

    /// Its folder, `java/lang`.
    pub fn parent(&self) -> &'i str {
        self.parent
    }

    /// Its name without folder and extension, `Object`.
    pub fn base(&self) -> &'i str {
        self.base
    }

    /// Its extension, `class`.
    pub fn extension(&self) -> &'i str {
        self.extension
    }

    /// The internal name of a class, `java/lang/Object`.
    pub fn class_name(&self) -> String {
        if self.parent.is_empty() {
            return self.base.to_owned();
        }
        format!("{}/{}", self.parent, self.base)
    }

    /// Its size when read, in bytes.
    pub fn size(&self) -> u64 {
        self.location.size
    }

    pub(crate) fn is(&self, parts: [&str; 4]) -> bool {
        parts == [self.module, self.parent, self.base, self.extension]
    }
}

/// FNV-like multiplier and first seed of the image's hash.
const HASH_MULTIPLIER: u32 = 0x0100_0193;

/// Hash of a full name (`ImageStrings::hash_code`), with the first seed unless one is given.
pub(crate) fn hash([module, parent, base, extension]: [&str; 4], seed: Option<u32>) -> u32 {
    let slash_if = |some: &str| if some.is_empty() { "" } else { "/" };
    let dot = if extension.is_empty() { "" } else { "." };
    let pieces = [
        slash_if(module),
        module,
        slash_if(module),
        parent,
        slash_if(parent),
        base,
        dot,
        extension,
    ];
    let bytes = pieces.iter().flat_map(|piece| piece.bytes());
    let step = |seed: u32, byte| seed.wrapping_mul(HASH_MULTIPLIER) ^ u32::from(byte);
    bytes.fold(seed.unwrap_or(HASH_MULTIPLIER), step) & 0x7fff_ffff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_read_up_to_the_end_mark() {
        let bytes = [1 << 3, 9, 5 << 3 | 2, 1, 2, 3, 7 << 3 | 1, 1, 0, 9 << 3, 77, 0, 0];
        let location = Location::parse(&bytes).unwrap();
        assert_eq!(
            location,
            Location { module: 9, offset: 0x01_0203, size: 256, ..Location::default() }
        );
        assert_eq!(Location::parse(&bytes[..5]), None);
    }
}
