//! The JVM options without which a worker could not take over the server's order of walks through the
//! JDK's immutable sets and maps. The runtime sets the JDK's final fields for it when it is welcomed;
//! code that was compiled before keeps the old direction, and a walk that goes from such code to newer
//! code turns round: elements come twice and others never. So what reads these fields is compiled late:
//! long after a worker has been welcomed, which is before anything of the application runs.

/// All code of JDK 17 to 25 that reads `ImmutableCollections.SALT32L` and `REVERSE` (found with
/// `javap -p -c`): walks of sets and maps that are never changed.
const WALKS: [&str; 5] = [
    "java.util.ImmutableCollections$Set12::toArray",
    "java.util.ImmutableCollections$Set12::forEach",
    "java.util.ImmutableCollections$Set12$1::*",
    "java.util.ImmutableCollections$SetN$SetNIterator::*",
    "java.util.ImmutableCollections$MapN$MapNIterator::*",
];

/// How many times as often as others they must have been called before they are compiled: from 40,000
/// calls on. A JVM has made fewer than 3,000 when it comes to its `main` (found with smaller factors and
/// `-XX:+PrintCompilation`; most on 17, which walks through its modules).
const LATER: &str = "200.0";

/// Options of a worker's JVM; they print nothing.
pub(crate) fn options() -> impl Iterator<Item = String> {
    let quiet = ["-XX:CompileCommand=quiet".to_owned()];
    // What is not compiled itself may still be inlined into what is.
    let each = WALKS.into_iter().flat_map(|walk| {
        [
            format!("-XX:CompileCommand=dontinline,{walk}"),
            format!("-XX:CompileCommand=CompileThresholdScaling,{walk},{LATER}"),
        ]
    });
    quiet.into_iter().chain(each)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use beehive_record::installed_jdks;

    use super::*;

    /// Walks through a set, turns the direction round as the runtime does, and walks on: counts the walks
    /// that have not met all elements. Without the options JDK 17 often has one, when newer code is compiled.
    const PROGRAM: &str = r#"
        import java.lang.reflect.Field;
        import java.util.*;
        public class Walks {
            static boolean isWhole(Iterable<Object> walked) {
                Set<Object> seen = new HashSet<>();
                for (Object each : walked) seen.add(each);
                return seen.size() == 20;
            }
            public static void main(String[] arguments) throws Exception {
                Field field = sun.misc.Unsafe.class.getDeclaredField("theUnsafe");
                field.setAccessible(true);
                var unsafe = (sun.misc.Unsafe) field.get(null);
                Field reverse = Class.forName("java.util.ImmutableCollections").getDeclaredField("REVERSE");
                var entries = new Map.Entry[20];
                for (int i = 0; i < 20; i++) entries[i] = Map.entry(new Object(), i);
                Map<Object, Object> map = Map.ofEntries(entries);
                Set<Object> set = Set.copyOf(map.keySet());
                for (int i = 0; i < 300; i++) if (!isWhole(set) || !isWhole(map.keySet())) throw new Error();
                Object base = unsafe.staticFieldBase(reverse);
                long offset = unsafe.staticFieldOffset(reverse);
                unsafe.putByte(base, offset, (byte) (unsafe.getByte(base, offset) ^ 1));
                int torn = 0;
                for (int i = 0; i < 100_000; i++) if (!isWhole(set) || !isWhole(map.keySet())) torn++;
                System.out.println("torn " + torn);
            }
        }
    "#;

    #[test]
    fn a_change_of_direction_tears_no_walk() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("Walks.java");
        std::fs::write(&source, PROGRAM).unwrap();
        let jdks = installed_jdks();
        assert!(!jdks.is_empty(), "this test needs a JDK");
        for jdk in jdks {
            let mut java = Command::new(jdk.java());
            let output = java.args(options()).arg(&source).output().unwrap();
            let told = String::from_utf8_lossy(&output.stdout).into_owned();
            assert_eq!(told, "torn 0\n", "{jdk:?}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
}
