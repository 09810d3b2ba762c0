//! Reads the types of annotations from the two `…Annotations` attributes (JVMS §4.7.16–17).
//! Values are skipped, never interpreted; a malformed attribute ends the iteration early.

use crate::constant_pool::ConstantPool;
use crate::mutf8::Mutf8;
use crate::read::{u8_at, u16_at};

/// Deepest nesting of annotations and arrays in values that is followed.
const DEPTH_MAX: u32 = 32;

/// Type descriptors of annotations, `Lorg/springframework/stereotype/Service;`, those
/// visible at run time and the others, in the order of the class file.
#[derive(Debug, Clone)]
pub struct Annotations<'v, 'a> {
    pool: &'v ConstantPool<'a>,
    attributes: crate::attribute::Attributes<'a>,
    current: &'a [u8],
    at: usize,
    left: u16,
}

impl<'v, 'a> Annotations<'v, 'a> {
    /// All annotations among `attributes` of a class, field or method.
    pub(crate) fn new(
        pool: &'v ConstantPool<'a>,
        attributes: crate::attribute::Attributes<'a>,
    ) -> Self {
        Self { pool, attributes, current: &[], at: 0, left: 0 }
    }

    /// Moves to the next attribute that holds annotations; `None` when there is none.
    fn next_attribute(&mut self) -> Option<()> {
        let pool = self.pool;
        let holds = |name: Mutf8<'_>| {
            name == "RuntimeVisibleAnnotations" || name == "RuntimeInvisibleAnnotations"
        };
        let found =
            self.attributes.find(|attribute| pool.utf8(attribute.name_index).is_some_and(holds))?;
        self.current = found.payload;
        self.left = u16_at(found.payload, 0)?;
        self.at = 2;
        Some(())
    }
}

impl<'a> Iterator for Annotations<'_, 'a> {
    type Item = Mutf8<'a>;

    fn next(&mut self) -> Option<Mutf8<'a>> {
        while self.left == 0 {
            self.next_attribute()?;
        }
        let start = self.at;
        self.at = skip_annotation(self.current, start, DEPTH_MAX)?;
        self.left -= 1;
        self.pool.utf8(u16_at(self.current, start)?)
    }
}

/// Offset after the annotation at `at`.
pub(crate) fn skip_annotation(bytes: &[u8], at: usize, depth: u32) -> Option<usize> {
    let pairs = u16_at(bytes, at + 2)?;
    let mut at = at + 4;
    for _ in 0..pairs {
        at = skip_value(bytes, at + 2, depth)?;
    }
    Some(at)
}

/// Offset after the element value at `at`.
fn skip_value(bytes: &[u8], at: usize, depth: u32) -> Option<usize> {
    let depth = depth.checked_sub(1)?;
    match u8_at(bytes, at)? {
        b'e' => Some(at + 5),
        b'@' => skip_annotation(bytes, at + 1, depth),
        b'[' => {
            let count = u16_at(bytes, at + 1)?;
            let mut at = at + 3;
            for _ in 0..count {
                at = skip_value(bytes, at, depth)?;
            }
            Some(at)
        }
        _ => Some(at + 3),
    }
}

/// Skips annotations with the nesting bound that readers use.
pub(crate) fn skip_bounded(bytes: &[u8], at: usize) -> Option<usize> {
    skip_annotation(bytes, at, DEPTH_MAX)
}
