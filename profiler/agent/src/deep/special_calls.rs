//! Calls whose meaning is known: copies, accesses past the fields, and what hands out objects that were
//! there before although no probe sees where they come from.

use beehive_classfile::opcode::INVOKESTATIC;
use beehive_classfile::{Instruction, Kind, MemberRef, parameters, return_kind};

use super::shapes::Shapes;

/// What a call means, besides being one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Special {
    /// `Object.clone` or that of an array.
    Clone,
    /// `System.arraycopy`.
    ArrayCopy,
    /// `Arrays.copyOf` with the class of the copy.
    CopyOf,
    /// `Arrays.copyOfRange` with the class of the copy.
    CopyOfRange,
    /// `Unsafe`, a `VarHandle` or a field updater reads (1), writes (2) or does both (3).
    Access(u32),
    /// `Object.wait`.
    Wait,
    /// A thread-local gives its value.
    ThreadLocal,
    /// Code without probes gives something that may have been there before.
    Gives,
}

const REFERENCES: &str = "java/lang/ref/Reference";
const THREAD_LOCAL: &str = "java/lang/ThreadLocal";

/// What a call means; `None` for an ordinary one.
pub(crate) fn special_of(
    at: Instruction<'_, '_>,
    member: &MemberRef<'_>,
    shapes: &Shapes,
) -> Option<Special> {
    let MemberRef { owner, name, descriptor, .. } = *member;
    let (owner, name, descriptor) = (owner.as_bytes(), name.as_bytes(), descriptor.as_bytes());
    match (owner, name, descriptor) {
        (b"java/lang/System", b"arraycopy", _) => return Some(Special::ArrayCopy),
        (b"java/util/Arrays", b"copyOf", d) if d.starts_with(b"([Ljava/lang/Object;ILjava") => {
            return Some(Special::CopyOf);
        }
        (b"java/util/Arrays", b"copyOfRange", d) if d.starts_with(b"([Ljava/lang/Object;IILj") => {
            return Some(Special::CopyOfRange);
        }
        (_, b"clone", b"()Ljava/lang/Object;") if owner.starts_with(b"[") => {
            return Some(Special::Clone);
        }
        (b"java/lang/Object", b"clone", b"()Ljava/lang/Object;") => return Some(Special::Clone),
        (b"java/lang/Object", b"wait", _) => return Some(Special::Wait),
        _ => {}
    }
    if at.opcode() != INVOKESTATIC
        && let Some(access) = access_past_fields(member)
    {
        return Some(Special::Access(access));
    }
    let gives_reference = return_kind(member.descriptor) == Some(Kind::Reference);
    match (owner, name) {
        _ if !gives_reference => None,
        (_, b"get") if descriptor == b"()Ljava/lang/Object;" => {
            if shapes.extends(owner, THREAD_LOCAL.as_bytes()) {
                Some(Special::ThreadLocal)
            } else if shapes.extends(owner, REFERENCES.as_bytes()) {
                Some(Special::Gives)
            } else {
                None
            }
        }
        (b"java/lang/Thread", b"currentThread" | b"currentCarrierThread")
        | (b"java/lang/invoke/MethodHandle", b"invoke" | b"invokeExact") => Some(Special::Gives),
        _ => None,
    }
}

/// 1 for a read, 2 for a write, 3 for both; `None` if the call is no access to an object's field or
/// element by other means.
fn access_past_fields(member: &MemberRef<'_>) -> Option<u32> {
    let (owner, name) = (member.owner.as_bytes(), member.name.as_bytes());
    let first = parameters(member.descriptor, 0).next();
    let is_on_object = first.is_some_and(|first| first.kind == Kind::Reference);
    let is_access = match owner {
        b"java/lang/invoke/VarHandle" => !name.ends_with(b"Fence"),
        b"jdk/internal/misc/Unsafe" | b"sun/misc/Unsafe" => {
            let mut all = parameters(member.descriptor, 0).skip(1);
            all.next().is_some_and(|offset| offset.kind == Kind::Long)
        }
        b"java/util/concurrent/atomic/AtomicIntegerFieldUpdater"
        | b"java/util/concurrent/atomic/AtomicLongFieldUpdater"
        | b"java/util/concurrent/atomic/AtomicReferenceFieldUpdater" => true,
        _ => false,
    };
    if !is_on_object || !is_access {
        return None;
    }
    let starts = |prefix: &[u8]| name.starts_with(prefix);
    Some(if starts(b"getAnd") || name.ends_with(b"AndGet") {
        3
    } else if starts(b"get") {
        1
    } else if starts(b"put") || starts(b"set") || starts(b"lazySet") {
        2
    } else if starts(b"compareAnd") || starts(b"weakCompareAnd") {
        3
    } else {
        return None;
    })
}

#[cfg(test)]
mod tests {
    use beehive_classfile::Mutf8;

    use super::*;

    fn member<'a>(owner: &'a str, name: &'a str, descriptor: &'a str) -> MemberRef<'a> {
        let text = |text: &'a str| Mutf8::new(text.as_bytes());
        let (owner, name, descriptor) = (text(owner), text(name), text(descriptor));
        MemberRef { owner, name, descriptor, is_interface: false }
    }

    #[test]
    fn accesses_past_the_fields_are_known_by_name_and_shape() {
        let unsafe_class = "jdk/internal/misc/Unsafe";
        let handle = "java/lang/invoke/VarHandle";
        let cas = "(Ljava/lang/Object;JII)Z";
        for (owner, name, descriptor, access) in [
            (unsafe_class, "compareAndSetInt", cas, Some(3)),
            (
                unsafe_class,
                "getReferenceAcquire",
                "(Ljava/lang/Object;J)Ljava/lang/Object;",
                Some(1),
            ),
            (unsafe_class, "putInt", "(JI)V", None),
            (unsafe_class, "objectFieldOffset", "(Ljava/lang/reflect/Field;)J", None),
            (handle, "setRelease", "(Lx/Y;I)V", Some(2)),
            (handle, "getAndAdd", "(Lx/Y;I)I", Some(3)),
            (handle, "get", "()I", None),
            ("java/util/HashMap", "get", "(Ljava/lang/Object;)Ljava/lang/Object;", None),
        ] {
            assert_eq!(access_past_fields(&member(owner, name, descriptor)), access, "{name}");
        }
    }
}
