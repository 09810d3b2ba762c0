//! Sizes of objects in the heap, estimated for HotSpot with compressed references: a header of 12 bytes
//! (16 with the length of an array), fields by their width, rounded up to 8.

use super::names::Name;
use super::shapes::Shapes;

const ACC_STATIC: u16 = 0x0008;
const HEADER: u64 = 12;
const ARRAY_HEADER: u64 = 16;
const REFERENCE: u64 = 4;

/// Bytes of an instance of a class, of what it inherits included.
pub(crate) fn instance_bytes(shapes: &Shapes, class: Name) -> u64 {
    let mut bytes = HEADER;
    let mut next = Some(class);
    while let Some(shape) = next.and_then(|class| shapes.class(class)) {
        let fields = shape.fields.iter().filter(|field| field.access & ACC_STATIC == 0);
        bytes += fields.map(|field| width(shapes.names.bytes(field.descriptor))).sum::<u64>();
        next = next.and_then(|class| shapes.super_class(class));
    }
    aligned(bytes)
}

/// Bytes of an array by its class name (`[I`, `[Ljava.lang.String;`).
pub(crate) fn array_bytes(class: &[u8], length: u32) -> u64 {
    aligned(ARRAY_HEADER + u64::from(length) * class.get(1..).map_or(1, width))
}

/// Bytes of a string with its characters, one byte each, as most texts have it.
pub(crate) fn string_bytes(length: u32) -> u64 {
    24 + array_bytes(b"[B", length)
}

fn width(descriptor: &[u8]) -> u64 {
    match descriptor.first() {
        Some(b'J' | b'D') => 8,
        Some(b'I' | b'F') => 4,
        Some(b'S' | b'C') => 2,
        Some(b'B' | b'Z') => 1,
        _ => REFERENCE,
    }
}

fn aligned(bytes: u64) -> u64 {
    bytes.next_multiple_of(8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_and_strings_have_header_and_padding() {
        assert_eq!(array_bytes(b"[I", 0), 16);
        assert_eq!(array_bytes(b"[I", 3), 32);
        assert_eq!(array_bytes(b"[Ljava.lang.String;", 2), 24);
        assert_eq!(array_bytes(b"[[J", 1), 24);
        assert_eq!(string_bytes(5), 48);
    }
}
