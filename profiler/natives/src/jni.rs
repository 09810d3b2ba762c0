//! The table behind a `JNIEnv*`: what the function at an offset means for a worker. Order from the
//! Java Native Interface specification, chapter 4 (table of functions), JDK 25.

use crate::effect::Effect;

/// Bytes of an entry.
const ENTRY_BYTES: u64 = 8;
/// Entries of the newest table known.
const ENTRIES: u64 = 236;

/// Whether the JNI function at `offset` reads a long of a Java object: Get(Static)LongField, and the
/// Call…LongMethod families.
pub fn returns_long(offset: u64) -> bool {
    offset.is_multiple_of(ENTRY_BYTES)
        && matches!(offset / ENTRY_BYTES, 52..=54 | 82..=84 | 101 | 132..=134 | 151)
}

/// What the JNI function at `offset` of the table does; `None` if there is none.
pub fn effect_of(offset: u64) -> Option<Effect> {
    let index = offset / ENTRY_BYTES;
    if !offset.is_multiple_of(ENTRY_BYTES) || !(4..ENTRIES).contains(&index) {
        return None;
    }
    Some(match index {
        4 => Effect::None,
        // DefineClass, RegisterNatives, UnregisterNatives.
        5 | 215 | 216 => Effect::Vm,
        // FatalError.
        18 => Effect::Process,
        34..=93 | 114..=143 | 28..=30 => Effect::Java,
        // NewDirectByteBuffer, GetDirectBufferAddress.
        229 | 230 => Effect::State,
        _ => Effect::Heap,
    })
}
