//! Facts of the host and of processes, read from `/proc`: processor, load, CPU time, listening ports.
//! What cannot be read is left at its empty value.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use nix::sys::resource::{UsageWho, getrusage};
use nix::unistd::{SysconfVar, sysconf};

/// Processor model as `/proc/cpuinfo` names it.
pub fn cpu_model() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = |key: &str| {
        let line = text.lines().find(|line| line.starts_with(key))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    model("model name")
        .or_else(|| model("Processor"))
        .or_else(|| model("CPU part"))
        .unwrap_or_default()
}

/// One-minute load average in hundredths.
pub fn load_average_centi() -> u64 {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let average: f64 = text.split(' ').next().and_then(|v| v.parse().ok()).unwrap_or_default();
    (average * 100.0).round() as u64
}

/// Operating system and architecture, e.g. `linux x86_64`.
pub fn platform() -> String {
    format!("{} {}", std::env::consts::OS, std::env::consts::ARCH)
}

/// Milliseconds since 1970.
pub(crate) fn now_unix_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_millis() as u64
}

/// Processor time of all ended and waited-for children, µs.
pub(crate) fn children_cpu_us() -> u64 {
    let Ok(usage) = getrusage(UsageWho::RUSAGE_CHILDREN) else { return 0 };
    let micros = |t: nix::sys::time::TimeVal| t.tv_sec() as u64 * 1_000_000 + t.tv_usec() as u64;
    micros(usage.user_time()) + micros(usage.system_time())
}

/// Processor time of a living process with its ended threads, µs; a multiple of a clock tick.
pub fn process_cpu_us(pid: u32) -> Option<u64> {
    let fields = stat_fields(pid)?;
    let ticks = |index: usize| fields.get(index)?.parse::<u64>().ok();
    let per_second = sysconf(SysconfVar::CLK_TCK).ok().flatten().unwrap_or(100) as u64;
    // Fields 14 and 15 of proc(5); the two before the name's end are cut off.
    Some((ticks(11)? + ticks(12)?) * 1_000_000 / per_second)
}

/// Start time of a process in clock ticks since boot: tells a process from a later one of its id.
pub(crate) fn process_start_ticks(pid: u32) -> Option<u64> {
    stat_fields(pid)?.get(19)?.parse().ok()
}

/// Fields of `/proc/pid/stat` behind the name, which may hold anything; `None` for the dead.
fn stat_fields(pid: u32) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(')')?;
    let fields: Vec<String> = rest.split_whitespace().map(str::to_owned).collect();
    // A process that has ended and was not waited for yet is dead too.
    let is_dead = fields.first().is_some_and(|state| state == "Z" || state == "X");
    (!is_dead).then_some(fields)
}

/// TCP ports a process listens at, sorted.
pub(crate) fn listening_ports(pid: u32) -> Vec<u16> {
    let sockets = socket_inodes(pid);
    let mut ports = BTreeSet::new();
    for table in ["tcp", "tcp6"] {
        let text = std::fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default();
        for line in text.lines().skip(1) {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let is_listening = fields.get(3) == Some(&"0A");
            let inode = fields.get(9).and_then(|inode| inode.parse().ok());
            let port = fields.get(1).and_then(|local| local.rsplit_once(':'));
            if is_listening && inode.is_some_and(|inode: u64| sockets.contains(&inode)) {
                ports.extend(port.and_then(|(_, port)| u16::from_str_radix(port, 16).ok()));
            }
        }
    }
    ports.into_iter().collect()
}

fn socket_inodes(pid: u32) -> BTreeSet<u64> {
    let entries = std::fs::read_dir(Path::new("/proc").join(pid.to_string()).join("fd"));
    let links = entries.into_iter().flatten().flatten().filter_map(|e| e.path().read_link().ok());
    links
        .filter_map(|link| {
            let text = link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned();
            text.parse().ok()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_of_this_process_are_read() {
        let own = std::process::id();
        let before = process_cpu_us(own).unwrap();
        let mut x = 1u64;
        while process_cpu_us(own).unwrap() < before + 30_000 {
            x = std::hint::black_box(x.wrapping_mul(3));
        }
        assert!(process_start_ticks(own).unwrap() > 0);
        assert!(!cpu_model().is_empty());
        assert_eq!(process_cpu_us(u32::MAX), None);
    }

    #[test]
    fn a_listening_port_is_found_and_a_closed_one_is_not() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(listening_ports(std::process::id()).contains(&port));
        drop(listener);
        assert!(!listening_ports(std::process::id()).contains(&port));
    }
}
