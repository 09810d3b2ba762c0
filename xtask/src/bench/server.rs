//! The forum application as a measured process: started under one configuration, its request threads'
//! processor time read from the kernel, stopped.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::process::{Step, root};

/// A running forum.
pub struct Server {
    child: Child,
    pid: u32,
    /// Time from launch to the first answer, ms.
    pub ready_ms: u64,
}

impl Server {
    /// Starts `command` (a JVM, or beehive around one) and waits for the first answer on `port`.
    pub fn start(mut command: Command, port: u16) -> Step<Self> {
        let log = std::fs::File::create(root().join("target/bench-server.log"))
            .map_err(|e| e.to_string())?;
        let errors = log.try_clone().map_err(|e| e.to_string())?;
        command.stdin(Stdio::null()).stdout(log).stderr(errors);
        let start = Instant::now();
        let child = command.spawn().map_err(|e| format!("cannot start the server: {e}"))?;
        let mut server = Self { pid: child.id(), child, ready_ms: 0 };
        while super::load::until_requests(port, &["/api/topics"], 1, 1).failed > 0 {
            if start.elapsed() > Duration::from_secs(90) {
                return Err("the server did not answer; see target/bench-server.log".to_owned());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        server.ready_ms = start.elapsed().as_millis() as u64;
        server.pid = java_process(server.pid).unwrap_or(server.pid);
        Ok(server)
    }

    /// Process id of the JVM.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Processor time of the request threads so far, ns, by the kernel's scheduler statistics.
    pub fn request_cpu_ns(&self) -> u64 {
        let tasks = PathBuf::from(format!("/proc/{}/task", self.pid));
        let threads = std::fs::read_dir(tasks).into_iter().flatten().flatten();
        threads.map(|thread| request_thread_cpu_ns(&thread.path())).sum()
    }

    /// JVMs that beehive has started beside the server: its workers.
    pub fn other_jvms(&self) -> Vec<u32> {
        java_processes(self.child.id()).into_iter().filter(|pid| *pid != self.pid).collect()
    }

    /// Resident memory, MB.
    pub fn resident_mb(&self) -> Option<u64> {
        resident_mb(self.pid)
    }

    /// Asks beehive, which is around the server, to write what it has measured so far.
    pub fn ask_for_record(&self) {
        let _ = Command::new("kill").args(["-USR1", &self.child.id().to_string()]).status();
    }

    /// Processor time of the whole process so far, in clock ticks of 10 ms.
    pub fn process_cpu_ticks(&self) -> u64 {
        cpu_ticks(self.pid)
    }

    /// Ends the JVM and waits for whatever was started around it.
    pub fn stop(mut self) {
        let _ = Command::new("kill").arg(self.pid.to_string()).status();
        let deadline = Instant::now() + Duration::from_secs(20);
        while Instant::now() < deadline {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let _ = Command::new("kill").args(["-9", &self.pid.to_string()]).status();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Processor time of a process so far, in clock ticks of 10 ms; 0 if it has ended.
pub fn cpu_ticks(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name.split_whitespace().skip(11).take(2).filter_map(|w| w.parse::<u64>().ok()).sum()
}

/// Resident memory of a process, MB.
pub fn resident_mb(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? / 1024)
}

fn request_thread_cpu_ns(thread: &Path) -> u64 {
    let name = std::fs::read_to_string(thread.join("comm")).unwrap_or_default();
    if !name.starts_with("http-nio") {
        return 0;
    }
    let times = std::fs::read_to_string(thread.join("schedstat")).unwrap_or_default();
    times.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or(0)
}

/// The first child of `parent` that is a JVM, if `parent` is not one itself.
fn java_process(parent: u32) -> Option<u32> {
    java_processes(parent).first().copied()
}

/// The children of `parent` that are JVMs, in the order in which they were started.
fn java_processes(parent: u32) -> Vec<u32> {
    let children = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"));
    let is_java = |pid: &u32| {
        let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        name.trim() == "java"
    };
    let children = children.unwrap_or_default();
    children.split_whitespace().filter_map(|word| word.parse().ok()).filter(is_java).collect()
}
