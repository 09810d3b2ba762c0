//! Classes that get no deep probes: the probes themselves, what runs inside the JVM's own workings, and
//! what the compiler replaces by code of its own (strings, boxes, `Unsafe`), where counts would depend
//! on what was compiled when. Calls into them are seen at the call site.

/// Internal names.
const CLASSES: &[&str] = &[
    "java/lang/AbstractStringBuilder",
    "java/lang/BaseVirtualThread",
    "java/lang/BeeProbe",
    "java/lang/Boolean",
    "java/lang/Byte",
    "java/lang/Character",
    "java/lang/Double",
    "java/lang/Float",
    "java/lang/InheritableThreadLocal",
    "java/lang/Integer",
    "java/lang/Long",
    "java/lang/Math",
    "java/lang/Number",
    "java/lang/Object",
    "java/lang/Short",
    "java/lang/StackStreamFactory",
    "java/lang/StackWalker",
    "java/lang/StrictMath",
    "java/lang/String",
    "java/lang/StringBuffer",
    "java/lang/StringBuilder",
    "java/lang/StringCoding",
    "java/lang/StringConcatHelper",
    "java/lang/StringLatin1",
    "java/lang/StringUTF16",
    "java/lang/Thread",
    "java/lang/VirtualThread",
    "sun/misc/Unsafe",
];

/// Beginnings of internal names.
const PREFIXES: &[&str] = &[
    "java/lang/BeeDeep",
    "java/lang/CharacterData",
    "java/lang/FdLibm",
    "java/lang/StackStreamFactory$",
    "java/lang/String$",
    "java/lang/Thread$",
    "java/lang/ThreadBuilders",
    "java/lang/ThreadLocal",
    "java/lang/VirtualThread$",
    "java/lang/invoke/",
    "java/lang/ref/",
    "java/util/concurrent/atomic/AtomicIntegerFieldUpdater",
    "java/util/concurrent/atomic/AtomicLongFieldUpdater",
    "java/util/concurrent/atomic/AtomicReferenceFieldUpdater",
    "jdk/internal/access/",
    "jdk/internal/misc/",
    "jdk/internal/org/objectweb/",
    "jdk/internal/reflect/",
    "jdk/internal/util/ArraysSupport",
    "jdk/internal/util/Preconditions",
    "jdk/internal/vm/",
    "sun/invoke/",
];

/// Whether a class gets no probes but those at the entry of methods that `hooks` names.
pub(crate) fn is_unprobed(class: &[u8]) -> bool {
    let is_class = CLASSES.binary_search_by(|known| known.as_bytes().cmp(class)).is_ok();
    is_class || PREFIXES.iter().any(|prefix| class.starts_with(prefix.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_means_what_it_says() {
        assert!(CLASSES.is_sorted());
        for class in ["java/lang/String", "java/lang/ref/Reference", "java/lang/BeeDeepSample"] {
            assert!(is_unprobed(class.as_bytes()), "{class}");
        }
        for class in ["java/util/HashMap", "java/lang/ThreadGroup", "java/lang/Throwable"] {
            assert!(!is_unprobed(class.as_bytes()), "{class}");
        }
    }
}
