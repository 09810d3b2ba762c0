//! Waits for monitors, from the event before to the event after. Told apart by the identity hashes of
//! thread and monitor, not by the system's thread: a virtual thread may go on on another carrier.

use std::collections::HashMap;
use std::time::Instant;

use beehive_jvm::FrameMethod;

/// Stands for the class of the monitors under which HotSpot links classes: an `int[0]` of each class
/// in JDK 17, nothing that Java sees in JDK 25.
const CLASS_LINKING: &str = "(class linking)";
/// Stands for the class of the monitors under which class loaders load.
const CLASS_LOADING: &str = "(class loading)";
/// Methods in which a class loader takes the lock of a class's name.
const LOADING_METHODS: [&str; 2] = ["loadClass", "loadClassOrNull"];

/// What a monitor is counted under: the class of its object, or what the JVM uses it for. Those waits
/// end with the start-up of an application and say nothing of its locks.
pub(crate) fn monitor_name(
    class_name: String,
    is_empty_ints: bool,
    frame: Option<&FrameMethod>,
) -> String {
    let is_loading = frame.is_some_and(|frame| {
        LOADING_METHODS.contains(&frame.name.as_str())
            && frame.descriptor.starts_with("(Ljava/lang/String;")
    });
    if is_empty_ints {
        CLASS_LINKING.to_owned()
    } else if is_loading {
        CLASS_LOADING.to_owned()
    } else {
        class_name
    }
}

/// A thread and the monitor it waits for. Two pairs of equal hashes would have to wait at one time to
/// be mixed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct WaitKey {
    pub(crate) thread: i32,
    pub(crate) monitor: i32,
}

/// Waits under way. A thread that dies waiting leaves its entry; only a killed VM does that.
#[derive(Debug, Default)]
pub(crate) struct Waits(HashMap<WaitKey, Instant>);

impl Waits {
    /// The wait begins.
    pub(crate) fn begin(&mut self, key: WaitKey) {
        self.0.insert(key, Instant::now());
    }

    /// The wait is over: how long it was, ns; `None` if its begin is not known.
    pub(crate) fn end(&mut self, key: WaitKey) -> Option<u64> {
        Some(self.0.remove(&key)?.elapsed().as_nanos() as u64)
    }
}
