//! What the events gather between two sendings. One lock, held for moments; no Java code runs under it.

use beehive_trace::{ClassUse, Connection, Generated, MonitorStats, ThreadGroup};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Bytes of generated classes kept for one run.
const GENERATED_BYTES_MAX: usize = 16 << 20;

/// Increments since the last sending, and totals of the run.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    pub(crate) class_uses: Vec<ClassUse>,
    pub(crate) generated: Vec<Generated>,
    pub(crate) losses: BTreeMap<String, u64>,
    pub(crate) threads: HashMap<(String, bool, u32), u64>,
    pub(crate) connections: HashMap<(String, String, u32), u64>,
    monitors: HashMap<(String, u32), (u64, u64)>,
    generated_bytes: usize,
    /// JDK classes that have their probes, by internal name.
    pub(crate) jdk_rewritten: BTreeSet<String>,
    /// Totals of the run.
    pub(crate) hook_ns: u64,
    pub(crate) classes_seen: u64,
    pub(crate) classes_rewritten: u64,
    pub(crate) methods_rewritten: u64,
}

impl Pending {
    /// Counts a loss; zero is none.
    pub(crate) fn lose(&mut self, reason: impl Into<String>, count: u64) {
        if count > 0 {
            *self.losses.entry(reason.into()).or_default() += count;
        }
    }

    /// Keeps the bytes of a class made at run time, within the limit.
    pub(crate) fn generated(&mut self, class: u32, bytes: &[u8]) {
        if self.generated_bytes + bytes.len() > GENERATED_BYTES_MAX {
            self.lose("generated.too_large", 1);
            return;
        }
        self.generated_bytes += bytes.len();
        self.generated.push(Generated { class, bytes: bytes.to_vec() });
    }

    /// Counts one wait for a monitor.
    pub(crate) fn blocked(&mut self, class_name: String, method: u32, ns: u64) {
        let (contended, blocked_ns) = self.monitors.entry((class_name, method)).or_default();
        *contended += 1;
        *blocked_ns += ns;
    }

    /// Counts started threads of one kind.
    pub(crate) fn started(&mut self, group: ThreadGroup) {
        let key = (group.name, group.is_virtual, group.starter);
        *self.threads.entry(key).or_default() += group.started;
    }

    /// Counts a connection.
    pub(crate) fn connected(&mut self, connection: Connection) {
        let key = (connection.peer, connection.opener, connection.method);
        *self.connections.entry(key).or_default() += connection.count;
    }

    pub(crate) fn take_threads(&mut self) -> Vec<ThreadGroup> {
        let groups = std::mem::take(&mut self.threads).into_iter();
        groups
            .map(|((name, is_virtual, starter), started)| ThreadGroup {
                name,
                is_virtual,
                starter,
                started,
            })
            .collect()
    }

    pub(crate) fn take_connections(&mut self) -> Vec<Connection> {
        let connections = std::mem::take(&mut self.connections).into_iter();
        connections
            .map(|((peer, opener, method), count)| Connection { peer, method, opener, count })
            .collect()
    }

    pub(crate) fn take_monitors(&mut self) -> Vec<MonitorStats> {
        let monitors = std::mem::take(&mut self.monitors).into_iter();
        monitors
            .map(|((class_name, method), (contended, blocked_ns))| MonitorStats {
                class_name,
                method,
                contended,
                blocked_ns,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_bytes_are_bounded_and_the_rest_is_counted() {
        let mut pending = Pending::default();
        pending.generated(0, &vec![0; GENERATED_BYTES_MAX]);
        pending.generated(1, &[0]);
        assert_eq!(pending.generated.len(), 1);
        assert_eq!(pending.losses["generated.too_large"], 1);
    }
}
