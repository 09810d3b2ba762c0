//! Calls that cannot be overridden by a stand-in and so are redirected at their site: the final methods
//! of four atomics, and of `Object` wait, notify and getClass. The hooks have the same names with the
//! receiver in front.

/// The atomics whose methods are final.
pub(crate) const ATOMIC_CLASSES: [&str; 4] = [
    "java/util/concurrent/atomic/AtomicInteger",
    "java/util/concurrent/atomic/AtomicLong",
    "java/util/concurrent/atomic/AtomicBoolean",
    "java/util/concurrent/atomic/AtomicReference",
];

/// Name and descriptor of the final methods of `AtomicInteger`, `V` standing for its value and `F`,
/// `G` for its functions of one and two values.
pub(crate) const ATOMIC_METHODS: [(&str, &str); 29] = [
    ("get", "()V"),
    ("set", "(V)v"),
    ("lazySet", "(V)v"),
    ("getAndSet", "(V)V"),
    ("compareAndSet", "(VV)Z"),
    ("weakCompareAndSet", "(VV)Z"),
    ("weakCompareAndSetPlain", "(VV)Z"),
    ("getAndIncrement", "()V"),
    ("getAndDecrement", "()V"),
    ("getAndAdd", "(V)V"),
    ("incrementAndGet", "()V"),
    ("decrementAndGet", "()V"),
    ("addAndGet", "(V)V"),
    ("getAndUpdate", "(F)V"),
    ("updateAndGet", "(F)V"),
    ("getAndAccumulate", "(VG)V"),
    ("accumulateAndGet", "(VG)V"),
    ("getPlain", "()V"),
    ("setPlain", "(V)v"),
    ("getOpaque", "()V"),
    ("setOpaque", "(V)v"),
    ("getAcquire", "()V"),
    ("setRelease", "(V)v"),
    ("compareAndExchange", "(VV)V"),
    ("compareAndExchangeAcquire", "(VV)V"),
    ("compareAndExchangeRelease", "(VV)V"),
    ("weakCompareAndSetVolatile", "(VV)Z"),
    ("weakCompareAndSetAcquire", "(VV)Z"),
    ("weakCompareAndSetRelease", "(VV)Z"),
];

/// Methods that only the two atomics of numbers have.
const OF_NUMBERS: [&str; 6] = [
    "getAndIncrement",
    "getAndDecrement",
    "getAndAdd",
    "incrementAndGet",
    "decrementAndGet",
    "addAndGet",
];

/// Descriptors of value, function and function of two, by the order of [`ATOMIC_CLASSES`]. A boolean
/// has no functions.
const TYPES: [[&str; 3]; 4] = [
    ["I", "Ljava/util/function/IntUnaryOperator;", "Ljava/util/function/IntBinaryOperator;"],
    ["J", "Ljava/util/function/LongUnaryOperator;", "Ljava/util/function/LongBinaryOperator;"],
    ["Z", "", ""],
    [
        "Ljava/lang/Object;",
        "Ljava/util/function/UnaryOperator;",
        "Ljava/util/function/BinaryOperator;",
    ],
];

/// The final methods of an atomic, by its place in [`ATOMIC_CLASSES`]: name and descriptor.
pub(crate) fn methods_of(class: usize) -> impl Iterator<Item = (&'static str, String)> {
    ATOMIC_METHODS.iter().filter_map(move |(name, pattern)| {
        let types = TYPES.get(class)?;
        let is_number = class < 2;
        let is_there = match *name {
            // A boolean's two oldest ones can be overridden.
            "weakCompareAndSet" | "weakCompareAndSetPlain" => class != 2,
            name if OF_NUMBERS.contains(&name) => is_number,
            _ => class != 2 || !pattern.contains(['F', 'G']),
        };
        is_there.then(|| (*name, spell(pattern, types)))
    })
}

fn spell(pattern: &str, [value, function, of_two]: &[&str; 3]) -> String {
    let mut descriptor = String::new();
    for letter in pattern.chars() {
        match letter {
            'V' => descriptor.push_str(value),
            'F' => descriptor.push_str(function),
            'G' => descriptor.push_str(of_two),
            'v' => descriptor.push('V'),
            other => descriptor.push(other),
        }
    }
    descriptor
}

/// Descriptor of a hook: the receiver's type comes first.
pub(crate) fn with_receiver(receiver: &str, descriptor: &str) -> String {
    format!("(L{receiver};{}", descriptor.trim_start_matches('('))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_atomic_has_its_own_methods() {
        let counts: Vec<usize> = (0..4).map(|class| methods_of(class).count()).collect();
        assert_eq!(counts, [29, 29, 17, 23]);
        let spelled: Vec<_> = methods_of(1).collect();
        assert!(spelled.contains(&("compareAndSet", "(JJ)Z".to_owned())));
        assert!(spelled.contains(&("set", "(J)V".to_owned())));
        let reference: Vec<_> = methods_of(3).collect();
        let update = "(Ljava/util/function/UnaryOperator;)Ljava/lang/Object;".to_owned();
        assert!(reference.contains(&("getAndUpdate", update)));
        assert_eq!(with_receiver("a/B", "(J)V"), "(La/B;J)V");
    }
}
