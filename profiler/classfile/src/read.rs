//! Big-endian reads at an offset, `None` past the end. Everything in the crate that
//! looks at foreign bytes goes through these, so that no input can panic.

/// Byte at `at`.
#[inline]
pub(crate) fn u8_at(bytes: &[u8], at: usize) -> Option<u8> {
    bytes.get(at).copied()
}

/// Big-endian `u16` at `at`.
#[inline]
pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|chunk| u16::from_be_bytes(*chunk))
}

/// Big-endian `u32` at `at`.
#[inline]
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|chunk| u32::from_be_bytes(*chunk))
}

/// Big-endian `i16` at `at`.
#[inline]
pub(crate) fn i16_at(bytes: &[u8], at: usize) -> Option<i16> {
    bytes.get(at..)?.first_chunk().map(|chunk| i16::from_be_bytes(*chunk))
}

/// Big-endian `i32` at `at`.
#[inline]
pub(crate) fn i32_at(bytes: &[u8], at: usize) -> Option<i32> {
    bytes.get(at..)?.first_chunk().map(|chunk| i32::from_be_bytes(*chunk))
}

/// Overwrites two bytes at `at`; false when they are not there.
#[inline]
#[must_use]
pub(crate) fn put_u16(bytes: &mut [u8], at: usize, value: u16) -> bool {
    let slot = bytes.get_mut(at..).and_then(|rest| rest.first_chunk_mut());
    slot.map(|slot| *slot = value.to_be_bytes()).is_some()
}

/// Overwrites four bytes at `at`; false when they are not there.
#[inline]
#[must_use]
pub(crate) fn put_u32(bytes: &mut [u8], at: usize, value: u32) -> bool {
    let slot = bytes.get_mut(at..).and_then(|rest| rest.first_chunk_mut());
    slot.map(|slot| *slot = value.to_be_bytes()).is_some()
}
